// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Requests the quantization of weights: one scheme for all layers that match.

#include "LayerFilter.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"

namespace condense::compress {
#define GEN_PASS_DEF_ANNOTATEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

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
      return emitError(loc) << "algorithm: unknown '" << algorithm << "'; expected minmax, mse, squant or gptq",
             failure();
    std::optional<Ragged> raggedKind = symbolizeRagged(ragged);
    if (!raggedKind)
      return emitError(loc) << "ragged: unknown '" << ragged << "'; expected error or shrink", failure();
    auto scheme = QuantizeSchemeAttr::getChecked([&] { return emitError(loc); }, &getContext(), *storageType,
                                                 block.getValue(), *scaleType, *algorithmKind, *raggedKind,
                                                 DenseF32ArrayAttr(), /*scale_block=*/int64_t(0), FloatAttr(),
                                                 /*act_order=*/false, /*residual=*/false);
    if (!scheme)
      return failure();
    return scheme;
  }

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, ops, minElements, smallestShare);
    FailureOr<QuantizeSchemeAttr> scheme = getScheme(loc);
    if (failed(filter) || failed(scheme))
      return signalPassFailure();
    for (const Layer &layer : filter->select(getOperation())) {
      if (!*scheme) {
        removeRequest(layer.op, QuantizeSchemeAttr::getMnemonic());
        continue;
      }
      setRequest(layer.op, *scheme);
      ++annotated;
    }
  }
};
} // namespace
