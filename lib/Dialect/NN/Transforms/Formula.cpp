// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recognises numbers, polynomials and norms. Structure is compared, not single values, as exporters repeat operations.

#include "Formula.h"

#include "condense/Analysis/Layers.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::nn;

std::optional<double> nn::getNumber(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat() || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  APFloat number = elements.getSplatValue<APFloat>();
  bool losesInfo;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

bool nn::isNear(double value, double number) { return std::abs(value - number) <= 1e-6 * std::abs(number); }

/// The one of two operands that is a number, and the other one.
static std::optional<Scaled> splitNumber(Operation *op) {
  for (unsigned i : {0, 1})
    if (std::optional<double> number = getNumber(op->getOperand(i));
        number && op->getOperand(1 - i).getType() == op->getResult(0).getType())
      return Scaled{op->getOperand(1 - i), *number};
  return std::nullopt;
}

std::optional<Scaled> nn::peelFactor(Value value) {
  if (auto product = value.getDefiningOp<MulOp>())
    return splitNumber(product);
  auto quotient = value.getDefiningOp<DivOp>();
  std::optional<double> number = quotient ? getNumber(quotient.getRhs()) : std::nullopt;
  if (!number || *number == 0 || quotient.getLhs().getType() != quotient.getType())
    return std::nullopt;
  return Scaled{quotient.getLhs(), 1 / *number};
}

static std::optional<Polynomial> multiply(const Polynomial &lhs, const Polynomial &rhs) {
  Polynomial result{};
  for (size_t i = 0; i < lhs.size(); ++i)
    for (size_t j = 0; j < rhs.size(); ++j) {
      double term = lhs[i] * rhs[j];
      if (term != 0 && i + j >= result.size())
        return std::nullopt;
      if (term != 0)
        result[i + j] += term;
    }
  return result;
}

/// x^2 and x^3 as powers.
static std::optional<Polynomial> raise(const Polynomial &base, Value exponent) {
  std::optional<double> number = getNumber(exponent);
  if (!number || (*number != 2 && *number != 3))
    return std::nullopt;
  std::optional<Polynomial> result = multiply(base, base);
  return result && *number == 3 ? multiply(*result, base) : result;
}

std::optional<Polynomial> nn::getPolynomial(Value value, Value x, unsigned depth) {
  if (value == x)
    return Polynomial{0, 1, 0, 0};
  if (std::optional<double> number = getNumber(value))
    return Polynomial{*number, 0, 0, 0};
  Operation *op = value.getDefiningOp();
  if (depth == 0 || !isa_and_nonnull<AddOp, SubOp, MulOp, PowOp, DivOp, NegOp>(op))
    return std::nullopt;
  std::optional<Polynomial> lhs = getPolynomial(op->getOperand(0), x, depth - 1);
  if (!lhs)
    return std::nullopt;
  if (isa<NegOp>(op))
    return multiply(*lhs, {-1, 0, 0, 0});
  if (isa<PowOp>(op))
    return raise(*lhs, op->getOperand(1));
  if (isa<DivOp>(op)) {
    std::optional<double> number = getNumber(op->getOperand(1));
    return number && *number != 0 ? multiply(*lhs, {1 / *number, 0, 0, 0}) : std::nullopt;
  }
  std::optional<Polynomial> rhs = getPolynomial(op->getOperand(1), x, depth - 1);
  if (!rhs || isa<MulOp>(op))
    return rhs ? multiply(*lhs, *rhs) : rhs;
  for (auto [to, from] : llvm::zip_equal(*lhs, *rhs))
    to += isa<SubOp>(op) ? -from : from;
  return lhs;
}

/// The first of the dimensions that are reduced, if they are the last ones and stay with size 1.
static std::optional<int64_t> getTrailingAxis(ReduceMeanOp mean) {
  int64_t rank = cast<RankedTensorType>(mean.getInput().getType()).getRank();
  ArrayRef<int64_t> axes = mean.getAxes();
  bool isTrailing = mean.getKeepDims() && !axes.empty() &&
                    llvm::equal(axes, llvm::seq<int64_t>(rank - static_cast<int64_t>(axes.size()), rank));
  return isTrailing ? std::optional(axes.front()) : std::nullopt;
}

Value nn::matchCentred(Value value, int64_t axis) {
  auto difference = value.getDefiningOp<SubOp>();
  auto mean = difference ? difference.getRhs().getDefiningOp<ReduceMeanOp>() : ReduceMeanOp();
  if (!mean || mean.getInput() != difference.getLhs() || getTrailingAxis(mean) != axis)
    return Value();
  return mean.getInput();
}

/// s if `value` is s^2.
static Value matchSquare(Value value) {
  if (auto product = value.getDefiningOp<MulOp>())
    return product.getLhs() == product.getRhs() ? product.getLhs() : Value();
  auto power = value.getDefiningOp<PowOp>();
  return power && getNumber(power.getRhs()) == 2.0 ? power.getLhs() : Value();
}

/// d if `value` is sqrt(d).
static Value matchSquareRoot(Value value) {
  if (auto root = value.getDefiningOp<SqrtOp>())
    return root.getInput();
  auto power = value.getDefiningOp<PowOp>();
  return power && getNumber(power.getRhs()) == 0.5 ? power.getLhs() : Value();
}

/// d if `value` is 1 / d.
static Value matchReciprocal(Value value) {
  if (auto reciprocal = value.getDefiningOp<ReciprocalOp>())
    return reciprocal.getInput();
  auto quotient = value.getDefiningOp<DivOp>();
  return quotient && getNumber(quotient.getLhs()) == 1.0 ? quotient.getRhs() : Value();
}

/// The numerator of a quotient, and the root that it is divided by.
static std::pair<Value, Value> matchQuotient(Operation *op) {
  if (auto quotient = dyn_cast<DivOp>(op))
    return {quotient.getLhs(), quotient.getRhs()};
  if (auto product = dyn_cast<MulOp>(op))
    for (unsigned i : {0, 1})
      if (Value deviation = matchReciprocal(product->getOperand(i)))
        return {product->getOperand(1 - i), deviation};
  return {};
}

std::optional<OverDeviation> nn::matchOverDeviation(Operation *op) {
  auto [numerator, deviation] = matchQuotient(op);
  if (!numerator || numerator.getType() != op->getResult(0).getType())
    return std::nullopt;
  Value variance = matchSquareRoot(deviation);
  auto sum = variance ? variance.getDefiningOp<AddOp>() : AddOp();
  if (!sum)
    return std::nullopt;
  for (unsigned i : {0, 1}) {
    auto mean = sum->getOperand(i).getDefiningOp<ReduceMeanOp>();
    std::optional<double> epsilon = getNumber(sum->getOperand(1 - i));
    std::optional<int64_t> axis = mean ? getTrailingAxis(mean) : std::nullopt;
    Value squared = axis ? matchSquare(mean.getInput()) : Value();
    if (epsilon && squared && squared.getType() == numerator.getType() && mean.getType() == sum.getType())
      return OverDeviation{numerator, squared, *axis, *epsilon};
  }
  return std::nullopt;
}

bool nn::isConstantOperand(Value value) { return isConstantExpression(value); }

Value nn::createOnes(OpBuilder &builder, Location loc, RankedTensorType type, int64_t axis) {
  auto shape = type.getShape().drop_front(axis);
  if (llvm::any_of(shape, ShapedType::isDynamic))
    return Value();
  auto onesType = RankedTensorType::get(shape, type.getElementType());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(onesType, builder.getFloatAttr(type.getElementType(), 1.0)));
}

void nn::remarkRaised(Operation *op, StringRef what) {
  remark::passed(op->getLoc(), remark::RemarkOpts::name("raise").category("nn")) << ("raised to " + what).str();
}
