// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds adjoints from operations of `nn`, and simplifies what is obvious while it does.
//
// A null value is a tensor of zeros: it costs nothing and vanishes in sums and products.

#ifndef CONDENSE_DIALECT_NN_GRADIENTS_ADJOINTBUILDER_H
#define CONDENSE_DIALECT_NN_GRADIENTS_ADJOINTBUILDER_H

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Interfaces/DifferentiableOpInterface.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::nn {

class AdjointBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  /// A scalar tensor (which broadcasts) of the element type of `like`.
  Value constant(Value like, double value);

  /// Arithmetic with broadcasting. Constants fold; 1 and 0 vanish where the shapes allow it.
  Value add(Value lhs, Value rhs);
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value div(Value lhs, Value rhs);
  Value neg(Value value);
  Value mul(Value lhs, double rhs) { return lhs ? mul(lhs, constant(lhs, rhs)) : Value(); }
  Value add(Value lhs, double rhs) { return add(lhs, constant(lhs, rhs)); }
  /// 1 - x
  Value complement(Value value);
  Value square(Value value) { return mul(value, value); }

  /// `kind(lhs, rhs)`, a tensor of booleans.
  Value compare(Comparison kind, Value lhs, Value rhs);
  Value compare(Comparison kind, Value lhs, double rhs) { return compare(kind, lhs, constant(lhs, rhs)); }
  /// Elements of `onTrue` where the condition holds, of `onFalse` (null: zeros) elsewhere.
  Value select(Value condition, Value onTrue, Value onFalse = {});

  /// Sum over dimensions.
  Value sum(Value value, llvm::ArrayRef<int64_t> axes, bool keepDims);
  /// What a reduction of `like` over `axes` gave, with these dimensions in place with size 1.
  Value expandDims(Value value, llvm::ArrayRef<int64_t> axes, Value like);
  /// A vector along dimension `axis` of tensors of `rank` dimensions: `[c]` to `[c, 1, 1]`.
  Value alongAxis(Value vector, int64_t axis, int64_t rank);

  Value reshape(Value value, llvm::ArrayRef<int64_t> shape);
  Value reshapeLike(Value value, Value like);
  Value broadcastLike(Value value, Value like);
  /// The adjoint of broadcasting a tensor of the shape of `like` to that of `value`.
  Value sumLike(Value value, Value like);
  Value transpose(Value value, llvm::ArrayRef<int64_t> permutation);
  /// Exchanges the last two dimensions.
  Value transposeMatrix(Value value);
  /// The value of a float type of elements.
  Value cast(Value value, mlir::Type elementType);

  /// The number of elements along `axes` as a scalar tensor: a constant if the shape is known.
  Value count(Value value, llvm::ArrayRef<int64_t> axes);

private:
  template <typename OpTy> Value binary(Value lhs, Value rhs, double (*fold)(double, double));
};

/// The element that all elements of a constant of floats equal.
std::optional<double> getSplat(mlir::Value value);

/// What an adjoint is built from and where it goes. Rules call `set` for the operands that are needed.
class Adjoints : public AdjointBuilder {
public:
  Adjoints(mlir::Operation *op, mlir::OpBuilder &builder, llvm::ArrayRef<Value> results, llvm::ArrayRef<bool> needed,
           llvm::MutableArrayRef<Value> operands)
      : AdjointBuilder(op->getLoc(), builder), results(results), needed(needed), operands(operands) {}

  /// The adjoint of result `number`; null if it is zero.
  Value of(unsigned number = 0) const { return results[number]; }
  bool needs(unsigned operand) const { return needed[operand]; }
  void set(unsigned operand, Value adjoint) { operands[operand] = adjoint; }

private:
  llvm::ArrayRef<Value> results;
  llvm::ArrayRef<bool> needed;
  llvm::MutableArrayRef<Value> operands;
};

/// External model of an operation by a function `LogicalResult rule(OpTy, Adjoints &)`.
template <typename OpTy, llvm::LogicalResult (*rule)(OpTy, Adjoints &)>
struct AdjointModel : DifferentiableOpInterface::ExternalModel<AdjointModel<OpTy, rule>, OpTy> {
  llvm::LogicalResult buildAdjoints(mlir::Operation *op, mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Value> adjoints,
                                    llvm::ArrayRef<bool> needed,
                                    llvm::MutableArrayRef<mlir::Value> operandAdjoints) const {
    Adjoints context(op, builder, adjoints, needed, operandAdjoints);
    return rule(mlir::cast<OpTy>(op), context);
  }
};

} // namespace condense::nn

#endif // CONDENSE_DIALECT_NN_GRADIENTS_ADJOINTBUILDER_H
