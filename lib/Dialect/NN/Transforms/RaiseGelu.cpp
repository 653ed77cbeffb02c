// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises GELU that an exporter wrote in elementary operations: x (1 + erf(x / sqrt 2)) / 2, or with
// tanh(sqrt(2/pi) (x + 0.044715 x^3)), its factors in any order and the argument as any form of that polynomial.

#include "Formula.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>
#include <numbers>

namespace condense::nn {
#define GEN_PASS_DEF_RAISEGELUPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

namespace {

/// number * x^numX * gate^numGate
struct Product {
  double number = 1;
  unsigned numX = 0, numGate = 0;
};

} // namespace

static std::optional<Product> getProduct(Value value, Value x, Value gate) {
  if (value == x)
    return Product{1, 1, 0};
  if (value == gate)
    return Product{1, 0, 1};
  if (std::optional<double> number = getNumber(value))
    return Product{*number, 0, 0};
  std::optional<Scaled> scaled = peelFactor(value);
  auto product = value.getDefiningOp<MulOp>();
  if (!scaled && !product)
    return std::nullopt;
  std::optional<Product> lhs = getProduct(scaled ? scaled->value : product.getLhs(), x, gate);
  std::optional<Product> rhs = scaled ? Product{scaled->factor, 0, 0} : getProduct(product.getRhs(), x, gate);
  if (!lhs || !rhs)
    return std::nullopt;
  return Product{lhs->number * rhs->number, lhs->numX + rhs->numX, lhs->numGate + rhs->numGate};
}

/// The factors of a product, down to those that are no products.
static void collectFactors(Value value, SmallVectorImpl<Value> &factors) {
  factors.push_back(value);
  if (std::optional<Scaled> scaled = peelFactor(value))
    return collectFactors(scaled->value, factors);
  if (auto product = value.getDefiningOp<MulOp>(); product && factors.size() < 16) {
    collectFactors(product.getLhs(), factors);
    if (product.getLhs() != product.getRhs())
      collectFactors(product.getRhs(), factors);
  }
}

/// f(u) if `value` is 1 + f(u), f one of erf and tanh.
static Operation *matchGate(Value value) {
  auto sum = value.getDefiningOp<AddOp>();
  for (unsigned i : {0, 1})
    if (sum && getNumber(sum->getOperand(i)) == 1.0 && sum->getOperand(1 - i).getType() == sum.getType() &&
        isa_and_nonnull<ErfOp, TanhOp>(sum->getOperand(1 - i).getDefiningOp()))
      return sum->getOperand(1 - i).getDefiningOp();
  return nullptr;
}

/// Whether u is what the function is applied to in the GELU of x.
static bool isArgument(Operation *function, Value x) {
  std::optional<Polynomial> actual = getPolynomial(function->getOperand(0), x);
  double factor = isa<ErfOp>(function) ? std::numbers::sqrt2 / 2 : std::sqrt(2 / std::numbers::pi);
  Polynomial expected{0, factor, 0, isa<ErfOp>(function) ? 0 : factor * 0.044715};
  // Exporters write these numbers with as few as five digits.
  return actual && llvm::all_of(llvm::zip_equal(*actual, expected), [](auto pair) {
           auto [value, number] = pair;
           return std::abs(value - number) <= 1e-5 * std::abs(number);
         });
}

namespace {

struct RaiseGelu : OpRewritePattern<MulOp> {
  RaiseGelu(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> factors;
    collectFactors(op, factors);
    for (Value gate : factors) {
      Operation *function = matchGate(gate);
      if (!function)
        continue;
      for (Value x : factors) {
        std::optional<Product> product = x == gate ? std::nullopt : getProduct(op, x, gate);
        bool isGelu = product && product->numX == 1 && product->numGate == 1 && isNear(product->number, 0.5);
        if (!isGelu || x.getType() != op.getType() || !isArgument(function, x))
          continue;
        remarkRaised(op, GeluOp::getOperationName());
        rewriter.replaceOpWithNewOp<GeluOp>(op, op.getType(), x, isa<TanhOp>(function));
        ++count;
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "requires x (1 + erf(x / sqrt 2)) / 2 or its approximation with tanh");
  }
  Pass::Statistic &count;
};

struct RaiseGeluPass : nn::impl::RaiseGeluPassBase<RaiseGeluPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseGelu>(&getContext(), numRaised);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
