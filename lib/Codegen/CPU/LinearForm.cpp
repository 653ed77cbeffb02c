// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loops cut into digits, so that divisions and remainders of their indices
// become linear.

#include "LinearForm.h"

#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace condense::codegen;

AffineExpr LinearForm::toAffine(MLIRContext *context) const {
  AffineExpr sum = getAffineConstantExpr(offset, context);
  for (auto [i, factor] : llvm::enumerate(factors))
    sum = sum + getAffineDimExpr(i, context) * factor;
  return sum;
}

LoopDigits::LoopDigits(ArrayRef<int64_t> loopSizes) : sizes(loopSizes), strides(loopSizes.size(), 1) {
  llvm::append_range(loops, llvm::seq<unsigned>(0, loopSizes.size()));
}

unsigned LoopDigits::getInnermost(unsigned loop) const {
  for (unsigned digit = loops.size(); digit-- > 0;)
    if (loops[digit] == loop)
      return digit;
  llvm_unreachable("every loop has a digit");
}

LinearForm LoopDigits::formOf(unsigned loop) const {
  LinearForm form{SmallVector<int64_t>(sizes.size(), 0), 0};
  for (auto [digit, owner] : llvm::enumerate(loops))
    if (owner == loop)
      form.factors[digit] = strides[digit];
  return form;
}

bool LoopDigits::split(unsigned loop, ArrayRef<int64_t> blockSizes) {
  for (int64_t block : blockSizes) {
    // The digit in which the block ends.
    for (unsigned digit = 0; digit < loops.size(); ++digit) {
      if (loops[digit] != loop || strides[digit] >= block || sizes[digit] * strides[digit] <= block)
        continue;
      if (block % strides[digit] != 0 || (sizes[digit] * strides[digit]) % block != 0)
        return false;
      int64_t inner = block / strides[digit];
      sizes.insert(sizes.begin() + digit + 1, inner);
      strides.insert(strides.begin() + digit + 1, strides[digit]);
      loops.insert(loops.begin() + digit + 1, loop);
      sizes[digit] /= inner;
      strides[digit] = block;
      break;
    }
  }
  return true;
}

/// Cuts every digit that reaches across `divisor` in `expr`, which is linear.
bool LoopDigits::splitAt(AffineExpr expr, int64_t divisor) {
  std::optional<LinearForm> form = linearize(expr);
  if (!form)
    return false;
  for (unsigned digit = 0; digit < loops.size(); ++digit) {
    int64_t factor = form->factors[digit];
    if (factor == 0 || factor % divisor == 0)
      continue;
    if (factor < 0 || ShapedType::isDynamic(sizes[digit]))
      return false;
    if (factor * sizes[digit] <= divisor)
      continue;
    if (divisor % factor != 0 || !split(loops[digit], {strides[digit] * (divisor / factor)}))
      return false;
    return splitAt(expr, divisor);
  }
  return true;
}

bool LoopDigits::splitFor(AffineExpr expr) {
  bool fits = true;
  // Operands are visited before the expression that they are in.
  expr.walk([&](AffineExpr inner) {
    bool divides = inner.getKind() == AffineExprKind::FloorDiv || inner.getKind() == AffineExprKind::Mod;
    if (!fits || !divides)
      return;
    auto binary = cast<AffineBinaryOpExpr>(inner);
    auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    fits = divisor && splitAt(binary.getLHS(), divisor.getValue());
  });
  return fits && linearize(expr).has_value();
}

/// Terms that are multiples of the divisor become the quotient; the others must
/// stay below it.
static std::optional<LinearForm> divide(const LinearForm &form, int64_t divisor, ArrayRef<int64_t> sizes,
                                        bool wantsQuotient) {
  LinearForm quotient{SmallVector<int64_t>(sizes.size(), 0), form.offset / divisor};
  LinearForm rest{SmallVector<int64_t>(sizes.size(), 0), form.offset % divisor};
  int64_t largest = rest.offset;
  for (auto [i, factor] : llvm::enumerate(form.factors)) {
    if (factor < 0)
      return std::nullopt;
    (factor % divisor == 0 ? quotient : rest).factors[i] = factor % divisor == 0 ? factor / divisor : factor;
    largest += rest.factors[i] * (sizes[i] - 1);
  }
  if (form.offset < 0 || largest >= divisor)
    return std::nullopt;
  return wantsQuotient ? quotient : rest;
}

std::optional<LinearForm> LoopDigits::linearize(AffineExpr expr) const {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return formOf(dim.getPosition());
  LinearForm constant{SmallVector<int64_t>(sizes.size(), 0), 0};
  if (auto value = dyn_cast<AffineConstantExpr>(expr))
    return constant.offset = value.getValue(), constant;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<LinearForm> lhs = linearize(binary.getLHS());
  if (!lhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    std::optional<LinearForm> rhs = linearize(binary.getRHS());
    if (!rhs)
      return std::nullopt;
    for (auto [sum, factor] : llvm::zip_equal(lhs->factors, rhs->factors))
      sum += factor;
    lhs->offset += rhs->offset;
    return lhs;
  }
  auto operand = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!operand || expr.getKind() == AffineExprKind::CeilDiv)
    return std::nullopt;
  if (expr.getKind() != AffineExprKind::Mul)
    return divide(*lhs, operand.getValue(), sizes, expr.getKind() == AffineExprKind::FloorDiv);
  for (int64_t &factor : lhs->factors)
    factor *= operand.getValue();
  lhs->offset *= operand.getValue();
  return lhs;
}

std::optional<AffineMap> LoopDigits::rewrite(AffineMap map) const {
  SmallVector<AffineExpr> results;
  for (AffineExpr expr : map.getResults()) {
    std::optional<LinearForm> form = linearize(expr);
    if (!form)
      return std::nullopt;
    results.push_back(form->toAffine(map.getContext()));
  }
  return AffineMap::get(sizes.size(), 0, results, map.getContext());
}
