// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verifies the contract after the realize stage. The operations' own verifiers
// check shapes and types; here it is what they cannot see: requests that were
// lost, the values of scales and positions, and whether weights still have the
// structure that the passes gave them.

#include "VerifyStructure.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Verify/Passes.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_VERIFYCOMPRESSIONPASS
#include "condense/Dialect/Compress/Transforms/Verify/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static LogicalResult verifyHonoured(Operation *op) {
  if (isa<ObserveOp>(op))
    return op->emitOpError("is left after the realize stage: run compress-lower-observers and calibrate, or remove it");
  if (Attribute request = op->getAttr(CompressDialect::kWeightSchemeAttrName))
    return op->emitOpError("has a request that was not realized: ") << request << ": run the pass that honours it";
  if (op->hasAttr(CompressDialect::kActivationSchemeAttrName))
    return op->emitOpError("has an activation scheme that was not realized: run compress-quantize-activations");
  return success();
}

/// Scales that are no constants cannot be checked here.
static LogicalResult verifyScales(Operation *op, Value scales) {
  FailureOr<std::vector<float>> values = evaluateFloats(scales);
  if (failed(values))
    return success();
  for (auto [index, value] : llvm::enumerate(*values))
    if (value == 0 || !std::isfinite(value))
      return op->emitOpError() << "scale " << index << " is " << value << "; scales must be finite and not zero";
  return success();
}

/// A stream that is no constant cannot be checked here.
static LogicalResult verifyStream(EntropyDecodeOp decode) {
  if (!llvm::all_of(decode.getOperands(), [](Value operand) { return HostTensor::get(operand).has_value(); }))
    return success();
  if (failed(evaluateExpression(decode.getCodes())))
    return decode.emitOpError("has a damaged stream: it does not decode to ") << decode.getCodes().getType();
  return success();
}

namespace {
struct VerifyCompressionPass : public condense::compress::impl::VerifyCompressionPassBase<VerifyCompressionPass> {
  using Base::Base;

  void runOnOperation() override {
    bool sound = true;
    getOperation()->walk([&](Operation *op) {
      sound &= !requests || succeeded(verifyHonoured(op));
      if (auto scatter = dyn_cast<ScatterOp>(op))
        sound &= succeeded(verifyPositions(scatter));
      if (auto decode = dyn_cast<EntropyDecodeOp>(op))
        sound &= succeeded(verifyStream(decode));
      if (auto lookup = dyn_cast<LookupOp>(op))
        sound &= succeeded(verifyIndices(lookup));
      Value scales;
      if (auto dequantize = dyn_cast<DequantizeOp>(op))
        scales = dequantize.getScales();
      else if (auto quantize = dyn_cast<QuantizeOp>(op))
        scales = quantize.getScales();
      if (!scales)
        return;
      sound &= succeeded(verifyScales(op, scales));
      ++checked;
    });
    // Only where all leaves are sound.
    for (const Layer &layer : getLayers(getOperation()))
      if (sound && layer.op->hasAttr(CompressDialect::kStructureAttrName)) {
        sound &= succeeded(verifyStructure(layer));
        ++structures;
      }
    if (!sound)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
