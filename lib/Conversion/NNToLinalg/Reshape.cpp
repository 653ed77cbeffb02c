// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reshapes as collapse and expand, which are views of one buffer.
//
// Leading dimensions that the request copies and equal trailing ones stay as
// they are; what lies between is merged and split as far as necessary.

#include "Structured.h"

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

using Groups = SmallVector<ReassociationIndices>;

static Value collapse(ImplicitLocOpBuilder &b, Value tensor, const Groups &groups) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (static_cast<int64_t>(groups.size()) == type.getRank())
    return tensor;
  return tensor::CollapseShapeOp::create(b, tensor, groups);
}

static Value expand(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<OpFoldResult> sizes, const Groups &groups) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (groups.size() == sizes.size())
    return tensor;
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes)
    shape.push_back(getConstantIntValue(size).value_or(ShapedType::kDynamic));
  // The source must know exactly as much as the result.
  SmallVector<int64_t> sourceShape;
  for (ArrayRef<int64_t> group : groups) {
    int64_t size = 1;
    for (int64_t target : group)
      size = ShapedType::isDynamic(shape[target]) || ShapedType::isDynamic(size) ? ShapedType::kDynamic
                                                                                 : size * shape[target];
    sourceShape.push_back(size);
  }
  tensor = castTo(b, tensor, type.clone(sourceShape));
  return tensor::ExpandShapeOp::create(b, type.clone(shape), tensor, groups, sizes);
}

/// The sizes of the result: known, copied, or what remains.
static Sizes getResultSizes(ReshapeOp op, ImplicitLocOpBuilder &b, Value input, RankedTensorType type) {
  Sizes inputSizes = getSizes(b, input), sizes;
  OpFoldResult rest = b.getIndexAttr(1), known = b.getIndexAttr(1);
  ArrayRef<int64_t> request = op.getShape();
  for (auto [dim, size] : llvm::enumerate(inputSizes))
    if (dim >= request.size() || request[dim] != 0)
      rest = mulSizes(b, rest, size);
  for (auto [dim, size] : llvm::enumerate(request)) {
    if (size > 0)
      known = mulSizes(b, known, b.getIndexAttr(size));
    sizes.push_back(size == 0 ? inputSizes[dim] : b.getIndexAttr(size));
  }
  for (auto [dim, size] : llvm::enumerate(request)) {
    if (!type.isDynamicDim(dim))
      sizes[dim] = b.getIndexAttr(type.getDimSize(dim));
    else if (size == -1)
      sizes[dim] = divSizes(b, rest, known);
  }
  return sizes;
}

/// `first` groups of one dimension, one of `middle` dimensions, and `last`
/// again.
static Groups makeGroups(int64_t first, int64_t middle, int64_t last) {
  Groups groups;
  for (int64_t dim = 0; dim < first; ++dim)
    groups.push_back({dim});
  ReassociationIndices merged;
  for (int64_t dim = first; dim < first + middle; ++dim)
    merged.push_back(dim);
  groups.push_back(merged);
  for (int64_t dim = first + middle; dim < first + middle + last; ++dim)
    groups.push_back({dim});
  return groups;
}

/// With all sizes known, one collapse or one expand may be enough.
static Value reshapeAtOnce(ImplicitLocOpBuilder &b, Value input, RankedTensorType type) {
  auto inputType = cast<RankedTensorType>(input.getType());
  if (!inputType.hasStaticShape() || !type.hasStaticShape())
    return {};
  auto groups = getReassociationIndicesForReshape(inputType, type);
  if (!groups)
    return {};
  if (inputType.getRank() > type.getRank())
    return tensor::CollapseShapeOp::create(b, type, input, *groups);
  return tensor::ExpandShapeOp::create(b, type, input, *groups);
}

namespace {
struct ReshapeLowering : Lowering<ReshapeOp> {
  using Lowering::Lowering;

  Value lower(ReshapeOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput();
    auto inputType = cast<RankedTensorType>(input.getType());
    if (inputType.getShape() == type.getShape() && inputType.getNumDynamicDims() <= 1)
      return input;
    if (Value result = reshapeAtOnce(b, input, type))
      return result;

    int64_t inputRank = inputType.getRank(), rank = type.getRank();
    int64_t shorter = std::min(inputRank, rank), first = 0, last = 0;
    while (first < shorter && op.getShape()[first] == 0)
      ++first;
    auto isSameFromEnd = [&](int64_t offset) {
      int64_t size = type.getDimSize(rank - 1 - offset);
      return !ShapedType::isDynamic(size) && size == inputType.getDimSize(inputRank - 1 - offset);
    };
    // One dimension at least must be left between on both sides.
    while (first + last + 1 < shorter && isSameFromEnd(last))
      ++last;
    if (first == shorter)
      --first;

    Sizes sizes = getResultSizes(op, b, input, type);
    int64_t inputMiddle = inputRank - first - last, middle = rank - first - last;
    if (shorter == 0)
      return reshapeScalar(b, input, sizes);
    Value merged = collapse(b, input, makeGroups(first, inputMiddle, last));
    return expand(b, merged, sizes, makeGroups(first, middle, last));
  }

  /// A scalar has no dimension to merge with.
  static Value reshapeScalar(ImplicitLocOpBuilder &b, Value input, ArrayRef<OpFoldResult> sizes) {
    auto type = cast<RankedTensorType>(input.getType());
    if (!sizes.empty()) {
      SmallVector<int64_t> shape(sizes.size(), 1);
      return tensor::ExpandShapeOp::create(b, type.clone(shape), input, Groups());
    }
    SmallVector<int64_t> ones(type.getRank(), 1);
    input = castTo(b, input, type.clone(ones));
    return tensor::CollapseShapeOp::create(b, input, Groups());
  }
};
} // namespace

void lowering::populateReshapePatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ReshapeLowering>(converter, patterns.getContext());
}
