// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled training steps, and what they change from step to step.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGSTEP_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGSTEP_H

#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Recipe/Recipe.h"
#include "condense/Runtime/Loader.h"
#include "condense/Target/ModelInterface.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace condense::tool {

/// An argument or result of a step.
struct Port {
  train::Role role;
  target::ModelIO io;
  size_t bytes = 0;
};

/// A tensor that steps replace: a parameter, a moment or a state. The steps' libraries allocate new ones.
class Variable {
public:
  Variable(train::Role role, target::ModelIO io, llvm::ArrayRef<char> bytes);
  Variable(Variable &&other);
  ~Variable() { release(); }

  train::Role getRole() const { return role; }
  llvm::StringRef getName() const { return io.name; }
  const target::ModelIO &getIO() const { return io; }
  const condense_tensor &getTensor() const { return tensor; }
  llvm::ArrayRef<char> getBytes() const { return {static_cast<const char *>(tensor.data), bytes}; }

  void set(llvm::ArrayRef<char> values);
  /// Takes over an output of `model`.
  void take(const runtime::Model &model, condense_tensor output);

private:
  void release();

  train::Role role;
  target::ModelIO io;
  size_t bytes;
  condense_tensor tensor = {};
  const runtime::Model *owner = nullptr; ///< null: memory of our own
};
using Variables = std::vector<Variable>;

/// What a step computed beside new variables.
struct StepResult {
  double loss = 0;
  std::vector<double> metrics;
};

/// A function on a batch: the training step, or the loss without one.
class CompiledStep {
public:
  /// Compiles the function `name` of the module, whose arguments and results have roles. `path` names the model.
  static llvm::Expected<CompiledStep> compile(mlir::OwningOpRef<mlir::ModuleOp> module, llvm::StringRef name,
                                              llvm::StringRef path, int threads);

  llvm::ArrayRef<Port> getInputs() const { return inputs; }
  std::vector<target::ModelIO> getInputsOfRole(train::Role role) const;
  const std::vector<std::string> &getMetrics() const { return metrics; }
  /// Bytes of the weights in the library, and of its inputs and outputs.
  size_t getBytes() const;

  /// Runs on a batch. With `accept`, which sees the result first, new variables replace the old ones if it agrees.
  llvm::Error run(Variables &variables, const std::vector<std::vector<std::byte>> &batch,
                  const std::vector<std::byte> &labels, int64_t step, StepResult &result,
                  llvm::function_ref<llvm::Error(const StepResult &, llvm::ArrayRef<condense_tensor>)> accept) const;

private:
  llvm::Error bindInputs(const Variables &variables, const std::vector<std::vector<std::byte>> &batch,
                         const std::vector<std::byte> &labels, const int64_t &step,
                         std::vector<condense_tensor> &tensors) const;

  std::string path;
  std::vector<Port> inputs, outputs;
  std::vector<std::string> metrics;
  std::unique_ptr<runtime::Model> model;
};

/// Makes steps of a network.
class StepBuilder {
public:
  /// The module's function @main is the network; `teacher` may be null.
  StepBuilder(mlir::ModuleOp network, mlir::ModuleOp teacher, const recipe::Recipe &recipe, std::string path,
              int threads)
      : network(network), teacher(teacher), recipe(recipe), path(std::move(path)), threads(threads) {}

  /// The passes of buildStep; "" if the recipe lacks something.
  std::string getPasses(const recipe::TrainingFacts &facts) const;
  llvm::Expected<CompiledStep> buildStep(const recipe::TrainingFacts &facts) const;
  /// The loss in inference mode, for a batch of another size.
  llvm::Expected<CompiledStep> buildLoss(recipe::TrainingFacts facts, int64_t batch) const;
  /// The largest magnitudes of what the layers compute, as metrics called after the layers.
  llvm::Expected<CompiledStep> buildTrace(const recipe::TrainingFacts &facts) const;

private:
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> prepare(int64_t batch) const;

  mlir::ModuleOp network, teacher;
  const recipe::Recipe &recipe;
  std::string path;
  int threads;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGSTEP_H
