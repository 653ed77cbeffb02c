// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The function @loss while it is built: passes add terms to it, one after the other, without knowing of each other.

#ifndef CONDENSE_DIALECT_TRAIN_TRANSFORMS_LOSSFUNCTION_H
#define CONDENSE_DIALECT_TRAIN_TRANSFORMS_LOSSFUNCTION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::train {

/// Prefix of the names of the teacher's layers and outputs in @loss.
constexpr llvm::StringLiteral kTeacherPrefix = "teacher.";

class LossFunction {
public:
  /// @loss of the module; made from @main, and @teacher if it is there, where it is missing.
  static llvm::FailureOr<LossFunction> getOrCreate(mlir::ModuleOp module);

  mlir::func::FuncOp getFunction() const { return function; }
  /// Inserts in front of the return.
  mlir::ImplicitLocOpBuilder getBuilder() const;

  bool hasTeacher() const;
  /// Output `index` of the network or its teacher; what softmax is applied to, if it is. Null after an error.
  mlir::Value getLogits(unsigned index, bool ofTeacher) const;
  /// The output itself.
  mlir::Value getOutput(unsigned index, bool ofTeacher) const;
  /// The result of the layer of that name (its location's; "teacher.x" is layer x of the teacher), or null.
  mlir::Value findLayer(llvm::StringRef name) const;
  /// The argument with the labels, added if there is none. Null after an error: they have another type already.
  mlir::Value getLabels(mlir::RankedTensorType type);
  /// A new parameter that is no leaf of the network (for example a projection between features).
  mlir::Value addParameter(llvm::StringRef name, mlir::RankedTensorType type);

  /// Adds `weight * term` (a tensor<f32>) to the loss, and the term as a metric.
  void addTerm(llvm::StringRef name, mlir::Value term, double weight);
  void addMetric(llvm::StringRef name, mlir::Value value);

private:
  explicit LossFunction(mlir::func::FuncOp function) : function(function) {}
  static llvm::FailureOr<LossFunction> create(mlir::ModuleOp module, mlir::func::FuncOp network);
  llvm::LogicalResult addTeacher(mlir::func::FuncOp teacher);
  void addResult(mlir::Value value, mlir::DictionaryAttr attributes);
  mlir::func::ReturnOp getReturn() const;

  /// Operations are handles: looking something up is const.
  mutable mlir::func::FuncOp function;
};

/// A tensor of rank 0.
mlir::Value createScalar(mlir::ImplicitLocOpBuilder &b, mlir::Type elementType, double value);

} // namespace condense::train

#endif // CONDENSE_DIALECT_TRAIN_TRANSFORMS_LOSSFUNCTION_H
