// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs the stages of a recipe.

#include "StageRunner.h"

#include "ModelFile.h"
#include "Progress.h"
#include "ToolError.h"
#include "condense/Analysis/LayerStatistics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

std::string condense::tool::getAnnotatePipeline(const recipe::Recipe &recipe, bool foldBatchNorm) {
  std::string annotate = recipe.getAnnotatePasses();
  std::string cleanup = foldBatchNorm ? "condense-import-cleanup" : "condense-import-cleanup{fold-batch-norm=false}";
  return cleanup + (annotate.empty() ? "" : "," + annotate);
}

static bool needsStatistics(const recipe::Stage &stage) { return !stage.observers.empty(); }

StageRunner::~StageRunner() {
  for (const recipe::Stage &stage : stages)
    removeTemporary(stage);
}

void StageRunner::removeTemporary(const recipe::Stage &stage) const {
  if (!isTemporary || !needsStatistics(stage))
    return;
  for (const std::string &path : {stage.statistics, getMomentsPath(stage.statistics)}) {
    sys::fs::remove(path);
    sys::DontRemoveFileOnSignal(path);
  }
}

llvm::Error StageRunner::chooseStatistics() {
  statistics = settings.statistics;
  if (!statistics.empty())
    return llvm::Error::success();
  if (std::error_code error = sys::fs::createTemporaryFile("condense", "json", statistics))
    return ioError("temporary file: cannot write: " + error.message());
  isTemporary = true;
  return llvm::Error::success();
}

llvm::Error StageRunner::checkStatistics() const {
  for (const recipe::Stage &stage : stages)
    if (needsStatistics(stage) && !sys::fs::exists(stage.statistics))
      return ioError(stage.statistics + ": cannot read: no such file; make it "
                                        "with --calibrate");
  return llvm::Error::success();
}

llvm::Error StageRunner::init(const recipe::Recipe &recipe, StringRef recipeName, recipe::Phase phase) {
  if (!recipe.needsCalibration(phase)) {
    stages = recipe.getStages("", phase);
    return llvm::Error::success();
  }
  if (settings.calibration.empty() && settings.statistics.empty())
    return usageError("recipe '" + recipeName +
                      "' measures activations: give samples with "
                      "--calibrate, or their --statistics");
  if (llvm::Error error = chooseStatistics())
    return error;
  stages = recipe.getStages(statistics, phase);
  if (settings.calibration.empty())
    return checkStatistics();
  if (isTemporary)
    for (const recipe::Stage &stage : stages)
      if (needsStatistics(stage)) {
        sys::RemoveFileOnSignal(stage.statistics);
        sys::RemoveFileOnSignal(getMomentsPath(stage.statistics));
      }
  auto files = readSamples(settings.calibration);
  if (!files)
    return files.takeError();
  samples = {std::move(*files), settings.preprocessing, settings.threads};
  return llvm::Error::success();
}

llvm::Error StageRunner::run(mlir::ModuleOp module) {
  for (auto [index, stage] : enumerate(stages)) {
    std::string which =
        stages.size() == 1 ? "" : " (stage " + std::to_string(index + 1) + " of " + std::to_string(stages.size()) + ")";
    if (needsStatistics(stage) && !samples.files.empty()) {
      announceStep("measuring activations of " + settings.model + which);
      if (llvm::Error error = calibrate(module, settings.model, samples, stage.observers, stage.statistics))
        return error;
    }
    announceStep("compressing " + settings.model + which);
    if (llvm::Error error = runPipeline(module, "builtin.module(" + stage.passes + ")", settings.model))
      return error;
    // They may be large.
    removeTemporary(stage);
  }
  return llvm::Error::success();
}
