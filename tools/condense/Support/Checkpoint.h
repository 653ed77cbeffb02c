// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A training that can be continued: everything it depends on, in one safetensors file that is replaced at once.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_CHECKPOINT_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_CHECKPOINT_H

#include "TrainingStep.h"

namespace condense::tool {

/// How far a training has come, besides its variables.
struct TrainingProgress {
  int64_t epoch = 0; ///< completed
  int64_t step = 0;  ///< completed in the epoch that runs
  /// Sums over the steps of this epoch: the loss, then the metrics.
  std::vector<double> sums;
  double firstLoss = 0;
  /// For each completed epoch what is shown, in the order of the columns.
  std::vector<std::vector<double>> curves;
  int64_t bestEpoch = 0; ///< from 1; 0: none
  double bestValue = 0;
};

/// Names and bytes of the best parameters and states.
using BestVariables = std::vector<std::vector<char>>;

/// Writes `path` completely or not at all. `digest` is of all that the training depends on.
llvm::Error saveCheckpoint(llvm::StringRef path, uint64_t digest, const TrainingProgress &progress,
                           const Variables &variables, const BestVariables &best);

/// Removes what processes that were killed while they wrote checkpoints at `path` left behind.
void removeAbandoned(llvm::StringRef path);

/// Reads what saveCheckpoint wrote. False if there is no file; an error if it is of another training, or damaged.
llvm::Expected<bool> loadCheckpoint(llvm::StringRef path, uint64_t digest, TrainingProgress &progress,
                                    Variables &variables, BestVariables &best);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_CHECKPOINT_H
