// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calibration: a copy of the model returns its activations as additional
// outputs; it is compiled and run, and an observer sees each of them.

#include "Calibration.h"

#include "Execution.h"
#include "ModelFile.h"
#include "Observation.h"
#include "Progress.h"
#include "ToolError.h"
#include <thread>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

/// Runs the model over all samples, one at a time where its batch is dynamic.
static llvm::Error runSamples(const runtime::Model &model, StringRef modelPath, const CalibrationSamples &settings,
                              const Samples &samples, Observation &observation) {
  int threads = settings.threads;
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  Progress progress("calibrating", samples.getNumSamples());
  std::vector<runtime::Tensor> inputs, outputs;
  for (int64_t first = 0, count = 0; first < samples.getNumSamples(); first += count) {
    if (llvm::Error error = samples.fill(first, inputs, count))
      return error;
    if (llvm::Error error = runModel(model, modelPath, inputs, outputs))
      return error;
    BatchPart part{samples.getBatchSize(count), count};
    if (llvm::Error error = observation.observe(outputs, part, threads))
      return inputError(samples.getPath() + ": sample " + Twine(first) + ": " + toString(std::move(error)) +
                        "; check --scale, --mean and --std");
    progress.advance(first + count);
  }
  return llvm::Error::success();
}

llvm::Error condense::tool::calibrate(mlir::ModuleOp module, StringRef modelPath, const CalibrationSamples &settings,
                                      StringRef observers, StringRef statisticsPath) {
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  if (llvm::Error error =
          runPipeline(*copy, ("builtin.module(" + observers + ",compress-lower-observers)").str(), modelPath))
    return error;
  Observation observation(*copy);
  int64_t numSamples = settings.files.front().array.shape.empty() ? 0 : settings.files.front().array.shape[0];
  if (observation.isEmpty())
    return observation.write(numSamples, statisticsPath);
  auto model = compileApart(std::move(copy), modelPath, settings.threads);
  if (!model)
    return model.takeError();
  (*model)->setThreads(settings.threads);
  Expected<Samples> samples = Samples::create(settings.files, (*model)->getInfo(), "--calibrate", modelPath,
                                              settings.preprocessing, /*batchSize=*/1);
  if (!samples)
    return samples.takeError();
  if (llvm::Error error = runSamples(**model, modelPath, settings, *samples, observation))
    return error;
  return observation.write(numSamples, statisticsPath);
}
