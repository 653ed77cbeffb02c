// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pulls a weight expression into the body of the operation that uses it.

#include "WeightInliner.h"
#include "AccessAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense::codegen;

bool WeightInliner::analyze(Value weight, ArrayRef<AffineExpr> at) {
  root = weight;
  rootAt = llvm::to_vector(at);
  return isConstantExpression(weight) && succeeded(visit(root, rootAt, nullptr));
}

bool WeightInliner::analyzeOperation(Value tensor, ArrayRef<AffineExpr> at) {
  root = tensor;
  rootAt = llvm::to_vector(at);
  readsOperands = true;
  return succeeded(visit(root, rootAt, nullptr));
}

Value WeightInliner::build(OpBuilder &builder, Location loc, const LoopDigits &digits, ArrayRef<Value> leafElements) {
  Target target{builder, loc, digits, leafElements};
  return *visit(root, rootAt, &target);
}

/// Divides once by a product: loops are cut at the places that are read, not at
/// those in between.
static SmallVector<AffineExpr> delinearize(AffineExpr index, ArrayRef<int64_t> sizes) {
  SmallVector<AffineExpr> result(sizes.size());
  int64_t divisor = 1;
  for (int64_t i = sizes.size() - 1; i >= 0; --i) {
    AffineExpr rest = divisor == 1 ? index : index.floorDiv(divisor);
    bool isOutermost = llvm::all_of(sizes.take_front(i), [](int64_t size) { return size == 1; });
    result[i] = isOutermost ? rest : rest % sizes[i];
    index = isOutermost ? index * 0 : index;
    divisor = isOutermost ? 1 : divisor * sizes[i];
  }
  return result;
}

static AffineExpr linearize(ArrayRef<AffineExpr> at, ArrayRef<int64_t> sizes) {
  AffineExpr sum = at.front();
  for (size_t i = 1; i < at.size(); ++i)
    sum = sum * sizes[i] + at[i];
  return sum;
}

/// Positions in a reshaped tensor are computed only from static sizes.
static bool hasStaticInnerSizes(ArrayRef<int64_t> shape, ArrayRef<ReassociationIndices> groups) {
  return llvm::all_of(groups, [&](const ReassociationIndices &group) {
    return llvm::none_of(ArrayRef(group).drop_front(), [&](int64_t dim) { return ShapedType::isDynamic(shape[dim]); });
  });
}

FailureOr<Value> WeightInliner::visitView(Operation *view, ArrayRef<AffineExpr> at, Target *target) {
  SmallVector<AffineExpr> source;
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(view)) {
    ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
    if (!hasStaticInnerSizes(shape, collapse.getReassociationIndices()))
      return failure();
    // A tensor of one element that becomes a scalar has no groups.
    AffineExpr zero = getAffineConstantExpr(0, view->getContext());
    source.assign(at.empty() ? shape.size() : 0, zero);
    for (auto [group, index] : llvm::zip_equal(collapse.getReassociationIndices(), at))
      llvm::append_range(source, delinearize(index, shape.slice(group.front(), group.size())));
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(view)) {
    ArrayRef<int64_t> shape = expand.getResultType().getShape();
    if (!hasStaticInnerSizes(shape, expand.getReassociationIndices()))
      return failure();
    for (const ReassociationIndices &group : expand.getReassociationIndices())
      source.push_back(linearize(at.slice(group.front(), group.size()), shape.slice(group.front(), group.size())));
  } else if (isa<tensor::CastOp>(view)) {
    source = llvm::to_vector(at);
  } else {
    return failure();
  }
  return visit(view->getOperand(0), source, target);
}

Value condense::codegen::buildIndex(OpBuilder &builder, Location loc, const LinearForm &form) {
  Value sum;
  auto add = [&](Value term) { sum = sum ? arith::AddIOp::create(builder, loc, sum, term).getResult() : term; };
  for (auto [digit, factor] : llvm::enumerate(form.factors)) {
    if (factor == 0)
      continue;
    Value term = linalg::IndexOp::create(builder, loc, digit);
    if (factor != 1)
      term = arith::MulIOp::create(builder, loc, term, arith::ConstantIndexOp::create(builder, loc, factor));
    add(term);
  }
  if (form.offset != 0 || !sum)
    add(arith::ConstantIndexOp::create(builder, loc, form.offset));
  return sum;
}

static SmallVector<AffineExpr> compose(AffineMap map, ArrayRef<AffineExpr> dims) {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) { return expr.replaceDims(dims); });
}

FailureOr<Value> WeightInliner::visitBody(linalg::LinalgOp op, ArrayRef<AffineExpr> loops, Target *target) {
  Block &body = op->getRegion(0).front();
  IRMapping values;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!op.payloadUsesValueFromOperand(&operand))
      continue;
    SmallVector<AffineExpr> at = compose(op.getMatchingIndexingMap(&operand), loops);
    bool isLeaf = readsOperands && isa<TensorType>(operand.get().getType());
    FailureOr<Value> element = isLeaf ? visitLeaf(operand.get(), at, target) : visit(operand.get(), at, target);
    if (failed(element))
      return failure();
    if (target)
      values.map(op.getMatchingBlockArgument(&operand), *element);
  }
  for (Operation &inner : body.without_terminator()) {
    auto index = dyn_cast<linalg::IndexOp>(inner);
    if (index && !target)
      indices.push_back(loops[index.getDim()]);
    if (!target)
      continue;
    if (index)
      values.map(index.getResult(),
                 buildIndex(target->builder, target->loc, *target->digits.linearize(loops[index.getDim()])));
    else
      target->builder.clone(inner, values);
  }
  return target ? values.lookupOrDefault(body.getTerminator()->getOperand(0)) : Value();
}

FailureOr<Value> WeightInliner::visitLeaf(Value value, ArrayRef<AffineExpr> at, Target *target) {
  if (target)
    return target->elements[target->position++];
  leaves.push_back({value, llvm::to_vector(at)});
  return Value();
}

FailureOr<Value> WeightInliner::visit(Value value, ArrayRef<AffineExpr> at, Target *target) {
  Operation *def = value.getDefiningOp();
  if (!isa<TensorType>(value.getType()))
    return value;
  if (!def)
    return failure();
  if (def->hasTrait<OpTrait::ConstantLike>() && !readsOperands)
    return visitLeaf(value, at, target);
  linalg::LinalgOp op = getElementwiseProducer(value);
  if (!op)
    return visitView(def, at, target);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return visitBody(op, compose(inversePermutation(resultMap), at), target);
}
