// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adds any request to, or takes one off, the layers that match.

#include "LayerFilter.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "mlir/AsmParser/AsmParser.h"

namespace condense::compress {
#define GEN_PASS_DEF_ANNOTATEPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {
struct AnnotatePass : public condense::compress::impl::AnnotatePassBase<AnnotatePass> {
  using Base::Base;

  /// The request that the options describe; null if there is none.
  FailureOr<Attribute> getScheme(Location loc) {
    if (scheme.empty())
      return Attribute();
    Attribute attr = parseAttribute(scheme, &getContext());
    if (!attr || getRequestKind(attr).empty())
      return emitError(loc) << "scheme: '" << scheme << "' is no request, such as #compress.prune<n = 2, m = 4>",
             failure();
    return attr;
  }

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, ops, minElements, smallestShare);
    FailureOr<Attribute> request = getScheme(loc);
    if (failed(filter) || failed(request))
      return signalPassFailure();
    if (!(maxError >= 0)) {
      emitError(loc) << "max-error: " << maxError << " is negative";
      return signalPassFailure();
    }
    Builder builder(&getContext());
    for (const Layer &layer : filter->select(getOperation())) {
      if (!remove.empty())
        removeRequest(layer.op, remove);
      if (*request)
        setRequest(layer.op, *request);
      if (maxError > 0)
        layer.op->setAttr(CompressDialect::kMaxErrorAttrName, builder.getF64FloatAttr(maxError));
      ++annotated;
    }
  }
};
} // namespace
