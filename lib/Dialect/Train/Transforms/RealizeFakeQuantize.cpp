// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores what was trained through quantization: codes and scales.

#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/Transforms/Realize/QuantizedConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <cmath>

namespace condense::train {
#define GEN_PASS_DEF_REALIZEFAKEQUANTIZEPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// Scales, which are trained as logarithms, rounded to the type in which they are stored.
static FailureOr<std::vector<float>> readScales(FakeQuantizeOp op, Type stored) {
  auto exponential = op.getScales().getDefiningOp<nn::ExpOp>();
  FailureOr<std::vector<float>> scales = evaluateElements(exponential ? exponential.getInput() : op.getScales());
  if (failed(scales))
    return op.emitOpError("has scales that are not computed from constants");
  if (exponential)
    for (float &scale : *scales)
      scale = std::exp(scale);
  scales = HostTensor::fromFloats(op.getScales().getType().clone(stored), *scales).toFloats();
  if (!llvm::all_of(*scales, [](float scale) { return std::isfinite(scale) && scale > 0; }))
    return op.emitOpError() << "has a scale that is not finite and positive as " << stored
                            << ": train with a smaller learning rate, or store scales as f32";
  return scales;
}

static compress::QuantizeSchemeAttr makeScheme(Type storage, Type scale) {
  return compress::QuantizeSchemeAttr::get(storage.getContext(), storage, /*block=*/0, scale,
                                           compress::ScaleAlgorithm::MinMax, compress::Ragged::Error,
                                           /*codebook=*/{}, /*scale_block=*/0, /*damping=*/{}, /*act_order=*/false,
                                           /*residual=*/false);
}

/// Codes and scales of a constant.
static FailureOr<Value> realizeWeight(OpBuilder &builder, FakeQuantizeOp op) {
  Type stored = op.getStoredScale().value_or(builder.getF32Type());
  FailureOr<std::vector<float>> scales = readScales(op, stored);
  FailureOr<std::vector<float>> elements = evaluateElements(op.getInput());
  if (failed(scales))
    return failure();
  if (failed(elements))
    return op.emitOpError("has an input that cannot be read");
  std::vector<uint8_t> zeroPoints;
  if (op.getZeroPoints()) {
    FailureOr<std::vector<float>> values = evaluateElements(op.getZeroPoints());
    if (failed(values))
      return op.emitOpError("has zero points that are not constant");
    zeroPoints.assign(values->begin(), values->end());
  }
  compress::QuantizeSchemeAttr scheme = makeScheme(op.getStorage(), stored);
  compress::QuantizedConstant quantized =
      compress::encodeRounded(op.getInput().getType(), *elements, *elements, op.getScales().getType().getShape(),
                              std::move(*scales), std::move(zeroPoints), compress::getSpec(scheme));
  if (quantized.result.nonFinite >= 0)
    return op.emitOpError("has an input that is NaN or infinite");
  Value expression =
      compress::buildExpression(builder, op.getLoc(), quantized, scheme,
                                op.getInput().getDefiningOp<compress::ScatterOp>(), getLayerName(op.getLoc()));
  if (!expression)
    return op.emitOpError("has an input whose positions cannot be read");
  return expression;
}

static FailureOr<Value> realizeActivation(OpBuilder &builder, FakeQuantizeOp op) {
  FailureOr<std::vector<float>> scales = readScales(op, builder.getF32Type());
  if (failed(scales))
    return failure();
  auto type = op.getScales().getType().clone(builder.getF32Type());
  Value constant =
      arith::ConstantOp::create(builder, op.getLoc(), DenseElementsAttr::get(type, ArrayRef<float>(*scales)));
  auto codeType = cast<RankedTensorType>(op.getInput().getType().clone(op.getStorage()));
  Value codes =
      compress::QuantizeOp::create(builder, op.getLoc(), codeType, op.getInput(), constant, op.getZeroPoints());
  return compress::DequantizeOp::create(builder, op.getLoc(), op.getOutput().getType(), codes, constant,
                                        op.getZeroPoints())
      .getOutput();
}

/// Floats and logarithms of scales that nothing reads any more.
static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

namespace {
struct RealizeFakeQuantizePass : train::impl::RealizeFakeQuantizePassBase<RealizeFakeQuantizePass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network)
      return signalPassFailure();
    WalkResult walk = network.walk([&](FakeQuantizeOp op) {
      OpBuilder builder(op);
      bool isWeight = isConstantExpression(op.getInput());
      FailureOr<Value> realized = isWeight ? realizeWeight(builder, op) : realizeActivation(builder, op);
      if (failed(realized))
        return WalkResult::interrupt();
      op.getOutput().replaceAllUsesWith(*realized);
      op.erase();
      isWeight ? ++numWeights : ++numActivations;
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return signalPassFailure();
    eraseDead(network.front());
  }
};
} // namespace
