// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What calibration sees: the additional results of an instrumented model, each
// with the observer that its request asks for.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_OBSERVATION_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_OBSERVATION_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Numerics/MomentObserver.h"
#include "condense/Numerics/RangeObserver.h"
#include "condense/Runtime/Loader.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace condense::tool {

/// An activation whose range is observed.
struct ObservedRange {
  std::string name;
  unsigned output;
  compress::ActivationSchemeAttr scheme;
  numerics::RangeObserver observer;
};

/// An activation matrix whose moments are observed, and the layers that multiply
/// it with their weights.
struct ObservedMoments {
  std::vector<std::string> layers;
  unsigned output;
  bool withGram;
  std::optional<numerics::MomentObserver> observer; ///< from the first run on
};

/// A part of a batch: static batches may hold more than there are samples.
struct BatchPart {
  int64_t batch, count;
};

class Observation {
public:
  /// The results that compress-lower-observers added to `module`.
  explicit Observation(mlir::ModuleOp module);

  bool isEmpty() const { return ranges.empty() && moments.empty(); }

  /// Shows the outputs of a run to the observers. An activation that is not
  /// finite is an error that says which.
  llvm::Error observe(const std::vector<runtime::Tensor> &outputs, BatchPart part, int threads);

  /// Writes the ranges to `path` and the moments beside it. Both files appear
  /// complete or not at all, the ranges last.
  llvm::Error write(int64_t numSamples, llvm::StringRef path);

private:
  llvm::Error writeMoments(llvm::StringRef path);

  std::vector<ObservedRange> ranges;
  std::vector<ObservedMoments> moments;
  std::vector<float> scratch;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_OBSERVATION_H
