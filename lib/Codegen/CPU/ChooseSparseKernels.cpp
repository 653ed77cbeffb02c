// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decides which contractions skip the zeros of their weights.

#include "SignedActivation.h"
#include "SparseSlices.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENCHOOSESPARSEKERNELSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Weights with a larger part of units that are not zero have no zeros worth mentioning.
static constexpr double kDense = 0.95;

/// The name of the layer, or of its weight, if one of them has one.
static std::string nameLayer(linalg::LinalgOp op, const TensorConstant &weight) {
  StringRef layer = getLayerName(op.getLoc()), name = layer.empty() ? weight.getName() : layer;
  return name.empty() ? "" : (name + ": ").str();
}

namespace {

struct ChooseSparseKernelsPass : condense::impl::CodegenChooseSparseKernelsPassBase<ChooseSparseKernelsPass> {
  using CodegenChooseSparseKernelsPassBase::CodegenChooseSparseKernelsPassBase;

  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> operations;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() > 0)
        operations.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : operations)
      visitOperation(rewriter, op);
  }

  void visitOperation(RewriterBase &rewriter, linalg::LinalgOp op) {
    VectorTarget target;
    target.bits = vectorBits;
    target.vnni = vnni;
    target.permute = permute;
    std::string reason;
    FailureOr<SparseContraction> contraction = matchSparseContraction(op, target, reason);
    if (failed(contraction))
      return;
    TensorConstant weight = *getTensorConstant(contraction->weight->get());
    SparseCounts counts = countNonzeros(*contraction, weight);
    double density = double(counts.nonzeroUnits) / double(counts.units);
    if (density > kDense)
      return;
    bool areColumns = succeeded(checkSlices(*contraction, target, reason));
    if (!areColumns && contraction->rowLoops.empty())
      return;
    double cost = areColumns ? estimateRelativeCost(*contraction, planSlices(*contraction, weight))
                             : estimateRelativeCost(*contraction, counts);
    std::string text = llvm::formatv("{0}{1:P1} of the weights{2} are not zero, and a sparse kernel takes {3:F2} of "
                                     "the dense one's {4}",
                                     nameLayer(op, weight), density, contraction->isInteger ? ", in fours," : "", cost,
                                     areColumns ? "time" : "instructions");
    auto options = remark::RemarkOpts::name("sparse-kernel").category("codegen");
    if (cost >= maxCost) {
      remark::missed(op.getLoc(), options) << ("left dense: " + text);
      ++numDense;
      return;
    }
    makeActivationUnsigned(rewriter, op, *contraction->weight);
    op->setAttr(kSparseAttrName, rewriter.getStringAttr(areColumns ? kSparseColumns : kSparseRows));
    remark::passed(op.getLoc(), options) << text;
    ++numSparse;
  }
};

} // namespace
