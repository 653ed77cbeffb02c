// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Completes the requests for activations with calibrated ranges from a file.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_APPLYRANGESPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The member `ranges` of the file, kept alive by `root`.
static FailureOr<const llvm::json::Object *> readRanges(Location loc, StringRef path, llvm::json::Value &root) {
  if (path.empty())
    return emitError(loc) << "the option 'statistics' must name a file of calibrated ranges", failure();
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return emitError(loc) << path << ": cannot be read: " << buffer.getError().message(), failure();
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse((*buffer)->getBuffer());
  if (!parsed)
    return emitError(loc) << path << ": is no JSON: " << llvm::toString(parsed.takeError()), failure();
  root = std::move(*parsed);
  const llvm::json::Object *object = root.getAsObject();
  const llvm::json::Object *ranges = object ? object->getObject("ranges") : nullptr;
  if (!ranges)
    return emitError(loc) << path << ": has no object 'ranges'", failure();
  return ranges;
}

/// The scheme with the range called `name`.
static FailureOr<ActivationSchemeAttr> completeScheme(Operation *op, ActivationSchemeAttr scheme, StringRef name,
                                                      const llvm::json::Object &ranges, StringRef path) {
  const llvm::json::Object *range = ranges.getObject(name);
  if (!range)
    return op->emitOpError() << "has no calibrated range '" << name << "' in " << path << ": calibrate again",
           failure();
  std::optional<double> low = range->getNumber("low"), high = range->getNumber("high");
  if (!low || !high)
    return op->emitOpError() << "the range '" << name << "' in " << path
                             << " is empty: no finite value of the activation was seen during calibration",
           failure();
  if (!std::isfinite(static_cast<float>(*low)) || !std::isfinite(static_cast<float>(*high)))
    return op->emitOpError() << "the range '" << name << "' in " << path << " is not finite: [" << *low << ", " << *high
                             << "]",
           failure();
  if (*low > *high)
    return op->emitOpError() << "the range '" << name << "' in " << path << " is reversed: [" << *low << ", " << *high
                             << "]",
           failure();
  Builder b(op->getContext());
  return ActivationSchemeAttr::get(op->getContext(), scheme.getStorage(), scheme.getCalibration(),
                                   b.getF32FloatAttr(*low), b.getF32FloatAttr(*high), /*block=*/0);
}

namespace {
struct ApplyRangesPass : public condense::compress::impl::ApplyRangesPassBase<ApplyRangesPass> {
  using Base::Base;

  void runOnOperation() override {
    llvm::json::Value root(nullptr);
    FailureOr<const llvm::json::Object *> ranges = readRanges(getOperation()->getLoc(), statistics, root);
    if (failed(ranges))
      return signalPassFailure();
    for (const Layer &layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      auto scheme = op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
      if (!scheme || !scheme.needsRange())
        continue;
      FailureOr<ActivationSchemeAttr> complete =
          completeScheme(op, scheme, layer.name + ".input", **ranges, statistics);
      if (failed(complete))
        return signalPassFailure();
      op->setAttr(CompressDialect::kActivationSchemeAttrName, *complete);
      ++applied;
    }
  }
};
} // namespace
