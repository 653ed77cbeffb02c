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

/// A tile of lanes and rows: what is decoded in each is decoded too often, if there are several.
static constexpr int64_t kTileUses = 64;

/// The operation that computes a tensor, below reshapes.
static linalg::LinalgOp findComputation(Value tensor) {
  while (Operation *def = tensor.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(def))
      break;
    tensor = def->getOperand(0);
  }
  return tensor.getDefiningOp<linalg::LinalgOp>();
}

/// Stores what an operation computes, and what it reads at other places through reshapes, which keep lanes from being
/// contiguous.
static void markStored(linalg::LinalgOp op) {
  op->setAttr(kStoredAttrName, UnitAttr::get(op->getContext()));
  int64_t size = cast<RankedTensorType>(op->getResult(0).getType()).getNumElements();
  for (Value input : op.getDpsInputs())
    if (linalg::LinalgOp source = findComputation(input);
        source && source->getResult(0) != input && cast<RankedTensorType>(input.getType()).getNumElements() == size)
      markStored(source);
}

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

  /// A weight that stays in its order is decoded before the operation, if that would be done for each of several tiles.
  void storeWhole(linalg::LinalgOp op, OpOperand &weight) {
    auto type = cast<RankedTensorType>(weight.get().getType());
    linalg::LinalgOp decoder = findComputation(weight.get());
    int64_t uses = countUses(op, op.getMatchingIndexingMap(&weight));
    if (!decoder || !type.getElementType().isF32() || type.getNumElements() * 4 > mostStored || uses <= kTileUses)
      return;
    markStored(decoder);
    remark::passed(op.getLoc(), remark::RemarkOpts::name("pack-weight").category("codegen"))
        << llvm::formatv("weight decoded before its kernel, as each element is used {0} times", uses).str();
    ++numDecoded;
  }

  void packOperation(RewriterBase &rewriter, linalg::LinalgOp op) {
    std::optional<unsigned> vectorLoop = findVectorLoop(op);
    // a sparse kernel has an order of its own, and so has one whose lanes run along the sum
    auto isTable = [](Type type) { return isRowTable(getElementTypeOrSelf(type)); };
    if (!vectorLoop || op->hasAttr(kSparseAttrName) || llvm::any_of(op->getOperandTypes(), isTable))
      return;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      if (!op.payloadUsesValueFromOperand(operand) || !isConstantExpression(operand->get()))
        continue;
      if (!op.getMatchingIndexingMap(operand).isFunctionOfDim(*vectorLoop)) {
        storeWhole(op, *operand);
        continue;
      }
      if (vnni && packQuantized(rewriter, op, *operand, *vectorLoop))
        return;
      if (vnni)
        makeActivationUnsigned(rewriter, op, *operand);
      WeightPacking packing(rewriter, op, *operand, *vectorLoop);
      auto options = remark::RemarkOpts::name("pack-weight").category("codegen");
      std::string reason;
      if (!packing.plan(vnni, reason)) {
        remark::missed(op.getLoc(), options) << "weight left in its order: " + reason;
        storeWhole(op, *operand);
        return;
      }
      if (packing.isInOrder())
        continue;
      Location loc = op.getLoc();
      numBytes += packing.rewrite(mostStored);
      ++numPacked;
      std::string text = "weight stored in the order of its kernel";
      if (int64_t uses = packing.getStoredUses()) {
        text += llvm::formatv(", and decoded before it, as each element is used {0} times", uses).str();
        ++numDecoded;
      }
      remark::passed(loc, options) << text;
      return;
    }
  }
};

} // namespace
