// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Trains the leaves of a model.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGRUN_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGRUN_H

#include "TrainingLoop.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"

namespace condense::tool {

/// What a training is asked to do.
struct TrainingRequest {
  std::string model, teacherPath;  ///< for messages
  mlir::ModuleOp network, teacher; ///< the teacher may be null
  const recipe::Recipe *recipe;    ///< with the final epochs and batch
  TrainingData *data, *validation; ///< the latter may be null
  double validationSplit = 0;      ///< share of `data` where there is no `validation`
  int threads = 0;
  LoopSettings loop;         ///< without the digest
  bool printsPasses = false; ///< those that make the step
};

/// What came of it, besides the new leaves.
struct TrainingOutcome {
  std::vector<std::string> columns;
  TrainingProgress progress;
  int64_t parameters = 0, elements = 0;
  int64_t trainingSamples = 0, validationSamples = 0;
  double stepSeconds = 0; ///< median
};

/// Trains, and writes the values of the trained leaves into `request.network`, whose entry is then @main.
llvm::Expected<TrainingOutcome> trainLeaves(const TrainingRequest &request);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGRUN_H
