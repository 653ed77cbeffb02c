// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computes what a look-up reads from a table instead of the whole table.
//
// An embedding reads a few rows of a weight. If that is made from constants by
// elementwise operations (dequantize, unpack), each of its elements can be
// made from elements of the constants: the position is followed backwards
// through reshapes and indexing maps, and the bodies are copied.

#include "AccessAnalysis.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENINLINELOOKUPSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

static Value createIndex(ImplicitLocOpBuilder &b, int64_t value) { return arith::ConstantIndexOp::create(b, value); }

/// Positions in the source of a collapse: each index is taken apart.
static SmallVector<Value> splitIndices(ImplicitLocOpBuilder &b, tensor::CollapseShapeOp op, ArrayRef<Value> indices) {
  ArrayRef<int64_t> shape = op.getSrcType().getShape();
  SmallVector<Value> result(shape.size());
  SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
  // A scalar has no groups; its source has sizes of 1 only.
  if (groups.empty())
    result.assign(shape.size(), createIndex(b, 0));
  for (auto [group, index] : llvm::zip_equal(groups, indices)) {
    Value rest = index;
    for (int64_t dim : llvm::reverse(ArrayRef(group).drop_front())) {
      Value size = createIndex(b, shape[dim]);
      result[dim] = arith::RemUIOp::create(b, rest, size);
      rest = arith::DivUIOp::create(b, rest, size);
    }
    result[group.front()] = rest;
  }
  return result;
}

/// Positions in the source of an expansion: indices of a group are merged.
static SmallVector<Value> mergeIndices(ImplicitLocOpBuilder &b, tensor::ExpandShapeOp op, ArrayRef<Value> indices) {
  ArrayRef<int64_t> shape = op.getResultType().getShape();
  SmallVector<Value> result;
  for (ArrayRef<int64_t> group : op.getReassociationIndices()) {
    Value merged = indices[group.front()];
    for (int64_t dim : group.drop_front()) {
      merged = arith::MulIOp::create(b, merged, createIndex(b, shape[dim]));
      merged = arith::AddIOp::create(b, merged, indices[dim]);
    }
    result.push_back(merged);
  }
  return result;
}

static bool hasIndexableOperands(linalg::LinalgOp op) {
  return llvm::all_of(op.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isProjectedPermutation(/*allowZeroInResults=*/true); });
}

/// The tensor that computing an element of `tensor` starts from, or null if
/// the element has to be read.
static Operation *getInlinable(Value tensor) {
  Operation *def = tensor.getDefiningOp();
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!def || !type || !type.hasStaticShape())
    return nullptr;
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(def))
    return getInlinable(def->getOperand(0)) ? def : nullptr;
  linalg::LinalgOp op = codegen::getElementwiseProducer(tensor);
  return op && hasIndexableOperands(op) ? def : nullptr;
}

static Value createElement(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<Value> indices);

/// Copies the body of an elementwise operation for the result at `indices`.
static Value copyBody(ImplicitLocOpBuilder &b, linalg::LinalgOp op, ArrayRef<Value> indices) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<Value> loops(op.getNumLoops());
  for (auto [dim, index] : llvm::enumerate(indices))
    loops[resultMap.getDimPosition(dim)] = index;

  IRMapping mapping;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!op.payloadUsesValueFromOperand(&operand))
      continue;
    if (!isa<TensorType>(operand.get().getType())) {
      mapping.map(op.getMatchingBlockArgument(&operand), operand.get());
      continue;
    }
    SmallVector<Value> position;
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      position.push_back(dim ? loops[dim.getPosition()] : createIndex(b, 0));
    }
    mapping.map(op.getMatchingBlockArgument(&operand), createElement(b, operand.get(), position));
  }
  Block &body = op->getRegion(0).front();
  for (Operation &inner : body.without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      mapping.map(index.getResult(), loops[index.getDim()]);
    else
      b.clone(inner, mapping);
  }
  return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
}

/// The element of `tensor` at `indices`.
static Value createElement(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<Value> indices) {
  Operation *def = getInlinable(tensor);
  if (!def)
    return tensor::ExtractOp::create(b, tensor, indices);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(def))
    return createElement(b, collapse.getSrc(), splitIndices(b, collapse, indices));
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(def))
    return createElement(b, expand.getSrc(), mergeIndices(b, expand, indices));
  return copyBody(b, cast<linalg::LinalgOp>(def), indices);
}

namespace {

struct InlineLookUp : OpRewritePattern<tensor::ExtractOp> {
  InlineLookUp(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(tensor::ExtractOp op, PatternRewriter &rewriter) const override {
    if (!op->getParentOfType<linalg::LinalgOp>())
      return rewriter.notifyMatchFailure(op, "requires a structured operation");
    if (!codegen::isConstantExpression(op.getTensor()) || !getInlinable(op.getTensor()))
      return rewriter.notifyMatchFailure(op, "requires a weight expression");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> indices(op.getIndices());
    rewriter.replaceOp(op, createElement(b, op.getTensor(), indices));
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct InlineLookUpsPass : condense::impl::CodegenInlineLookUpsPassBase<InlineLookUpsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<InlineLookUp>(&getContext(), numInlined);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
