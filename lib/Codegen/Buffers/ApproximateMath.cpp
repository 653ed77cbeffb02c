// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Expands transcendental functions into arithmetic. The approximations are those of MLIR, but for erf; which
// of them are accurate over the whole range of f32 is decided here. (Those of sin and cos are
// not: their reduction of the argument loses all digits of large ones.)

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENAPPROXIMATEMATHPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

static bool isApproximated(StringRef name) {
  return llvm::is_contained({math::ExpOp::getOperationName(), math::ExpM1Op::getOperationName(),
                             math::LogOp::getOperationName(), math::Log1pOp::getOperationName(),
                             math::TanhOp::getOperationName()},
                            name);
}

static bool isComputedInF32(StringRef name) { return isApproximated(name) || name == math::ErfOp::getOperationName(); }

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
/// One polynomial without a division. Comparisons are of the form that keeps NaN.
struct ExpandErf : OpRewritePattern<math::ErfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "requires f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto constant = [&](float value) -> Value {
      FloatAttr number = b.getF32FloatAttr(value);
      if (auto vector = dyn_cast<VectorType>(type))
        return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, number));
      return arith::ConstantOp::create(b, number);
    };
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
    patterns.add<ExpandErf>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, isApproximated);
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace
