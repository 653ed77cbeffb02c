// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Puts fake quantization where quantized weights are requested and where activations are
// quantized, with scales that can be trained.

#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Realize/BlockShape.h"
#include "condense/Dialect/Compress/Transforms/Realize/QuantizedConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Support/DebugStringHelper.h"
#include <cmath>

namespace condense::train {
#define GEN_PASS_DEF_FAKEQUANTIZEPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// A block of zeros has no scale to start from; this is the smallest of f16.
static constexpr float kLeastScale = 0x1p-24f;

/// Scales as `exp` of a constant that is trained instead.
static Value buildScales(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<float> scales,
                         const Twine &name) {
  std::vector<float> logarithms;
  for (float scale : scales)
    logarithms.push_back(std::log(std::max(scale, kLeastScale)));
  Value constant = createTensorConstant<float>(builder, loc, type, ArrayRef<float>(logarithms), name.str());
  return nn::ExpOp::create(builder, loc, constant);
}

/// Why a request has no gradient; empty if it has.
static StringRef getObstacle(compress::QuantizeSchemeAttr scheme, Value target) {
  if (scheme.getCodebook())
    return "a codebook";
  if (scheme.getScaleBlock())
    return "scales that are quantized";
  if (isa<Float8E8M0FNUType>(scheme.getScale()))
    return "scales that are powers of two";
  if (scheme.getResidual())
    return "a residual";
  if (target.getDefiningOp<compress::ScatterOp>() && scheme.getStorage().isUnsignedInteger())
    return "unsigned codes of a pruned weight";
  return "";
}

static Value buildZeroPoints(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<uint8_t> values) {
  if (values.empty())
    return {};
  SmallVector<APInt> codes;
  for (uint8_t value : values)
    codes.emplace_back(type.getElementTypeBitWidth(), value);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, codes));
}

namespace {
struct FakeQuantizePass : train::impl::FakeQuantizePassBase<FakeQuantizePass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network)
      return signalPassFailure();
    for (const Layer &layer : getLayers(network))
      if (auto scheme = compress::takeRequest<compress::QuantizeSchemeAttr>(layer.op))
        for (const WeightTarget &target : findWeightTargets(layer.op))
          if (failed(quantize(layer, target, scheme)))
            return signalPassFailure();
    network.walk([&](compress::DequantizeOp op) { replacePair(op); });
  }

private:
  LogicalResult quantize(const Layer &layer, const WeightTarget &target, compress::QuantizeSchemeAttr scheme) {
    CompressibleOpInterface op = layer.op;
    if (StringRef obstacle = getObstacle(scheme, target.value); !obstacle.empty())
      return op->emitOpError()
             << "layer '" << layer.name << "': " << obstacle
             << " cannot be trained: request plain scales of f16 or f32 and signed codes, or quantize "
                "after training";
    Value &result = made[{target.value, scheme}];
    if (!result) {
      FailureOr<Value> built = build(layer, target, scheme);
      if (failed(built))
        return failure();
      result = *built;
      ++numWeights;
    }
    target.path.back()->set(result);
    remark::passed(op->getLoc(), remark::RemarkOpts::name("fake-quantize").category("train").function(layer.name))
        << remark::metric("Storage", debugString(scheme.getStorage()));
    return success();
  }

  /// Fake quantization of the target, with the scales that the scheme's algorithm chooses.
  FailureOr<Value> build(const Layer &layer, const WeightTarget &target, compress::QuantizeSchemeAttr scheme) {
    CompressibleOpInterface op = layer.op;
    FailureOr<SmallVector<int64_t>> shape = compress::getScaleShape(op, target, scheme);
    if (failed(shape))
      return failure();
    FailureOr<std::vector<float>> elements = evaluateElements(target.value);
    if (failed(elements))
      return op->emitOpError() << "layer '" << layer.name << "': its weight cannot be read";
    compress::QuantizedConstant quantized =
        compress::quantizeElements(cast<RankedTensorType>(target.value.getType()), *elements, *shape,
                                   compress::getChannelShape(op, target), compress::getSpec(scheme));
    if (quantized.result.nonFinite >= 0)
      return op->emitOpError() << "layer '" << layer.name << "': its weight is NaN or infinite at element "
                               << quantized.result.nonFinite;
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(target.value);
    Location loc = target.value.getLoc();
    auto scaleType = RankedTensorType::get(*shape, builder.getF32Type());
    Value scales = buildScales(builder, loc, scaleType, quantized.scales, layer.name + ".log_scales");
    Value zeroPoints = buildZeroPoints(builder, loc, scaleType.clone(scheme.getStorage()), quantized.zeroPoints);
    return FakeQuantizeOp::create(builder, loc, target.value, scales, zeroPoints, scheme.getStorage(),
                                  TypeAttr::get(scheme.getScale()))
        .getOutput();
  }

  /// A quantized activation.
  void replacePair(compress::DequantizeOp op) {
    auto codes = op.getCodes().getDefiningOp<compress::QuantizeOp>();
    if (!codes || codes.getScales() != op.getScales() || codes.getZeroPoints() != op.getZeroPoints())
      return;
    std::optional<HostTensor> scales = HostTensor::get(op.getScales());
    FailureOr<std::vector<float>> values = failure();
    if (scales && scales->getType().getElementType().isF32())
      values = scales->toFloats();
    if (failed(values))
      return;
    OpBuilder builder(op);
    Value trained =
        buildScales(builder, op.getLoc(), scales->getType(), *values, getLayerName(op.getLoc()) + ".log_scales");
    op.getOutput().replaceAllUsesWith(FakeQuantizeOp::create(builder, op.getLoc(), codes.getInput(), trained,
                                                             op.getZeroPoints(),
                                                             codes.getCodes().getType().getElementType(), TypeAttr()));
    op.erase();
    if (codes->use_empty())
      codes.erase();
    ++numActivations;
  }

  /// What layers share is quantized once.
  llvm::DenseMap<std::pair<Value, Attribute>, Value> made;
};
} // namespace
