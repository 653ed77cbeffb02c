// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Requests the quantization of weights: one scheme for all layers that match.

#include "LayerFilter.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"

namespace condense::compress {
#define GEN_PASS_DEF_ANNOTATEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static int64_t getElements(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  return cast<ShapedType>(op.getWeightOperand().get().getType()).getNumElements();
}

/// Keeps the smallest layers that together hold at most `share` of the elements of all.
static void keepSmallest(SmallVector<Layer> &layers, double share) {
  llvm::stable_sort(layers, [](const Layer &a, const Layer &b) { return getElements(a) < getElements(b); });
  int64_t total = 0, sum = 0;
  for (const Layer &layer : layers)
    total += getElements(layer);
  Layer *end = llvm::find_if(layers, [&](const Layer &layer) { return (sum += getElements(layer)) > share * total; });
  layers.erase(end, layers.end());
}

namespace {
struct AnnotateWeightsPass : public condense::compress::impl::AnnotateWeightsPassBase<AnnotateWeightsPass> {
  using Base::Base;

  /// The scheme that the options describe; null for `storage=none`.
  FailureOr<QuantizeSchemeAttr> getScheme(Location loc) {
    if (storage == "none")
      return QuantizeSchemeAttr();
    FailureOr<Type> storageType = parseTypeOption(loc, "storage", storage);
    FailureOr<Type> scaleType = parseTypeOption(loc, "scale", scale);
    if (failed(storageType) || failed(scaleType))
      return failure();
    std::optional<ScaleAlgorithm> algorithmKind = symbolizeScaleAlgorithm(algorithm);
    if (!algorithmKind)
      return emitError(loc) << "algorithm: unknown '" << algorithm << "'; expected minmax, mse or squant", failure();
    std::optional<Ragged> raggedKind = symbolizeRagged(ragged);
    if (!raggedKind)
      return emitError(loc) << "ragged: unknown '" << ragged << "'; expected error or shrink", failure();
    auto scheme = QuantizeSchemeAttr::getChecked([&] { return emitError(loc); }, &getContext(), *storageType, block.getValue(),
                                                 *scaleType, *algorithmKind, *raggedKind);
    if (!scheme)
      return failure();
    return scheme;
  }

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, ops, minElements);
    FailureOr<QuantizeSchemeAttr> scheme = getScheme(loc);
    if (!(smallestShare > 0 && smallestShare <= 1)) {
      emitError(loc) << "smallest-share: " << smallestShare << " is not above 0 and at most 1";
      return signalPassFailure();
    }
    if (failed(filter) || failed(scheme))
      return signalPassFailure();
    SmallVector<Layer> matching = llvm::filter_to_vector(getLayers(getOperation()), [&](const Layer &layer) {
      return filter->matches(layer);
    });
    keepSmallest(matching, smallestShare);
    for (const Layer &layer : matching) {
      if (!*scheme) {
        layer.op->removeAttr(CompressDialect::kWeightSchemeAttrName);
        continue;
      }
      layer.op->setAttr(CompressDialect::kWeightSchemeAttrName, *scheme);
      ++annotated;
    }
  }
};
} // namespace
