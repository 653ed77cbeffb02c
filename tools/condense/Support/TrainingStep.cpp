// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Building, compiling and running training steps.

#include "TrainingStep.h"

#include "Execution.h"
#include "ModelFile.h"
#include "ToolError.h"
#include "llvm/ADT/ScopeExit.h"
#include <cstdlib>
#include <cstring>

using namespace condense;
using namespace condense::tool;
using namespace llvm;
using train::Role;

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

static size_t getBytes(const target::ModelIO &io) {
  size_t bytes = runtime::elementBytes(io.dtype);
  for (int64_t size : io.shape)
    bytes *= size;
  return bytes;
}

static condense_tensor makeTensor(const target::ModelIO &io, void *data) {
  condense_tensor tensor = {};
  tensor.data = data;
  tensor.dtype = io.dtype;
  tensor.rank = static_cast<int32_t>(io.shape.size());
  copy(io.shape, tensor.shape);
  return tensor;
}

Variable::Variable(Role role, target::ModelIO valueIO, ArrayRef<char> values)
    : role(role), io(std::move(valueIO)), bytes(::getBytes(io)) {
  constexpr size_t alignment = 64;
  void *data = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (!data)
    report_bad_alloc_error("out of memory: a parameter");
  tensor = ::makeTensor(io, data);
  if (values.empty())
    std::memset(data, 0, bytes);
  else
    std::memcpy(data, values.data(), bytes);
}

Variable::Variable(Variable &&other)
    : role(other.role), io(std::move(other.io)), bytes(other.bytes), tensor(other.tensor), owner(other.owner) {
  other.tensor.data = nullptr;
}

void Variable::release() {
  if (owner && tensor.data)
    owner->release(tensor);
  else
    std::free(tensor.data);
  tensor.data = nullptr;
}

void Variable::set(ArrayRef<char> values) { std::memcpy(tensor.data, values.data(), bytes); }

