// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates elementwise expressions over tensors at the points that the lanes
// of a vector see.
//
// The body of each linalg operation is cloned with vector types; what does not
// depend on the lane stays scalar, so that loop-invariant code motion and
// broadcasts from memory apply to it.

#include "ExpressionEvaluator.h"
#include "AccessAnalysis.h"
#include "RowTable.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace condense::codegen;

static SmallVector<OpFoldResult> basesOf(ArrayRef<LaneIndex> point) {
  return llvm::map_to_vector(point, [](const LaneIndex &index) { return index.base; });
}

static LaneStrides stridesOf(ArrayRef<LaneIndex> point) {
  return llvm::map_to_vector(point, [](const LaneIndex &index) { return index.stride; });
}

static LanePoint makePoint(ArrayRef<OpFoldResult> bases, ArrayRef<int64_t> strides) {
  LanePoint point;
  for (auto [base, stride] : llvm::zip_equal(bases, strides))
    point.push_back({base, stride});
  return point;
}

LanePoint ExpressionEvaluator::apply(AffineMap map, ArrayRef<LaneIndex> dims) {
  LaneStrides strides = *applyToStrides(map, stridesOf(dims));
  SmallVector<OpFoldResult> bases = affine::makeComposedFoldedMultiResultAffineApply(builder, loc, map, basesOf(dims));
  return makePoint(bases, strides);
}

SmallVector<Value> ExpressionEvaluator::bases(ArrayRef<LaneIndex> point) {
  return getValueOrCreateConstantIndexOp(builder, loc, basesOf(point));
}

Value ExpressionEvaluator::broadcast(Value value) {
  if (isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(builder, loc, VectorType::get(lanes, value.getType()), value);
}

Value ExpressionEvaluator::load(Value tensor, ArrayRef<LaneIndex> point, Value mask) {
  if (isUniform(stridesOf(point)))
    return tensor::ExtractOp::create(builder, loc, tensor, bases(point));
  Type element = getElementTypeOrSelf(tensor.getType());
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto read = vector::TransferReadOp::create(builder, loc, VectorType::get(lanes, element), tensor, bases(point), zero,
                                             ArrayRef<bool>{true});
  if (mask)
    read.getMaskMutable().assign(mask);
  return read;
}

Value ExpressionEvaluator::evaluateIndex(LaneIndex index) {
  Value base = getValueOrCreateConstantIndexOp(builder, loc, index.base);
  if (index.stride == 0)
    return base;
  auto type = VectorType::get(lanes, builder.getIndexType());
  Value step = vector::StepOp::create(builder, loc, type);
  if (index.stride != 1) {
    Value factor = arith::ConstantIndexOp::create(builder, loc, index.stride);
    step = arith::MulIOp::create(builder, loc, step, broadcast(factor));
  }
  return arith::AddIOp::create(builder, loc, broadcast(base), step);
}

/// Multiplications and additions that may become one fused operation say so.
static void allowContraction(Operation *op) {
  auto arith = dyn_cast<arith::ArithFastMathInterface>(op);
  if (!arith || !isa<arith::MulFOp, arith::AddFOp, arith::SubFOp>(op))
    return;
  arith::FastMathFlags flags = arith.getFastMathFlagsAttr().getValue() | arith::FastMathFlags::contract;
  op->setAttr(arith.getFastMathAttrName(), arith::FastMathFlagsAttr::get(op->getContext(), flags));
}

const CodeTables &ExpressionEvaluator::getTables(Block &body, ArrayRef<LaneIndex> loops) {
  std::vector<int64_t> known(loops.size(), ShapedType::kDynamic);
  if (usesTables)
    for (auto index : body.getOps<linalg::IndexOp>())
      if (const LaneIndex &at = loops[index.getDim()]; at.stride == 0)
        known[index.getDim()] = getConstantIntValue(at.base).value_or(ShapedType::kDynamic);
  auto [entry, isNew] = tables.try_emplace({&body, known});
  if (isNew && usesTables)
    entry->second = findCodeTables(body, known);
  return entry->second;
}

Value ExpressionEvaluator::evaluateBody(Block &body, ArrayRef<Value> arguments, ArrayRef<LaneIndex> loops,
                                        bool contract) {
  IRMapping values;
  for (auto [argument, value] : llvm::zip_equal(body.getArguments(), arguments))
    if (value)
      values.map(argument, value);
  const CodeTables &tables = getTables(body, loops);
  for (Operation &op : body.without_terminator()) {
    if (auto table = op.getNumResults() == 1 ? tables.find(op.getResult(0)) : tables.end(); table != tables.end()) {
      Value codes = values.lookup(table->second.code);
      if (isa<VectorType>(codes.getType())) {
        values.map(op.getResult(0), createTableLookup(builder, loc, table->second, codes));
        continue;
      }
    }
    if (usesTables && op.getNumResults() == 1) {
      // A table that all lanes share; how scalars would find an entry is not needed.
      if (isRowTable(op.getResult(0).getType()))
        continue;
      if (auto row = matchRowTableBits(&op)) {
        Value table = values.lookup(row->first), numbers = broadcast(values.lookup(row->second));
        values.map(op.getResult(0), createRowTableLookup(builder, loc, table, numbers));
        continue;
      }
    }
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      values.map(index.getResult(), evaluateIndex(loops[index.getDim()]));
      continue;
    }
    bool isVector = llvm::any_of(
        op.getOperands(), [&](Value operand) { return isa<VectorType>(values.lookupOrDefault(operand).getType()); });
    if (isVector)
      for (Value operand : op.getOperands())
        values.map(operand, broadcast(values.lookupOrDefault(operand)));
    Operation *clone = builder.clone(op, values);
    if (isVector)
      for (OpResult result : clone->getResults())
        result.setType(VectorType::get(lanes, result.getType()));
    if (contract)
      allowContraction(clone);
  }
  return values.lookupOrDefault(body.getTerminator()->getOperand(0));
}

