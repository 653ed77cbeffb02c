// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for quantized activations into quantize/dequantize pairs, with
// the scale of a calibrated range or with scales that the graph computes.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Numerics/RangeObserver.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

namespace condense::compress {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// `dequantize(quantize(x))` with the scale of the range.
static Value buildStaticPair(OpBuilder &builder, Location loc, Value x, ActivationSchemeAttr scheme) {
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

/// Which dimensions of the activation share a scale: those that the layer sums over, and those of an image, so
/// that a sample's result does not depend on its batch.
static SmallVector<int64_t> getSharedDims(const Layer &layer, int64_t rank) {
  int64_t first = isa<nn::Conv2DOp>(*layer.op) ? 1 : rank - 1;
  return llvm::to_vector(llvm::seq(first, rank));
}

/// Why the layer's activation cannot be quantized at run time, or "".
static std::string getObstacle(const Layer &layer, RankedTensorType type, ActivationSchemeAttr scheme) {
  if (!isa<nn::LinearOp, nn::MatmulOp, nn::Conv2DOp>(*layer.op))
    return "dynamic quantization is for nn.linear, nn.matmul and nn.conv2d: request a calibration for this layer";
  if (type.getRank() < 1 || !isa<FloatType>(type.getElementType()))
    return "the activation to be quantized has no rows of floats";
  if (int64_t block = scheme.getBlock()) {
    if (isa<nn::Conv2DOp>(*layer.op))
      return "a convolution's activation has one dynamic scale for each sample: request block = 0";
    int64_t size = type.getShape().back();
    if (ShapedType::isDynamic(size) || size % block != 0)
      return "a dynamic scale for each " + std::to_string(block) +
             " elements needs rows of a multiple of that: request a divisor, or block = 0 for one scale for each row";
  }
  return "";
}

/// `max|x| / 127` of what shares a scale, at least the smallest normal number: zeros are then divided by that.
static Value buildDynamicScales(ImplicitLocOpBuilder &b, Value x, ArrayRef<int64_t> axes, int64_t block) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> reduced(axes), shape(type.getShape());
  if (block) {
    SmallVector<int64_t> request(type.getRank() - 1, 0), blocked(shape);
    blocked.back() /= block;
    request.push_back(blocked.back());
    shape = blocked;
    for (SmallVector<int64_t> *sizes : {&request, &blocked})
      sizes->push_back(block);
    x = nn::ReshapeOp::create(b, type.clone(blocked), x, b.getDenseI64ArrayAttr(request));
    reduced = {type.getRank()};
  } else {
    for (int64_t axis : axes)
      shape[axis] = 1;
  }
  Type f32 = b.getF32Type();
  Value magnitudes = nn::AbsOp::create(b, x.getType(), x);
  Value largest = nn::ReduceMaxOp::create(b, type.clone(shape), magnitudes, b.getDenseI64ArrayAttr(reduced),
                                          block ? UnitAttr() : b.getUnitAttr());
  RankedTensorType scaleType = RankedTensorType::get(shape, f32);
  if (scaleType != largest.getType())
    largest = nn::CastOp::create(b, scaleType, largest, TypeAttr::get(f32));
  auto scalar = [&](float value) -> Value {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, f32), value));
  };
  Value scales = nn::MulOp::create(b, scaleType, largest, scalar(1.0f / 127));
  return nn::MaxOp::create(b, scaleType, scales, scalar(std::numeric_limits<float>::min()));
}

static Value buildDynamicPair(OpBuilder &builder, const Layer &layer, Value x, ActivationSchemeAttr scheme) {
  ImplicitLocOpBuilder b(layer.op->getLoc(), builder);
  auto type = cast<RankedTensorType>(x.getType());
  Value scales = buildDynamicScales(b, x, getSharedDims(layer, type.getRank()), scheme.getBlock());
  auto codes = QuantizeOp::create(b, type.clone(scheme.getStorage()), x, scales, Value());
  codes->setAttr(CompressDialect::kFitsAttrName, b.getUnitAttr());
  return DequantizeOp::create(b, type, codes, scales, Value());
}

namespace {
struct QuantizeActivationsPass : public condense::compress::impl::QuantizeActivationsPassBase<QuantizeActivationsPass> {
  void runOnOperation() override {
    // Layers of one kind share what they quantize in one way.
    DenseMap<std::tuple<Value, Attribute, unsigned>, Value> pairs;
    for (Layer layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      auto scheme = op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
      if (!scheme)
        continue;
      if (scheme.needsRange()) {
        op->emitOpError("the activation to be quantized has no range: calibrate, then run compress-apply-ranges");
        return signalPassFailure();
      }
      OpOperand &activation = layer.op.getActivationOperand();
      auto type = dyn_cast<RankedTensorType>(activation.get().getType());
      std::string obstacle = !type                ? "the activation to be quantized is no ranked tensor"
                             : scheme.isDynamic() ? getObstacle(layer, type, scheme)
                                                  : "";
      if (!obstacle.empty()) {
        op->emitOpError(obstacle);
        return signalPassFailure();
      }
      Value &pair = pairs[{activation.get(), scheme, unsigned(scheme.isDynamic() && isa<nn::Conv2DOp>(op))}];
      if (!pair) {
        // right after it, so that it dominates all readers
        OpBuilder builder(op);
        builder.setInsertionPointAfterValue(activation.get());
        pair = scheme.isDynamic() ? buildDynamicPair(builder, layer, activation.get(), scheme)
                                  : buildStaticPair(builder, op->getLoc(), activation.get(), scheme);
        ++quantized;
      }
      activation.set(pair);
      op->removeAttr(CompressDialect::kActivationSchemeAttrName);
      report(layer, scheme);
    }
  }

private:
  static void report(const Layer &layer, ActivationSchemeAttr scheme) {
    auto remark = remark::passed(
        layer.op->getLoc(), remark::RemarkOpts::name("quantize-activations").category("compress").function(layer.name));
    if (scheme.isDynamic())
      remark << remark::metric("Dynamic", isa<nn::Conv2DOp>(*layer.op) ? "sample"
                                          : scheme.getBlock()          ? "block"
                                                                       : "row");
    else
      remark << remark::metric("Low", scheme.getLow().getValueAsDouble())
             << remark::metric("High", scheme.getHigh().getValueAsDouble());
  }
};
} // namespace
