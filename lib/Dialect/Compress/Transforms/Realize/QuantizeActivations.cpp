// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for quantized activations into quantize/dequantize pairs.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Numerics/RangeObserver.h"
#include "mlir/IR/Remarks.h"

namespace condense::compress {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// `dequantize(quantize(x))` right after `x`, so that it dominates all readers.
static Value buildPair(OpBuilder &builder, Location loc, Value x, ActivationSchemeAttr scheme) {
  auto type = cast<RankedTensorType>(x.getType());
  numerics::ActivationScale scale = numerics::chooseActivationScale(
      getCodeFormat(scheme.getStorage()), {scheme.getLow().getValueAsDouble(), scheme.getHigh().getValueAsDouble()});
  auto scaleType = RankedTensorType::get(SmallVector<int64_t>(type.getRank(), 1), builder.getF32Type());
  Value scales = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(scaleType, scale.scale));
  Value zeroPoint;
  if (scheme.getStorage().isUnsignedInteger()) {
    RankedTensorType zeroType = scaleType.clone(scheme.getStorage());
    zeroPoint = arith::ConstantOp::create(builder, loc,
                                          DenseElementsAttr::get(zeroType, static_cast<uint8_t>(scale.zeroPoint)));
  }
  Value codes = QuantizeOp::create(builder, loc, type.clone(scheme.getStorage()), x, scales, zeroPoint);
  return DequantizeOp::create(builder, loc, type, codes, scales, zeroPoint);
}

namespace {
struct QuantizeActivationsPass : public condense::compress::impl::QuantizeActivationsPassBase<QuantizeActivationsPass> {
  void runOnOperation() override {
    DenseMap<std::pair<Value, Attribute>, Value> pairs;
    for (Layer layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      auto scheme = op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
      if (!scheme)
        continue;
      if (!scheme.getLow()) {
        op->emitOpError("the activation to be quantized has no range: calibrate, then run compress-apply-ranges");
        return signalPassFailure();
      }
      OpOperand &activation = layer.op.getActivationOperand();
      if (!isa<RankedTensorType>(activation.get().getType())) {
        op->emitOpError("the activation to be quantized is no ranked tensor");
        return signalPassFailure();
      }
      Value &pair = pairs[{activation.get(), scheme}];
      if (!pair) {
        OpBuilder builder(op);
        builder.setInsertionPointAfterValue(activation.get());
        pair = buildPair(builder, op->getLoc(), activation.get(), scheme);
        ++quantized;
      }
      activation.set(pair);
      op->removeAttr(CompressDialect::kActivationSchemeAttrName);
      remark::passed(op->getLoc(),
                     remark::RemarkOpts::name("quantize-activations").category("compress").function(layer.name))
          << remark::metric("Low", scheme.getLow().getValueAsDouble())
          << remark::metric("High", scheme.getHigh().getValueAsDouble());
    }
  }
};
} // namespace
