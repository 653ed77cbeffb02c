// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The loop over epochs and batches: shuffles, steps, validates, keeps the best and what a resumed training needs.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGLOOP_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGLOOP_H

#include "Checkpoint.h"
#include "TrainingData.h"
#include "llvm/ADT/FunctionExtras.h"

namespace condense::tool {

struct LoopSettings {
  int64_t epochs = 1, batch = 32;
  uint64_t seed = 0, digest = 0;
  std::string checkpoint; ///< "": none
  double checkpointSeconds = 30;
  bool isResumed = false;
  bool isQuiet = false; ///< epochs are not printed
};

/// Samples of a set, by number.
struct SampleSet {
  const TrainingData *data = nullptr;
  std::vector<int64_t> indices;
};

/// The loss on samples that are not trained on; compiled for batches, and for what is left of the samples after them.
struct Validation {
  SampleSet samples;
  std::vector<std::pair<int64_t, CompiledStep>> steps; ///< by batch size, descending
};

/// Which layer is not finite for a batch, given the variables before the step.
using Diagnosis = llvm::unique_function<llvm::Expected<std::string>(Variables &variables,
                                                                    const std::vector<std::vector<std::byte>> &batch)>;

class TrainingLoop {
public:
  TrainingLoop(const CompiledStep &step, const Validation *validation, SampleSet samples, LoopSettings settings,
               Diagnosis diagnosis);

  /// Trains the variables, and puts the best values into them at the end.
  llvm::Error run(Variables &variables);

  /// Names of what is known of each epoch, and the values.
  const std::vector<std::string> &getColumns() const { return columns; }
  const TrainingProgress &getProgress() const { return progress; }
  /// Of those that this process made; 0 if there were none.
  double getMedianStepSeconds() const;

private:
  llvm::Error runEpoch(Variables &variables);
  llvm::Error runStep(Variables &variables, llvm::ArrayRef<int64_t> indices);
  llvm::Error check(const StepResult &result, llvm::ArrayRef<condense_tensor> outputs, Variables &variables);
  llvm::Error describeDivergence(const StepResult &result, const llvm::Twine &what, Variables &variables,
                                 llvm::ArrayRef<condense_tensor> outputs);
  llvm::Error finishEpoch(Variables &variables);
  llvm::Error validate(Variables &variables, std::vector<double> &means) const;
  void keepBest(const Variables &variables, llvm::ArrayRef<double> means);
  llvm::Error save(const Variables &variables);
  void print(llvm::ArrayRef<double> row) const;
  int64_t getStepsPerEpoch() const { return samples.indices.size() / settings.batch; }

  const CompiledStep &step;
  const Validation *validation;
  SampleSet samples;
  LoopSettings settings;
  Diagnosis diagnosis;
  TrainingProgress progress;
  BestVariables best;
  std::vector<std::string> columns;
  std::vector<std::vector<std::byte>> batch;
  std::vector<std::byte> labels;
  std::vector<float> stepSeconds;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGLOOP_H
