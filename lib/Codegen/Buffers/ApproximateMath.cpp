// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Expands transcendental functions into arithmetic. The approximations are those of MLIR, but for exp and erf; which
// of them are accurate over the whole range of f32 is decided here. (Those of sin and cos are
// not: their reduction of the argument loses all digits of large ones.)

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <limits>

namespace condense {
#define GEN_PASS_DEF_CODEGENAPPROXIMATEMATHPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

static bool isApproximated(StringRef name) {
  return llvm::is_contained({math::ExpM1Op::getOperationName(), math::LogOp::getOperationName(),
                             math::Log1pOp::getOperationName(), math::TanhOp::getOperationName()},
                            name);
}

static bool isComputedInF32(StringRef name) {
  return isApproximated(name) || name == math::ErfOp::getOperationName() || name == math::ExpOp::getOperationName();
}

/// A scalar or a vector of `type` that repeats the number.
static Value createNumber(ImplicitLocOpBuilder &b, Type type, TypedAttr number) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, Attribute(number)));
  return arith::ConstantOp::create(b, number);
}

/// Below, the result is smaller than the smallest normal number; above, it is larger than the largest.
static constexpr float kExpLowest = -87.336544f, kExpHighest = 88.722832f;

/// `exp(r)` from the constant term on: least relative error (3e-9) on [-ln 2 / 2, ln 2 / 2], the first two terms exact.
static constexpr float kExpTerms[] = {1.0f,
                                      1.0f,
                                      0.49999993431999556f,
                                      0.16666520397131243f,
                                      0.04166839080376043f,
                                      0.008368745323621621f,
                                      0.00138145398225498f};

/// Adding it rounds a small number to the nearest integer, which then is in its lowest bits.
static constexpr float kRounding = 12582912.0f;

/// erf is 1 in f32 from here on.
static constexpr float kErfOne = 3.92f;

/// `erf(x) / x` of `t = 2 x^2 / kErfOne^2 - 1`, from the constant term on: least relative error on [-1, 1] (Lawson's
/// iteration). In t, all terms are small, so that their sum keeps its digits.
static constexpr float kErfTerms[] = {0.36073681712150574f,   -0.18010924756526947f,  0.13408273458480835f,
                                      -0.10915482044219971f,  0.09062794595956802f,   -0.07429394125938416f,
                                      0.058200571686029434f,  -0.042087044566869736f, 0.03027968481183052f,
                                      -0.023390861228108406f, 0.01332580391317606f,   -0.0031030485406517982f,
                                      0.0025823672767728567f, -0.004499515052884817f, 0.0019046146189793944f};

namespace {
/// exp(x) = 2^n exp(r) with x = n ln 2 + r: a polynomial, to whose exponent n is added. NaN stays NaN.
struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "requires f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto constant = [&](float value) { return createNumber(b, type, b.getF32FloatAttr(value)); };
    Value x = op.getOperand(), rounding = constant(kRounding);
    Value shifted = math::FmaOp::create(b, x, constant(1.44269504f), rounding);
    Value n = arith::SubFOp::create(b, shifted, rounding);
    // ln 2 in two parts, of which the product of n with the first is exact.
    Value r = math::FmaOp::create(b, n, constant(-0.693359375f), x);
    r = math::FmaOp::create(b, n, constant(2.12194440e-4f), r);
    Value sum = constant(kExpTerms[std::size(kExpTerms) - 1]);
    for (float term : llvm::reverse(ArrayRef(kExpTerms).drop_back()))
      sum = math::FmaOp::create(b, sum, r, constant(term));
    rewriter.replaceOp(op, limit(b, x, scale(b, sum, shifted)));
    return success();
  }

  /// Adds the integer in the lowest bits of `shifted` to the exponent of `value`.
  static Value scale(ImplicitLocOpBuilder &b, Value value, Value shifted) {
    Type type = value.getType(), integer = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      integer = vector.clone(integer);
    Value bits = arith::BitcastOp::create(b, integer, value), n = arith::BitcastOp::create(b, integer, shifted);
    Value exponent = arith::ShLIOp::create(b, n, createNumber(b, integer, b.getI32IntegerAttr(23)));
    return arith::BitcastOp::create(b, type, arith::AddIOp::create(b, bits, exponent));
  }

  static Value limit(ImplicitLocOpBuilder &b, Value x, Value result) {
    Type type = x.getType();
    auto replace = [&](arith::CmpFPredicate predicate, float bound, float value) {
      Value isOutside = arith::CmpFOp::create(b, predicate, x, createNumber(b, type, b.getF32FloatAttr(bound)));
      Value edge = createNumber(b, type, b.getF32FloatAttr(value));
      result = arith::SelectOp::create(b, isOutside, edge, result);
    };
    replace(arith::CmpFPredicate::OLT, kExpLowest, 0);
    replace(arith::CmpFPredicate::OGT, kExpHighest, std::numeric_limits<float>::infinity());
    return result;
  }
};

/// One polynomial without a division. Comparisons are of the form that keeps NaN.
struct ExpandErf : OpRewritePattern<math::ErfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "requires f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto constant = [&](float value) { return createNumber(b, type, b.getF32FloatAttr(value)); };
    auto limit = [&](Value x, float bound) -> Value {
      for (auto [predicate, value] :
           {std::pair(arith::CmpFPredicate::OGT, bound), std::pair(arith::CmpFPredicate::OLT, -bound)}) {
        Value edge = constant(value);
        x = arith::SelectOp::create(b, arith::CmpFOp::create(b, predicate, x, edge), edge, x);
      }
      return x;
    };
    Value x = limit(op.getOperand(), kErfOne);
    Value t = math::FmaOp::create(b, arith::MulFOp::create(b, x, x), constant(2 / (kErfOne * kErfOne)), constant(-1));
    Value sum = constant(kErfTerms[std::size(kErfTerms) - 1]);
    for (float term : llvm::reverse(ArrayRef(kErfTerms).drop_back()))
      sum = math::FmaOp::create(b, sum, t, constant(term));
    rewriter.replaceOp(op, limit(arith::MulFOp::create(b, x, sum), 1));
    return success();
  }
};
} // namespace

namespace {

struct ApproximateMathPass : public condense::impl::CodegenApproximateMathPassBase<ApproximateMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathF32ExpansionPatterns(patterns, isComputedInF32);
    patterns.add<ExpandErf, ExpandExp>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace
