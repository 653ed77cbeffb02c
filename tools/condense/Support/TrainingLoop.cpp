// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The loop over epochs and batches.

#include "TrainingLoop.h"

#include "Progress.h"
#include "ToolError.h"
#include "condense/Numerics/CounterRandom.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include <chrono>
#include <cmath>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

/// Streams of random numbers of a training; epoch `i` shuffles with stream `i`.
static constexpr uint64_t kShuffleStreams = uint64_t(1) << 32;

/// A loss this many times the first one is no longer going to fall.
static constexpr double kDivergence = 1e4;

TrainingLoop::TrainingLoop(const CompiledStep &step, const Validation *validation, SampleSet samples,
                           LoopSettings settings, Diagnosis diagnosis)
    : step(step), validation(validation), samples(std::move(samples)), settings(std::move(settings)),
      diagnosis(std::move(diagnosis)) {
  columns.push_back("loss");
  append_range(columns, step.getMetrics());
  if (!validation)
    return;
  columns.push_back("validation.loss");
  for (const std::string &metric : validation->steps.front().second.getMetrics())
    columns.push_back("validation." + metric);
}

llvm::Error TrainingLoop::run(Variables &variables) {
  if (!settings.checkpoint.empty())
    removeAbandoned(settings.checkpoint);
  if (settings.isResumed && !settings.checkpoint.empty()) {
    Expected<bool> found = loadCheckpoint(settings.checkpoint, settings.digest, progress, variables, best);
    if (!found)
      return found.takeError();
    if (*found && !settings.isQuiet)
      outs() << "resumed after epoch " << progress.epoch << ", step " << progress.step << "\n";
  }
  while (progress.epoch < settings.epochs)
    if (llvm::Error error = runEpoch(variables))
      return error;
  size_t next = 0;
  for (Variable &variable : variables)
    if (!best.empty() && variable.getRole() != train::Role::Moment)
      variable.set(best[next++]);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

llvm::Error TrainingLoop::runEpoch(Variables &variables) {
  std::string label = "epoch " + std::to_string(progress.epoch + 1) + "/" + std::to_string(settings.epochs);
  Progress shown(label + ", step", getStepsPerEpoch());
  numerics::CounterRandom random(settings.seed, kShuffleStreams + progress.epoch);
  std::vector<int64_t> order = random.permutation(samples.indices.size()), indices(settings.batch);
  progress.sums.resize(1 + step.getMetrics().size());
  auto saved = std::chrono::steady_clock::now();
  while (progress.step < getStepsPerEpoch()) {
    for (auto [place, index] : enumerate(indices))
      index = samples.indices[order[progress.step * settings.batch + place]];
    if (llvm::Error error = runStep(variables, indices))
      return error;
    ++progress.step;
    std::string state;
    raw_string_ostream(state) << ", loss " << format("%.4f", progress.sums[0] / progress.step);
    shown.advance(progress.step, state);
    std::chrono::duration<double> since = std::chrono::steady_clock::now() - saved;
    if (since.count() < settings.checkpointSeconds || progress.step == getStepsPerEpoch())
      continue;
    if (llvm::Error error = save(variables))
      return error;
    saved = std::chrono::steady_clock::now();
  }
  return finishEpoch(variables);
}

llvm::Error TrainingLoop::runStep(Variables &variables, ArrayRef<int64_t> indices) {
  samples.data->gather(indices, batch, labels);
  int64_t number = progress.epoch * getStepsPerEpoch() + progress.step;
  StepResult result;
  auto accept = [&](const StepResult &seen, ArrayRef<condense_tensor> outputs) {
    return check(seen, outputs, variables);
  };
  auto begin = std::chrono::steady_clock::now();
  if (llvm::Error error = step.run(variables, batch, labels, number, result, accept))
    return error;
  stepSeconds.push_back(std::chrono::duration<float>(std::chrono::steady_clock::now() - begin).count());
  progress.sums[0] += result.loss;
  for (auto [sum, metric] : zip_equal(MutableArrayRef(progress.sums).drop_front(), result.metrics))
    sum += metric;
  return llvm::Error::success();
}

double TrainingLoop::getMedianStepSeconds() const {
  std::vector<float> sorted(stepSeconds);
  if (sorted.empty())
    return 0;
  std::nth_element(sorted.begin(), sorted.begin() + sorted.size() / 2, sorted.end());
  return sorted[sorted.size() / 2];
}

llvm::Error TrainingLoop::check(const StepResult &result, ArrayRef<condense_tensor> outputs, Variables &variables) {
  if (!std::isfinite(result.loss))
    return describeDivergence(result, "the loss is not finite", variables, outputs);
  for (auto [name, value] : zip_equal(step.getMetrics(), result.metrics))
    if (name == "gradient_norm" && !std::isfinite(value))
      return describeDivergence(result, "the gradient is not finite", variables, outputs);
  if (progress.epoch == 0 && progress.step == 0)
    progress.firstLoss = result.loss;
  if (result.loss > kDivergence * std::max(1.0, progress.firstLoss))
    return describeDivergence(
        result, "the loss has grown to " + std::to_string(result.loss) + " from " + std::to_string(progress.firstLoss),
        variables, outputs);
  return llvm::Error::success();
}

llvm::Error TrainingLoop::describeDivergence(const StepResult &result, const Twine &what, Variables &variables,
                                             ArrayRef<condense_tensor> outputs) {
  std::string place = ("epoch " + Twine(progress.epoch + 1) + ", step " + Twine(progress.step + 1)).str();
  Expected<std::string> layer = diagnosis(variables, batch);
  if (!layer)
    return layer.takeError();
  return inputError(samples.data->getPath() + ": training diverged at " + place + ": " + what + "; " + *layer +
                    "; lower learning_rate, or set clip_norm");
}

//===----------------------------------------------------------------------===//
// Ends of epochs
//===----------------------------------------------------------------------===//

llvm::Error TrainingLoop::validate(Variables &variables, std::vector<double> &means) const {
  int64_t total = validation->samples.indices.size(), first = 0;
  std::vector<std::vector<std::byte>> inputs;
  std::vector<std::byte> classes;
  StepResult result;
  for (const auto &[size, loss] : validation->steps)
    for (; first + size <= total; first += size) {
      validation->samples.data->gather(ArrayRef(validation->samples.indices).slice(first, size), inputs, classes);
      if (llvm::Error error = loss.run(variables, inputs, classes, 0, result, nullptr))
        return error;
      means.resize(1 + result.metrics.size());
      double share = static_cast<double>(size) / total;
      means[0] += share * result.loss;
      for (auto [mean, metric] : zip_equal(MutableArrayRef(means).drop_front(), result.metrics))
        mean += share * metric;
    }
  return llvm::Error::success();
}

/// The value by which epochs are compared: larger is better.
static double getMerit(ArrayRef<std::string> metrics, ArrayRef<double> means) {
  for (auto [name, value] : zip_equal(metrics, means.drop_front()))
    if (name == "accuracy" || name == "agreement")
      return value;
  return -means.front();
}

void TrainingLoop::keepBest(const Variables &variables, ArrayRef<double> means) {
  double merit = getMerit(validation->steps.front().second.getMetrics(), means);
  if (progress.bestEpoch && !(merit > progress.bestValue))
    return;
  progress.bestEpoch = progress.epoch;
  progress.bestValue = merit;
  best.clear();
  for (const Variable &variable : variables)
    if (variable.getRole() != train::Role::Moment)
      best.push_back(variable.getBytes().vec());
}

llvm::Error TrainingLoop::finishEpoch(Variables &variables) {
  std::vector<double> row(progress.sums), means;
  for (double &value : row)
    value /= std::max<int64_t>(1, getStepsPerEpoch());
  if (validation)
    if (llvm::Error error = validate(variables, means))
      return error;
  append_range(row, means);
  ++progress.epoch;
  progress.step = 0;
  progress.sums.assign(progress.sums.size(), 0);
  progress.curves.push_back(row);
  if (validation)
    keepBest(variables, means);
  print(row);
  return save(variables);
}

llvm::Error TrainingLoop::save(const Variables &variables) {
  if (settings.checkpoint.empty())
    return llvm::Error::success();
  return saveCheckpoint(settings.checkpoint, settings.digest, progress, variables, best);
}

void TrainingLoop::print(ArrayRef<double> row) const {
  if (settings.isQuiet)
    return;
  outs() << "epoch " << progress.epoch << "/" << settings.epochs << ":";
  const char *separator = " ";
  for (auto [name, value] : zip_equal(columns, row)) {
    StringRef metric(name);
    metric.consume_front("validation.");
    if (!is_contained({"loss", "accuracy", "agreement"}, metric))
      continue;
    outs() << separator << name << " " << format("%.4g", value);
    separator = ", ";
  }
  outs() << (validation && progress.bestEpoch == progress.epoch ? " (best)\n" : "\n");
  outs().flush();
}