void Variable::take(const runtime::Model &model, condense_tensor output) {
  release();
  tensor = output;
  owner = &model;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// Makes `name` the only function of the module that can be called.
static mlir::func::FuncOp isolate(mlir::ModuleOp module, StringRef name) {
  mlir::func::FuncOp found;
  for (auto function : make_early_inc_range(module.getOps<mlir::func::FuncOp>())) {
    if (function.getSymName() == name)
      found = function;
    else
      function.erase();
  }
  found.setPublic();
  return found;
}

Expected<CompiledStep> CompiledStep::compile(mlir::OwningOpRef<mlir::ModuleOp> module, StringRef name, StringRef path,
                                             int threads) {
  mlir::func::FuncOp function = isolate(*module, name);
  DiagnosticCollector diagnostics(module->getContext(), path.str());
  mlir::FailureOr<target::ModelInterface> interface = target::describeInterface(function);
  if (failed(interface))
    return diagnostics.takeError("the training step cannot be described");
  CompiledStep step;
  step.path = path.str();
  for (auto [index, io] : enumerate(interface->inputs))
    step.inputs.push_back({*train::getArgRole(function, index), io, ::getBytes(io)});
  for (auto [index, io] : enumerate(interface->outputs)) {
    step.outputs.push_back({*train::getResultRole(function, index), io, ::getBytes(io)});
    if (step.outputs.back().role == Role::Metric)
      step.metrics.push_back(io.name);
  }
  auto model = compileApart(std::move(module), path, threads);
  if (!model)
    return model.takeError();
  step.model = std::move(*model);
  step.model->setThreads(threads);
  return step;
}

std::vector<target::ModelIO> CompiledStep::getInputsOfRole(Role role) const {
  std::vector<target::ModelIO> ios;
  for (const Port &port : inputs)
    if (port.role == role)
      ios.push_back(port.io);
  return ios;
}

size_t CompiledStep::getBytes() const {
  size_t bytes = model->getInfo().weight_bytes;
  for (const Port &port : inputs)
    bytes += port.bytes;
  for (const Port &port : outputs)
    bytes += port.bytes;
  return bytes;
}

llvm::Error CompiledStep::bindInputs(const Variables &variables, const std::vector<std::vector<std::byte>> &batch,
                                     const std::vector<std::byte> &labels, const int64_t &step,
                                     std::vector<condense_tensor> &tensors) const {
  StringMap<const Variable *> byName;
  for (const Variable &variable : variables)
    byName[variable.getName()] = &variable;
  size_t nextInput = 0;
  for (const Port &port : inputs) {
    const void *data = nullptr;
    size_t bytes = port.bytes;
    if (port.role == Role::Input || port.role == Role::Label) {
      const std::vector<std::byte> &source = port.role == Role::Label ? labels : batch[nextInput++];
      data = source.data();
      bytes = source.size();
    } else if (port.role == Role::Step) {
      data = &step;
    } else if (const Variable *variable = byName.lookup(port.io.name)) {
      data = variable->getTensor().data;
    }
    if (!data || bytes != port.bytes)
      return makeError(ExitCode::Internal,
                       path + ": the training step has no value for its argument '" + port.io.name + "'");
    tensors.push_back(::makeTensor(port.io, const_cast<void *>(data)));
  }
  return llvm::Error::success();
}

static double readScalar(const condense_tensor &tensor) {
  return tensor.dtype == CONDENSE_F64 ? *static_cast<const double *>(tensor.data)
                                      : *static_cast<const float *>(tensor.data);
}

llvm::Error CompiledStep::run(Variables &variables, const std::vector<std::vector<std::byte>> &batch,
                              const std::vector<std::byte> &labels, int64_t step, StepResult &result,
                              function_ref<llvm::Error(const StepResult &, ArrayRef<condense_tensor>)> accept) const {
  std::vector<condense_tensor> in, out(outputs.size());
  if (llvm::Error error = bindInputs(variables, batch, labels, step, in))
    return error;
  std::string message;
  if (!model->run(in.data(), out.data(), message))
    return makeError(ExitCode::Limit, path + ": training step " + Twine(step) + ": " + message);
  scope_exit free([&] {
    for (condense_tensor &tensor : out)
      model->release(tensor);
  });
  result.metrics.clear();
  for (auto [port, tensor] : zip_equal(outputs, out)) {
    if (port.role == Role::Loss)
      result.loss = readScalar(tensor);
    else if (port.role == Role::Metric)
      result.metrics.push_back(readScalar(tensor));
  }
  if (!accept)
    return llvm::Error::success();
  if (llvm::Error error = accept(result, out))
    return error;
  StringMap<condense_tensor *> fresh;
  for (auto [port, tensor] : zip_equal(outputs, out))
    if (port.role == Role::Parameter || port.role == Role::Moment || port.role == Role::State)
      fresh[port.io.name] = &tensor;
  for (Variable &variable : variables)
    if (condense_tensor *tensor = fresh.lookup(variable.getName())) {
      variable.take(*model, *tensor);
      tensor->data = nullptr;
    }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// A copy of the network with the teacher beside it as @teacher.
Expected<mlir::OwningOpRef<mlir::ModuleOp>> StepBuilder::prepare(int64_t batch) const {
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp(network).clone();
  if (!teacher)
    return module;
  mlir::func::FuncOp copy = target::findEntry(teacher).clone();
  copy.setName("teacher");
  copy.setPrivate();
  module->push_back(copy);
  if (llvm::Error error = runPipeline(
          *module, "builtin.module(train-set-batch{function=teacher batch=" + std::to_string(batch) + "})", path))
    return error;
  return module;
}

static std::string join(const recipe::TrainingPasses &passes) {
  return passes.network + "," + passes.training + "," + passes.loss + "," + passes.step;
}

std::string StepBuilder::getPasses(const recipe::TrainingFacts &facts) const {
  Expected<recipe::TrainingPasses> passes = recipe.getTrainingPasses(facts);
  if (passes)
    return join(*passes);
  consumeError(passes.takeError());
  return "";
}

Expected<CompiledStep> StepBuilder::buildStep(const recipe::TrainingFacts &facts) const {
  Expected<recipe::TrainingPasses> passes = recipe.getTrainingPasses(facts);
  if (!passes)
    return inputError(path + ": " + toString(passes.takeError()));
  auto module = prepare(facts.batch);
  if (!module)
    return module.takeError();
  if (llvm::Error error = runPipeline(**module, "builtin.module(" + join(*passes) + ")", path))
    return error;
  return CompiledStep::compile(std::move(*module), "step", path, threads);
}

Expected<CompiledStep> StepBuilder::buildLoss(recipe::TrainingFacts facts, int64_t batch) const {
  facts.batch = batch;
  Expected<recipe::TrainingPasses> passes = recipe.getTrainingPasses(facts);
  if (!passes)
    return inputError(path + ": " + toString(passes.takeError()));
  auto module = prepare(batch);
  if (!module)
    return module.takeError();
  if (llvm::Error error = runPipeline(**module,
                                      "builtin.module(" + passes->network + "," + passes->loss +
                                          ",train-decompose-fake-quantize,canonicalize,cse)",
                                      path))
    return error;
  return CompiledStep::compile(std::move(*module), "loss", path, threads);
}

Expected<CompiledStep> StepBuilder::buildTrace(const recipe::TrainingFacts &facts) const {
  Expected<recipe::TrainingPasses> passes = recipe.getTrainingPasses(facts);
  if (!passes)
    return inputError(path + ": " + toString(passes.takeError()));
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp(network).clone();
  if (llvm::Error error = runPipeline(*module,
                                      "builtin.module(" + passes->network + "," + passes->training +
                                          ",train-trace-layers,train-decompose-fake-quantize,canonicalize,cse)",
                                      path))
    return error;
  return CompiledStep::compile(std::move(module), "main", path, threads);
}
