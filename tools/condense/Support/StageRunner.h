// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs the stages of a recipe: measures activations where a stage needs it, then
// runs its passes.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_STAGERUNNER_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_STAGERUNNER_H

#include "Calibration.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/ADT/SmallString.h"

namespace condense::tool {

/// The passes before the first stage: a clean graph with requests.
std::string getAnnotatePipeline(const recipe::Recipe &recipe, bool foldBatchNorm = true);

/// What the user says about a run.
struct RunSettings {
  std::string model; ///< for messages
  std::vector<std::string> calibration;
  evaluation::Preprocessing preprocessing;
  std::string statistics; ///< "" for temporary files
  int threads;
};

class StageRunner {
public:
  explicit StageRunner(RunSettings settings) : settings(std::move(settings)) {}
  ~StageRunner();

  /// Reads the samples, or finds that the files of statistics are there. Errors
  /// name the recipe as the user did.
  llvm::Error init(const recipe::Recipe &recipe, llvm::StringRef recipeName, recipe::Phase phase = recipe::Phase::All);

  /// Compresses an annotated module.
  llvm::Error run(mlir::ModuleOp module);

private:
  llvm::Error chooseStatistics();
  llvm::Error checkStatistics() const;
  void removeTemporary(const recipe::Stage &stage) const;

  RunSettings settings;
  CalibrationSamples samples;
  std::vector<recipe::Stage> stages;
  llvm::SmallString<128> statistics;
  bool isTemporary = false;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_STAGERUNNER_H