Value ExpressionEvaluator::evaluateProducer(linalg::LinalgOp op, ArrayRef<LaneIndex> point, Value mask) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  LanePoint loops = apply(inversePermutation(resultMap), point);
  SmallVector<Value> arguments;
  for (OpOperand &operand : op->getOpOperands()) {
    Value argument;
    if (op.payloadUsesValueFromOperand(&operand))
      argument = read(operand.get(), apply(op.getMatchingIndexingMap(&operand), loops), mask);
    arguments.push_back(argument);
  }
  return evaluateBody(op->getRegion(0).front(), arguments, loops);
}

static SmallVector<OpFoldResult> delinearize(OpBuilder &builder, Location loc, OpFoldResult index,
                                             ArrayRef<int64_t> sizes) {
  AffineExpr rest = builder.getAffineDimExpr(0);
  SmallVector<OpFoldResult> result(sizes.size());
  for (int64_t i = sizes.size() - 1; i >= 0; --i) {
    bool isOutermost = llvm::all_of(sizes.take_front(i), [](int64_t size) { return size == 1; });
    AffineExpr digit = isOutermost ? rest : rest % sizes[i];
    result[i] = affine::makeComposedFoldedAffineApply(builder, loc, digit, {index});
    rest = isOutermost ? builder.getAffineConstantExpr(0) : rest.floorDiv(sizes[i]);
  }
  return result;
}

static OpFoldResult linearize(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> indices,
                              ArrayRef<int64_t> sizes) {
  AffineExpr sum = builder.getAffineConstantExpr(0);
  for (size_t i = 0; i < indices.size(); ++i)
    sum = (i == 0 ? sum : sum * sizes[i]) + builder.getAffineDimExpr(i);
  return affine::makeComposedFoldedAffineApply(builder, loc, sum, indices);
}

/// The same element in the source of a view; nothing unless stridesInSource
/// finds it.
std::optional<LanePoint> ExpressionEvaluator::pointInSource(Operation *view, ArrayRef<LaneIndex> point) {
  std::optional<LaneStrides> strides = stridesInSource(view, stridesOf(point));
  if (!strides)
    return std::nullopt;
  SmallVector<OpFoldResult> at = basesOf(point), result;
  if (auto op = dyn_cast<tensor::CollapseShapeOp>(view)) {
    for (auto [i, group] : llvm::enumerate(op.getReassociationIndices())) {
      ArrayRef<int64_t> sizes = op.getSrcType().getShape().slice(group.front(), group.size());
      // Lanes run along the one wide dimension of the group: they all share its
      // other digits.
      llvm::append_range(result, delinearize(builder, loc, at[i], sizes));
    }
    return makePoint(result, *strides);
  }
  if (auto op = dyn_cast<tensor::ExpandShapeOp>(view)) {
    for (const ReassociationIndices &group : op.getReassociationIndices()) {
      ArrayRef<int64_t> sizes = op.getResultType().getShape().slice(group.front(), group.size());
      result.push_back(linearize(builder, loc, ArrayRef(at).slice(group.front(), group.size()), sizes));
    }
    return makePoint(result, *strides);
  }
  if (auto op = dyn_cast<tensor::ExtractSliceOp>(view)) {
    AffineExpr sum = builder.getAffineDimExpr(0) + builder.getAffineDimExpr(1);
    for (auto [offset, index] : llvm::zip_equal(op.getMixedOffsets(), at))
      result.push_back(affine::makeComposedFoldedAffineApply(builder, loc, sum, {offset, index}));
    return makePoint(result, *strides);
  }
  return makePoint(at, *strides);
}

Value ExpressionEvaluator::read(Value tensor, ArrayRef<LaneIndex> point, Value mask) {
  if (!isa<TensorType>(tensor.getType()))
    return tensor;
  Operation *def = tensor.getDefiningOp();
  if (!def || !(def == producer || isConstantExpression(tensor)))
    return load(tensor, point, mask);
  if (std::optional<LanePoint> source = pointInSource(def, point))
    return read(def->getOperand(0), *source, mask);
  if (linalg::LinalgOp op = getElementwiseProducer(tensor))
    return evaluateProducer(op, point, mask);
  return load(tensor, point, mask);
}
