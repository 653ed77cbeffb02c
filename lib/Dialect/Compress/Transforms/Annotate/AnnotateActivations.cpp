// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Requests the quantization of layers' inputs.

#include "LayerFilter.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"

namespace condense::compress {
#define GEN_PASS_DEF_ANNOTATEACTIVATIONSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {
struct AnnotateActivationsPass : public condense::compress::impl::AnnotateActivationsPassBase<AnnotateActivationsPass> {
  using Base::Base;

  /// The scheme that the options describe; null for `storage=none`.
  FailureOr<ActivationSchemeAttr> getScheme(Location loc) {
    if (storage == "none")
      return ActivationSchemeAttr();
    FailureOr<Type> type = parseTypeOption(loc, "storage", storage);
    if (failed(type))
      return failure();
    std::optional<Calibration> kind = symbolizeCalibration(calibration);
    if (!kind)
      return emitError(loc) << "calibration: unknown '" << calibration
                            << "'; expected minmax, moving_average, percentile, mse, entropy or dynamic",
             failure();
    auto scheme = ActivationSchemeAttr::getChecked([&] { return emitError(loc); }, &getContext(), *type, *kind,
                                                   FloatAttr(), FloatAttr(), int64_t(block));
    if (!scheme)
      return failure();
    return scheme;
  }

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, ops, minElements);
    FailureOr<ActivationSchemeAttr> scheme = getScheme(loc);
    if (failed(filter) || failed(scheme))
      return signalPassFailure();
    for (Layer layer : getLayers(getOperation())) {
      auto type = dyn_cast<RankedTensorType>(layer.op.getActivationOperand().get().getType());
      // A table look-up has indices; there is nothing to quantize.
      if (!type || !isa<FloatType>(type.getElementType()) || !filter->matches(layer))
        continue;
      if (!*scheme) {
        layer.op->removeAttr(CompressDialect::kActivationSchemeAttrName);
        continue;
      }
      layer.op->setAttr(CompressDialect::kActivationSchemeAttrName, *scheme);
      ++annotated;
    }
  }
};
} // namespace
