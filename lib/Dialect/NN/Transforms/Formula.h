// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the passes that raise operations recognise: numbers, polynomials and norms written in elementary operations.

#ifndef CONDENSE_LIB_DIALECT_NN_TRANSFORMS_FORMULA_H
#define CONDENSE_LIB_DIALECT_NN_TRANSFORMS_FORMULA_H

#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/PatternMatch.h"

namespace condense::nn {

/// The number that a constant repeats.
std::optional<double> getNumber(mlir::Value value);

/// Whether `value` is about the number, up to the rounding of f32.
bool isNear(double value, double number);

/// A value times a number.
struct Scaled {
  mlir::Value value;
  double factor = 1;
};

/// Takes one multiplication or division by a number off.
std::optional<Scaled> peelFactor(mlir::Value value);

/// The coefficients, of power 0 first, of `value` as a polynomial in `x` of degree 3 at most.
using Polynomial = std::array<double, 4>;
std::optional<Polynomial> getPolynomial(mlir::Value value, mlir::Value x, unsigned depth = 8);

/// c / sqrt(mean(s^2) + epsilon), the mean over the dimensions from `axis` on.
struct OverDeviation {
  mlir::Value numerator, squared;
  int64_t axis;
  double epsilon;
};
std::optional<OverDeviation> matchOverDeviation(mlir::Operation *op);

/// x if `value` is x - mean(x) over the dimensions from `axis` on.
mlir::Value matchCentred(mlir::Value value, int64_t axis);

/// A constant that is combined with a value of the same shape as the result, by the only user of the value.
template <typename OpTy> struct ConstantUse {
  OpTy user;
  mlir::Value constant;
};
bool isConstantOperand(mlir::Value value);
template <typename OpTy> ConstantUse<OpTy> findConstantUse(mlir::Value value) {
  auto user = value.hasOneUse() ? llvm::dyn_cast<OpTy>(*value.user_begin()) : OpTy();
  if (!user || user.getType() != value.getType())
    return {};
  mlir::Value other = user.getLhs() == value ? user.getRhs() : user.getLhs();
  return isConstantOperand(other) ? ConstantUse<OpTy>{user, other} : ConstantUse<OpTy>{};
}

/// A constant of ones over the dimensions from `axis` on; null if their sizes are unknown.
mlir::Value createOnes(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type, int64_t axis);

/// Remarks that an operation was raised.
void remarkRaised(mlir::Operation *op, llvm::StringRef what);

} // namespace condense::nn

#endif // CONDENSE_LIB_DIALECT_NN_TRANSFORMS_FORMULA_H
