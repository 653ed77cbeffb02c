// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Raises SiLU that an exporter wrote in elementary operations: x sigmoid(x) or x / (1 + exp(-x)).

#include "Formula.h"
#include "condense/Dialect/NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace condense::nn {
#define GEN_PASS_DEF_RAISESILUPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// x if `value` is 1 + exp(-x).
static Value matchDenominator(Value value) {
  auto sum = value.getDefiningOp<AddOp>();
  for (unsigned i : {0, 1}) {
    auto exponential = sum ? sum->getOperand(1 - i).getDefiningOp<ExpOp>() : ExpOp();
    auto negative = exponential ? exponential.getInput().getDefiningOp<NegOp>() : NegOp();
    if (negative && getNumber(sum->getOperand(i)) == 1.0)
      return negative.getInput();
  }
  return Value();
}

static Value matchSilu(Operation *op) {
  if (auto quotient = dyn_cast<DivOp>(op)) {
    Value x = matchDenominator(quotient.getRhs());
    return x == quotient.getLhs() ? x : Value();
  }
  for (unsigned i : {0, 1}) {
    auto sigmoid = op->getOperand(i).getDefiningOp<SigmoidOp>();
    if (sigmoid && sigmoid.getInput() == op->getOperand(1 - i))
      return sigmoid.getInput();
  }
  return Value();
}

namespace {

template <typename OpTy> struct RaiseSilu : OpRewritePattern<OpTy> {
  RaiseSilu(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<OpTy>(context), count(count) {}

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    Value x = matchSilu(op);
    if (!x || x.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "requires x sigmoid(x) or x / (1 + exp(-x))");
    remarkRaised(op, SiluOp::getOperationName());
    rewriter.replaceOpWithNewOp<SiluOp>(op, x.getType(), x);
    ++count;
    return success();
  }
  Pass::Statistic &count;
};

struct RaiseSiluPass : nn::impl::RaiseSiluPassBase<RaiseSiluPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseSilu<MulOp>, RaiseSilu<DivOp>>(&getContext(), numRaised);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns),
                                     GreedyRewriteConfig().enableFolding(false).enableConstantCSE(false))))
      signalPassFailure();
  }
};

} // namespace
