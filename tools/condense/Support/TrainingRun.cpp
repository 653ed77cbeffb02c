// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a model and its samples to trained leaves.

#include "TrainingRun.h"

#include "Execution.h"
#include "ModelFile.h"
#include "Progress.h"
#include "ToolError.h"
#include "condense/IR/HostTensor.h"
#include "condense/Numerics/CounterRandom.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <numeric>

using namespace condense;
using namespace condense::tool;
using namespace llvm;
using train::Role;

/// The streams of random numbers that are not those of epochs.
enum Streams : uint64_t { kSplitStream = uint64_t(1) << 33, kProjectionStreams = uint64_t(1) << 34 };

namespace {
class Training {
public:
  explicit Training(const TrainingRequest &request)
      : request(request), options(request.recipe->getTraining() ? *request.recipe->getTraining() : recipe::Train()),
        builder(request.network, request.teacher, *request.recipe, request.model, request.threads) {}

  Expected<TrainingOutcome> run();

private:
  llvm::Error nameEntry();
  llvm::Error describe();
  llvm::Error bindData();
  llvm::Error splitSamples();
  llvm::Error findLeaves();
  llvm::Error makeVariables();
  std::vector<char> getInitialValue(const target::ModelIO &io, size_t index) const;
  llvm::Error buildValidation();
  uint64_t getDigest() const;
  Expected<std::string> diagnose(Variables &variables, const std::vector<std::vector<std::byte>> &batch) const;
  void writeBack();

  const TrainingRequest &request;
  recipe::Train options;
  StepBuilder builder;
  recipe::TrainingFacts facts;
  target::ModelInterface interface;
  SampleSet training;
  std::vector<train::Leaf> leaves;
  std::optional<CompiledStep> step;
  std::optional<Validation> validation;
  Variables variables;
  uint64_t initialDigest = 0;
};
} // namespace

static uint64_t hash(ArrayRef<char> bytes, uint64_t before = 0) {
  uint64_t parts[] = {before, xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()))};
  return xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(parts), sizeof(parts)));
}

/// Passes know the network as @main.
llvm::Error Training::nameEntry() {
  mlir::ModuleOp network = request.network;
  DiagnosticCollector diagnostics(network.getContext(), request.model);
  mlir::func::FuncOp entry = target::findEntry(network);
  if (!entry)
    return diagnostics.takeError("the model has no entry");
  entry.setName("main");
  return llvm::Error::success();
}

/// The inputs and outputs for a batch.
llvm::Error Training::describe() {
  mlir::OwningOpRef<mlir::ModuleOp> copy = mlir::ModuleOp(request.network).clone();
  std::string pipeline = "builtin.module(train-set-batch{batch=" + std::to_string(options.batch) + "})";
  if (llvm::Error error = runPipeline(*copy, pipeline, request.model))
    return error;
  DiagnosticCollector diagnostics(copy->getContext(), request.model);
  auto described = target::describeInterface(target::findEntry(*copy));
  if (failed(described))
    return diagnostics.takeError("the model cannot be described");
  interface = std::move(*described);
  for (const target::ModelIO &input : interface.inputs)
    if (input.shape.empty() || input.shape.front() != options.batch)
      return inputError(request.model + ": input '" + input.name + "' of shape " + npy::toString(input.shape) +
                        " does not take batches of " + Twine(options.batch) +
                        "; use --batch with its first dimension, or export the model with a dynamic one");
  if (interface.outputs.empty() || interface.outputs.front().shape.empty())
    return inputError(request.model + ": expected an output with a dimension of samples");
  return llvm::Error::success();
}

llvm::Error Training::bindData() {
  const std::vector<int64_t> &output = interface.outputs.front().shape;
  bool hasClasses = request.data->hasClasses();
  target::ModelIO label{"labels", hasClasses ? CONDENSE_I32 : CONDENSE_F32, output};
  if (hasClasses)
    label.shape.pop_back();
  for (TrainingData *data : {request.data, request.validation}) {
    if (!data)
      continue;
    if (data->hasClasses() != hasClasses || data->hasLabels() != request.data->hasLabels())
      return inputError(data->getPath() + ": labels for validation must be of the kind of those for training");
    const target::ModelIO *used = data->hasLabels() ? &label : nullptr;
    if (llvm::Error error = data->bind(interface.inputs, used, output.back(), request.model))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error Training::splitSamples() {
  int64_t count = request.data->getNumSamples(), held = 0;
  if (!request.validation && request.validationSplit > 0)
    held = std::llround(count * request.validationSplit);
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t(0));
  if (held)
    order = numerics::CounterRandom(request.loop.seed, kSplitStream).permutation(count);
  training = {request.data, {order.begin() + held, order.end()}};
  if (static_cast<int64_t>(training.indices.size()) < options.batch)
    return inputError(request.data->getPath() + ": expected at least a batch of " + Twine(options.batch) +
                      " samples to train on, found " + Twine(training.indices.size()) + "; use a smaller --batch");
  if (held)
    validation.emplace().samples = {request.data, {order.begin(), order.begin() + held}};
  if (request.validation) {
    validation.emplace().samples.data = request.validation;
    validation->samples.indices.resize(request.validation->getNumSamples());
    std::iota(validation->samples.indices.begin(), validation->samples.indices.end(), int64_t(0));
  }
  facts.batch = options.batch;
  facts.stepsPerEpoch = training.indices.size() / options.batch;
  facts.hasLabels = request.data->hasLabels();
  facts.hasClasses = request.data->hasClasses();
  facts.hasTeacher = static_cast<bool>(request.teacher);
  return llvm::Error::success();
}

llvm::Error Training::findLeaves() {
  std::vector<std::string> frozen = options.frozen;
  if (options.batchNorm == "freeze")
    append_range(frozen, std::vector<std::string>{"*.mean", "*.variance"});
  mlir::func::FuncOp network = mlir::ModuleOp(request.network).lookupSymbol<mlir::func::FuncOp>("main");
  auto found = train::findTrainableLeaves(network, {options.trainable, frozen});
  if (failed(found))
    return inputError(request.model + ": its leaves cannot be found");
  leaves = std::move(*found);
  return llvm::Error::success();
}

/// Parameters that are no leaves connect the network with its teacher, and start at random.
std::vector<char> Training::getInitialValue(const target::ModelIO &io, size_t index) const {
  std::vector<float> values(std::accumulate(io.shape.begin(), io.shape.end(), size_t(1), std::multiplies<>()));
  if (io.shape.size() > 1) {
    double fan = io.shape.front() + values.size() / double(io.shape.front());
    numerics::CounterRandom(request.loop.seed, kProjectionStreams + index).fillUniform(values, std::sqrt(6 / fan));
  }
  auto *data = reinterpret_cast<const char *>(values.data());
  return {data, data + values.size() * sizeof(float)};
}

llvm::Error Training::makeVariables() {
  StringMap<const train::Leaf *> byName;
  for (const train::Leaf &leaf : leaves)
    byName[leaf.name] = &leaf;
  for (auto [index, port] : enumerate(step->getInputs())) {
    if (port.role == Role::Moment)
      variables.emplace_back(port.role, port.io, ArrayRef<char>());
    if (port.role != Role::Parameter && port.role != Role::State)
      continue;
    std::vector<char> bytes;
    if (const train::Leaf *leaf = byName.lookup(port.io.name)) {
      std::optional<HostTensor> tensor = HostTensor::get(leaf->value);
      if (!tensor)
        return inputError(request.model + ": parameter '" + port.io.name + "' has no data");
      bytes = tensor->getBytes().vec();
      if (train::getParameterType(*leaf) != leaf->getType())
        bytes = HostTensor::from<float>(train::getParameterType(*leaf), *tensor->toFloats()).getBytes().vec();
    } else {
      bytes = getInitialValue(port.io, index);
    }
    initialDigest = hash(bytes, initialDigest);
    variables.emplace_back(port.role, port.io, bytes);
  }
  return llvm::Error::success();
}

llvm::Error Training::buildValidation() {
  if (!validation)
    return llvm::Error::success();
  int64_t count = validation->samples.indices.size();
  for (int64_t size : {options.batch, count % options.batch}) {
    if (size == 0 || size > count)
      continue;
    Expected<CompiledStep> loss = builder.buildLoss(facts, size);
    if (!loss)
      return loss.takeError();
    validation->steps.emplace_back(size, std::move(*loss));
  }
  return llvm::Error::success();
}

/// Of all that the result depends on.
uint64_t Training::getDigest() const {
  uint64_t digest = hash({}, initialDigest);
  auto addNumber = [&](uint64_t number) {
    digest = hash({reinterpret_cast<const char *>(&number), sizeof(number)}, digest);
  };
  if (Expected<recipe::TrainingPasses> passes = request.recipe->getTrainingPasses(facts))
    for (const std::string *text : {&passes->network, &passes->training, &passes->loss, &passes->step})
      digest = hash(*text, digest);
  else
    consumeError(passes.takeError());
  for (const std::string &path : {request.model, request.teacherPath})
    if (auto buffer = path.empty() ? std::error_code() : MemoryBuffer::getFile(path, false, false))
      digest = hash((*buffer)->getBuffer(), digest);
  for (const TrainingData *data : {request.data, request.validation})
    addNumber(data ? data->getDigest() : 0);
  for (uint64_t number : {request.loop.seed, static_cast<uint64_t>(options.epochs),
                          static_cast<uint64_t>(validation ? validation->samples.indices.size() : 0)})
    addNumber(number);
  return digest;
}

Expected<std::string> Training::diagnose(Variables &variables, const std::vector<std::vector<std::byte>> &batch) const {
  announceStep("looking for the layer");
  Expected<CompiledStep> trace = builder.buildTrace(facts);
  if (!trace)
    return trace.takeError();
  StepResult result;
  if (llvm::Error error = trace->run(variables, batch, {}, 0, result, nullptr))
    return error;
  double largest = 0;
  std::string largestName;
  for (auto [name, value] : zip_equal(trace->getMetrics(), result.metrics)) {
    if (!std::isfinite(value))
      return "layer '" + name + "' is the first whose output is not finite";
    if (value > largest) {
      largest = value;
      largestName = name;
    }
  }
  return "the outputs of all layers are finite, the largest, " + std::to_string(largest) + ", is that of layer '" +
         largestName + "'";
}

void Training::writeBack() {
  StringMap<const Variable *> byName;
  for (const Variable &variable : variables)
    byName[variable.getName()] = &variable;
  std::vector<std::vector<char>> values;
  for (const train::Leaf &leaf : leaves)
    values.push_back(byName.lookup(leaf.name)->getBytes().vec());
  train::writeLeaves(leaves, values);
}

Expected<TrainingOutcome> Training::run() {
  for (auto part :
       {&Training::nameEntry, &Training::describe, &Training::bindData, &Training::splitSamples, &Training::findLeaves})
    if (llvm::Error error = (this->*part)())
      return error;
  if (request.printsPasses)
    outs() << "--pass-pipeline='builtin.module(" << builder.getPasses(facts) << ")'\n";
  Expected<CompiledStep> compiled = builder.buildStep(facts);
  if (!compiled)
    return compiled.takeError();
  step.emplace(std::move(*compiled));
  for (auto part : {&Training::makeVariables, &Training::buildValidation})
    if (llvm::Error error = (this->*part)())
      return error;
  LoopSettings settings = request.loop;
  settings.epochs = options.epochs;
  settings.batch = options.batch;
  settings.digest = getDigest();
  TrainingLoop loop(*step, validation ? &*validation : nullptr, training, settings,
                    [this](Variables &variables, const std::vector<std::vector<std::byte>> &batch) {
                      return diagnose(variables, batch);
                    });
  if (llvm::Error error = loop.run(variables))
    return error;
  writeBack();
  TrainingOutcome outcome;
  outcome.columns = loop.getColumns();
  outcome.progress = loop.getProgress();
  outcome.stepSeconds = loop.getMedianStepSeconds();
  outcome.trainingSamples = training.indices.size();
  outcome.validationSamples = validation ? validation->samples.indices.size() : 0;
  for (const Variable &variable : variables)
    if (variable.getRole() == Role::Parameter) {
      ++outcome.parameters;
      outcome.elements += variable.getBytes().size() / runtime::elementBytes(variable.getIO().dtype);
    }
  return outcome;
}

Expected<TrainingOutcome> condense::tool::trainLeaves(const TrainingRequest &request) {
  return Training(request).run();
}
