// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Brings operands to one shape.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

SmallVector<int64_t> lowering::dropStretched(ImplicitLocOpBuilder &b, Value &tensor, ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t offset = sizes.size() - type.getRank();
  SmallVector<int64_t> dims, shape;
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices pending;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    pending.push_back(dim);
    bool stretches = size == 1 && !isOneInteger(sizes[dim + offset]);
    if (stretches && groups.empty())
      continue;
    if (stretches) {
      groups.back().append(pending);
    } else {
      groups.push_back(pending);
      dims.push_back(dim + offset);
      shape.push_back(size);
    }
    pending.clear();
  }
  if (static_cast<int64_t>(dims.size()) != type.getRank())
    tensor = tensor::CollapseShapeOp::create(b, type.clone(shape), tensor, groups);
  return dims;
}

Value lowering::broadcastAtRunTime(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<OpFoldResult> sizes) {
  ArrayRef<int64_t> shape = getShape(tensor);
  int64_t offset = sizes.size() - shape.size();
  Value zero = createIndex(b, 0), one = createIndex(b, 1);
  SmallVector<Value> stretches;
  for (OpFoldResult size : getSizes(b, tensor))
    stretches.push_back(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, toValue(b, size), one));
  return createFromIndices(b, sizes, getElementTypeOrSelf(tensor), [&](ImplicitLocOpBuilder &in, ValueRange indices) {
    SmallVector<Value> position;
    for (auto [dim, isOne] : llvm::enumerate(stretches))
      position.push_back(createSelect(in, isOne, zero, indices[dim + offset]));
    return tensor::ExtractOp::create(in, tensor, position).getResult();
  });
}

namespace {
/// One dimension of the common shape.
struct CommonSize {
  OpFoldResult size;
  /// Operands whose size here may turn out to be 1 while the common one is not.
  SmallVector<unsigned> uncertain;
};

/// An operand's dimension that contributes to the common size.
struct Contribution {
  unsigned operand;
  int64_t dim;
};
} // namespace

/// The larger of the sizes, of which each is that or 1 (0 wins over 1).
static OpFoldResult mergeSizes(ImplicitLocOpBuilder &b, OpFoldResult lhs, OpFoldResult rhs) {
  Value left = toValue(b, lhs), right = toValue(b, rhs);
  Value isOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, left, createIndex(b, 1));
  return createSelect(b, isOne, right, left);
}

static CommonSize findCommonSize(ImplicitLocOpBuilder &b, ValueRange originals, ValueRange operands,
                                 ArrayRef<Contribution> contributions) {
  CommonSize common;
  common.size = b.getIndexAttr(1);
  if (contributions.empty())
    return common;
  auto isKnown = [&](const Contribution &c) { return !ShapedType::isDynamic(getShape(operands[c.operand])[c.dim]); };
  auto getSource = [&](const Contribution &c) { return getDimensionSource(originals[c.operand], c.dim); };
  const auto *known = llvm::find_if(contributions, isKnown);
  const Contribution &chosen = known == contributions.end() ? contributions.front() : *known;
  common.size = getSize(b, operands[chosen.operand], chosen.dim);
  DimensionSource source = getSource(chosen);
  bool same = llvm::all_of(contributions, [&](const Contribution &other) {
    return (isKnown(other) && isKnown(chosen)) || getSource(other) == source;
  });
  if (same)
    return common;
  for (const Contribution &other : contributions) {
    if (isKnown(other))
      continue;
    common.uncertain.push_back(other.operand);
    if (!isKnown(chosen))
      common.size = mergeSizes(b, common.size, getSize(b, operands[other.operand], other.dim));
  }
  return common;
}

Broadcasted lowering::broadcast(ImplicitLocOpBuilder &b, ValueRange originals, ValueRange operands,
                                ArrayRef<int64_t> kept) {
  auto getKept = [&](int64_t number) { return kept.empty() ? 0 : kept[number]; };
  int64_t rank = 0;
  for (auto [number, operand] : llvm::enumerate(operands))
    rank = std::max<int64_t>(rank, getShape(operand).size() - getKept(number));
  Broadcasted result;
  SmallVector<bool> uncertain(operands.size(), false);
  for (int64_t dim = 0; dim < rank; ++dim) {
    SmallVector<Contribution> contributions;
    for (auto [number, operand] : llvm::enumerate(operands)) {
      int64_t leading = getShape(operand).size() - getKept(number);
      int64_t operandDim = dim - (rank - leading);
      if (operandDim >= 0 && getShape(operand)[operandDim] != 1)
        contributions.push_back({static_cast<unsigned>(number), operandDim});
    }
    CommonSize common = findCommonSize(b, originals, operands, contributions);
    result.sizes.push_back(common.size);
    for (unsigned number : common.uncertain)
      uncertain[number] = true;
  }
  for (auto [number, operand] : llvm::enumerate(operands)) {
    if (!uncertain[number]) {
      result.operands.push_back(operand);
      continue;
    }
    Sizes sizes = result.sizes;
    llvm::append_range(sizes, ArrayRef(getSizes(b, operand)).take_back(getKept(number)));
    result.operands.push_back(broadcastAtRunTime(b, operand, sizes));
  }
  return result;
}
