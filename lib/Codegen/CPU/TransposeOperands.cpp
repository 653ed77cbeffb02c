// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transposes what a contraction would read across rows, such as the keys of
// attention. One pass over an operand costs little when each of its elements
// takes part in many products.

#include "AccessAnalysis.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENTRANSPOSEOPERANDSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Fewer uses of each element than this do not pay for moving it.
static constexpr int64_t kMinReuse = 8;

/// How often each element of the operand is used; a dynamic size counts as
/// often enough.
static int64_t countReuse(linalg::LinalgOp op, AffineMap map) {
  int64_t reuse = 1;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, size] : llvm::enumerate(sizes))
    if (!map.isFunctionOfDim(loop))
      reuse *= ShapedType::isDynamic(size) ? kMinReuse : size;
  return reuse;
}

/// The dimension of the operand that the lanes walk along, if that is not its
/// innermost one.
static std::optional<unsigned> findStridedDim(AffineMap map, unsigned vectorLoop) {
  if (!map.isProjectedPermutation())
    return std::nullopt;
  std::optional<unsigned> dim = map.getResultPosition(getAffineDimExpr(vectorLoop, map.getContext()));
  return dim && *dim + 1 != map.getNumResults() ? dim : std::nullopt;
}

static void transposeOperand(RewriterBase &rewriter, linalg::GenericOp op, OpOperand &operand, unsigned dim) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  Value source = operand.get();
  auto type = cast<RankedTensorType>(source.getType());
  SmallVector<int64_t> permutation;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (i != dim)
      permutation.push_back(i);
  permutation.push_back(dim);

  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, source);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap &map = maps[operand.getOperandNumber()];
  SmallVector<AffineExpr> results;
  SmallVector<OpFoldResult> shape;
  for (int64_t i : permutation) {
    results.push_back(map.getResult(i));
    shape.push_back(sizes[i]);
  }
  map = AffineMap::get(map.getNumDims(), 0, results, rewriter.getContext());
  Value empty = tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  auto transpose = linalg::TransposeOp::create(rewriter, loc, source, empty, permutation);
  rewriter.modifyOpInPlace(op, [&] {
    operand.set(transpose->getResult(0));
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
}

namespace {

struct TransposeOperandsPass : condense::impl::CodegenTransposeOperandsPassBase<TransposeOperandsPass> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> operations;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.getNumReductionLoops() > 0 && op.hasPureTensorSemantics() && op.getNumResults() == 1)
        operations.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : operations)
      visitOperation(rewriter, op);
  }

  void visitOperation(RewriterBase &rewriter, linalg::GenericOp op) {
    auto linalgOp = cast<linalg::LinalgOp>(op.getOperation());
    std::optional<unsigned> vectorLoop = findVectorLoop(linalgOp);
    if (!vectorLoop)
      return;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      std::optional<unsigned> dim = findStridedDim(map, *vectorLoop);
      if (!dim || !op.payloadUsesValueFromOperand(operand) || isConstantExpression(operand->get()) ||
          countReuse(linalgOp, map) < kMinReuse)
        continue;
      transposeOperand(rewriter, op, *operand, *dim);
      remark::passed(op.getLoc(), remark::RemarkOpts::name("transpose").category("codegen"))
          << "operand transposed to be contiguous along the lanes";
      ++numTransposed;
    }
  }
};

} // namespace
