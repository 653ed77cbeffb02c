// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes the entries of codebooks 8-bit integers where activations are, so that
// their products are integers.

#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/Codebooks.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_ROUNDCODEBOOKSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The look-up that the weight is computed from by scaling and transposing, or null.
static LookupOp findLookup(Value weight) {
  while (Operation *def = weight.getDefiningOp()) {
    if (auto lookup = dyn_cast<LookupOp>(def))
      return lookup;
    if (!isa<DequantizeOp, nn::TransposeOp>(def))
      break;
    weight = def->getOperand(0);
  }
  return {};
}

static bool isQuantized(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  auto dequantize = op.getActivationOperand().get().getDefiningOp<DequantizeOp>();
  return dequantize && dequantize.getCodes().getType().getElementType().isInteger(8);
}

static bool isInteger(float entry) { return entry == std::nearbyint(entry) && std::fabs(entry) <= 127; }

/// How much a weight expression changes; 0 where it cannot be evaluated.
static double getChange(Value before, Value after) {
  FailureOr<HostTensor> first = evaluateExpression(before), second = evaluateExpression(after);
  if (failed(first) || failed(second))
    return 0;
  FailureOr<std::vector<float>> a = first->toFloats(), b = second->toFloats();
  return failed(a) || failed(b) ? 0 : getRelativeError(*a, *b);
}

/// `dequantize(lookup(indices, integers), steps)` in the place of `lookup`.
static DequantizeOp buildRounded(LookupOp lookup, std::vector<float> entries, StringRef layer) {
  RankedTensorType book = lookup.getCodebook().getType(), type = lookup.getOutput().getType();
  int64_t count = book.getShape().back();
  std::vector<float> steps;
  for (size_t first = 0; first < entries.size(); first += count)
    steps.push_back(numerics::roundCodebook(std::span(entries).subspan(first, count)));
  ImplicitLocOpBuilder b(lookup.getLoc(), lookup);
  b.setInsertionPointAfter(lookup);
  HostTensor host = HostTensor::fromFloats(book, entries);
  ArrayRef<char> bytes = host.getBytes();
  Value integers = createTensorConstant(b, b.getLoc(), book, std::vector<char>(bytes.begin(), bytes.end()),
                                        layer.str() + ".codebook");
  auto stepType = RankedTensorType::get(book.getShape().drop_back(), b.getF32Type());
  Value scales = createTensorConstant<float>(b, b.getLoc(), stepType, ArrayRef<float>(steps), layer.str() + ".steps");
  Value values = LookupOp::create(b, type, lookup.getIndices(), integers);
  return DequantizeOp::create(b, type, values, scales, Value());
}

static void discard(DequantizeOp scaled) {
  auto lookup = scaled.getCodes().getDefiningOp<LookupOp>();
  for (Operation *op : {scaled.getOperation(), scaled.getScales().getDefiningOp(), lookup.getOperation(),
                        lookup.getCodebook().getDefiningOp()})
    op->erase();
}

namespace {
struct RoundCodebooksPass : public condense::compress::impl::RoundCodebooksPassBase<RoundCodebooksPass> {
  void runOnOperation() override {
    // Layers may share a look-up; others may read it with activations that are floats.
    DenseMap<Value, Value> rounded;
    for (const Layer &layer : getLayers(getOperation()))
      if (isQuantized(layer))
        round(layer, rounded);
  }

private:
  static remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name("round-codebooks").category("compress").function(layer.name);
  }
  static void leaveAlone(const Layer &layer, const Twine &reason) {
    remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
  }

  void round(const Layer &layer, DenseMap<Value, Value> &rounded) {
    CompressibleOpInterface op = layer.op;
    LookupOp lookup = findLookup(op.getWeightOperand().get());
    if (!lookup)
      return;
    FailureOr<std::vector<float>> entries = evaluateFloats(lookup.getCodebook());
    if (failed(entries) || !llvm::all_of(*entries, [](float entry) { return std::isfinite(entry); }))
      return leaveAlone(layer, "the codebook is no constant of finite numbers");
    if (llvm::all_of(*entries, isInteger))
      return;
    Value &replacement = rounded[lookup.getOutput()];
    if (!replacement) {
      DequantizeOp scaled = buildRounded(lookup, std::move(*entries), layer.name);
      double error = getChange(lookup.getOutput(), scaled.getOutput());
      auto bound = layer.op->getAttrOfType<FloatAttr>(CompressDialect::kMaxErrorAttrName);
      if (bound && error > bound.getValueAsDouble()) {
        discard(scaled);
        rounded.erase(lookup.getOutput());
        return leaveAlone(layer, "rounding its codebook would exceed max_error");
      }
      remark::passed(layer.op->getLoc(), getRemark(layer))
          << remark::metric("Entries", lookup.getCodebook().getType().getShape().back())
          << remark::metric("RelativeError", error);
      replacement = scaled;
      ++numRounded;
    }
    replaceFor(op.getWeightOperand(), lookup, replacement);
  }

  /// Rebuilds what is between the look-up and the layer, which others may read.
  static void replaceFor(OpOperand &weight, LookupOp lookup, Value replacement) {
    SmallVector<Operation *> path;
    for (Value value = weight.get(); value != lookup.getOutput(); value = path.back()->getOperand(0))
      path.push_back(value.getDefiningOp());
    OpBuilder builder(weight.getOwner());
    for (Operation *op : llvm::reverse(path)) {
      Operation *clone = builder.clone(*op);
      clone->setOperand(0, replacement);
      replacement = clone->getResult(0);
    }
    weight.set(replacement);
    path.push_back(lookup);
    for (Operation *op : path)
      if (op->use_empty())
        op->erase();
  }
};
} // namespace
