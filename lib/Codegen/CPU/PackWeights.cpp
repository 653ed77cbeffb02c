// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores constant weights in the order in which vector kernels read them.
//
// A weight expression is a function of the loops of the operation that uses it.
// Seen from there, reshapes are divisions and remainders of loop indices; when
// the loops are cut into digits at those places, every leaf is read at linear
// functions of the digits, and can be stored with the digits as its dimensions
// in any order.

#include "AccessAnalysis.h"
#include "QuantizedPacking.h"
#include "RowTable.h"
#include "SignedActivation.h"
#include "SparseContraction.h"
#include "WeightPacking.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENPACKWEIGHTSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

namespace {

struct PackWeightsPass : condense::impl::CodegenPackWeightsPassBase<PackWeightsPass> {
  using CodegenPackWeightsPassBase::CodegenPackWeightsPassBase;

  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> operations;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() > 0 && op.hasPureTensorSemantics() && op->getNumResults() == 1)
        operations.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : operations)
      packOperation(rewriter, op);
  }

  /// Makes the sum one of integers, if activation and weight are quantized.
  bool packQuantized(RewriterBase &rewriter, linalg::LinalgOp op, OpOperand &weight, unsigned vectorLoop) {
    QuantizedPacking packing(rewriter, op, weight, vectorLoop);
    auto options = remark::RemarkOpts::name("pack-weight").category("codegen");
    std::string reason;
    if (!packing.plan(reason)) {
      if (!reason.empty())
        remark::missed(op.getLoc(), options) << "codes multiplied as floats: " + reason;
      return false;
    }
    const char *text = packing.isExpanded()
                           ? "codes stored in {0} bits and summed as integers, times those of blocks of {1}"
                           : "codes stored in {0} bits and summed as integers in blocks of {1}";
    remark::passed(op.getLoc(), options) << llvm::formatv(text, packing.getBits(), packing.getBlock()).str();
    numBytes += packing.rewrite();
    ++numPacked;
    return true;
  }

  void packOperation(RewriterBase &rewriter, linalg::LinalgOp op) {
    std::optional<unsigned> vectorLoop = findVectorLoop(op);
    // a sparse kernel has an order of its own, and so has one whose lanes run along the sum
    auto isTable = [](Type type) { return isRowTable(getElementTypeOrSelf(type)); };
    if (!vectorLoop || op->hasAttr(kSparseAttrName) || llvm::any_of(op->getOperandTypes(), isTable))
      return;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      if (!op.payloadUsesValueFromOperand(operand) || !isConstantExpression(operand->get()) ||
          !op.getMatchingIndexingMap(operand).isFunctionOfDim(*vectorLoop))
        continue;
      if (vnni && packQuantized(rewriter, op, *operand, *vectorLoop))
        return;
      if (vnni)
        makeActivationUnsigned(rewriter, op, *operand);
      WeightPacking packing(rewriter, op, *operand, *vectorLoop);
      auto options = remark::RemarkOpts::name("pack-weight").category("codegen");
      std::string reason;
      if (!packing.plan(vnni, reason)) {
        remark::missed(op.getLoc(), options) << "weight left in its order: " + reason;
        return;
      }
      if (packing.isInOrder())
        continue;
      remark::passed(op.getLoc(), options) << "weight stored in the order of its kernel";
      numBytes += packing.rewrite();
      ++numPacked;
      return;
    }
  }
};

} // namespace
