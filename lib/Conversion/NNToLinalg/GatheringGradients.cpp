// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of look-ups: loops over the indices that add to the result in place, always in the same order.

#include "Structured.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// Merges the `count` dimensions from `first` on into one, which is inserted if there are none.
static Value mergeDims(ImplicitLocOpBuilder &b, Value tensor, int64_t first, int64_t count) {
  if (count == 0)
    return insertUnitDims(b, tensor, first);
  if (count == 1)
    return tensor;
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (dim > first && dim < first + count)
      groups.back().push_back(dim);
    else
      groups.push_back({dim});
  }
  return tensor::CollapseShapeOp::create(b, tensor, groups);
}

namespace {

struct GatherGradientLowering : Lowering<GatherGradientOp> {
  using Lowering::Lowering;

  Value lower(GatherGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    int64_t axis = op.getAxis(), rank = type.getRank();
    int64_t indexRank = op.getIndices().getType().getRank();
    Type wide = getComputeType(type.getElementType());
    Value indices = mergeDims(b, adaptor.getIndices(), 0, indexRank);
    Value adjoint = convertTensor(b, mergeDims(b, adaptor.getAdjoint(), axis, indexRank), wide);
    Sizes sizes = getSizes(b, adaptor.getInput()), slice = sizes;
    Value zeros = createFilled(b, sizes, createConstant(b, wide, 0));
    // Nothing was read from an empty dimension.
    if (type.getDimSize(axis) == 0)
      return convertTensor(b, zeros, type.getElementType());
    Value size = toValue(b, sizes[axis]);
    slice[axis] = b.getIndexAttr(1);
    Sizes offsets(rank, b.getIndexAttr(0)), strides(rank, b.getIndexAttr(1));
    bool isUnsignedIndex = isUnsigned(getElementTypeOrSelf(op.getIndices()));
    auto loop = scf::ForOp::create(
        b, createIndex(b, 0), toValue(b, getSize(b, indices, 0)), createIndex(b, 1), zeros,
        [&](OpBuilder &nested, Location loc, Value step, ValueRange carried) {
          ImplicitLocOpBuilder in(loc, nested);
          Value index = tensor::ExtractOp::create(in, indices, step);
          offsets[axis] = step;
          Value part = tensor::ExtractSliceOp::create(in, adjoint, offsets, slice, strides);
          offsets[axis] = createPosition(in, index, isUnsignedIndex, size, !op.getClamped());
          Value sum = tensor::ExtractSliceOp::create(in, carried[0], offsets, slice, strides);
          sum = createReduction(in, part, {}, sum, [](ImplicitLocOpBuilder &body, ValueRange args) {
            return createAdd(body, args[1], args[0]);
          });
          scf::YieldOp::create(in,
                               tensor::InsertSliceOp::create(in, sum, carried[0], offsets, slice, strides).getResult());
        });
    return convertTensor(b, loop.getResult(0), type.getElementType());
  }
};

struct GatherElementsGradientLowering : Lowering<GatherElementsGradientOp> {
  using Lowering::Lowering;

  Value lower(GatherElementsGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b,
              RankedTensorType type) const override {
    int64_t axis = op.getAxis();
    Type wide = getComputeType(type.getElementType());
    Value adjoint = convertTensor(b, adaptor.getAdjoint(), wide), indices = adaptor.getIndices();
    Sizes sizes = getSizes(b, adaptor.getInput());
    Value zeros = createFilled(b, sizes, createConstant(b, wide, 0));
    if (type.getDimSize(axis) == 0)
      return convertTensor(b, zeros, type.getElementType());
    Value size = toValue(b, sizes[axis]);
    SmallVector<Value> first, last, steps;
    for (OpFoldResult count : getSizes(b, indices)) {
      first.push_back(createIndex(b, 0));
      last.push_back(toValue(b, count));
      steps.push_back(createIndex(b, 1));
    }
    bool isUnsignedIndex = isUnsigned(getElementTypeOrSelf(op.getIndices()));
    scf::LoopNest nest = scf::buildLoopNest(
        b, b.getLoc(), first, last, steps, zeros,
        [&](OpBuilder &nested, Location loc, ValueRange loops, ValueRange carried) -> scf::ValueVector {
          ImplicitLocOpBuilder in(loc, nested);
          SmallVector<Value> position(loops);
          Value index = tensor::ExtractOp::create(in, indices, loops);
          position[axis] = createPosition(in, index, isUnsignedIndex, size, /*wraps=*/true);
          Value sum = createAdd(in, tensor::ExtractOp::create(in, carried[0], position),
                                tensor::ExtractOp::create(in, adjoint, loops));
          return {tensor::InsertOp::create(in, sum, carried[0], position)};
        });
    return convertTensor(b, nest.results.front(), type.getElementType());
  }
};

} // namespace

void lowering::populateGatheringGradientPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<GatherGradientLowering, GatherElementsGradientLowering>(converter, patterns.getContext());
}
