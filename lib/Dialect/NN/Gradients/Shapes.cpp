// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of the operations that move elements: they move the adjoints back.

#include "Families.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static LogicalResult adjoint(ReshapeOp op, Adjoints &b) {
  b.set(0, b.reshapeLike(b.of(), op.getInput()));
  return success();
}

static LogicalResult adjoint(TransposeOp op, Adjoints &b) {
  SmallVector<int64_t> inverse(op.getPermutation().size());
  for (auto [dim, source] : llvm::enumerate(op.getPermutation()))
    inverse[source] = dim;
  b.set(0, b.transpose(b.of(), inverse));
  return success();
}

static LogicalResult adjoint(BroadcastToOp op, Adjoints &b) {
  b.set(0, b.sumLike(b.of(), op.getInput()));
  return success();
}

/// The operations that adjoints are made of, so that gradients have gradients.
static LogicalResult adjoint(BroadcastLikeOp op, Adjoints &b) {
  b.set(0, b.sumLike(b.of(), op.getInput()));
  return success();
}
static LogicalResult adjoint(SumLikeOp op, Adjoints &b) {
  b.set(0, b.broadcastLike(b.of(), op.getInput()));
  return success();
}
static LogicalResult adjoint(ReshapeLikeOp op, Adjoints &b) {
  b.set(0, b.reshapeLike(b.of(), op.getInput()));
  return success();
}

/// Each input gets its part.
static LogicalResult adjoint(ConcatOp op, Adjoints &b) {
  int64_t axis = op.getAxis(), rank = op.getType().getRank(), start = 0;
  SmallVector<int64_t> starts(rank, 0), ends(rank, INT64_MAX), steps(rank, 1);
  for (auto [number, input] : llvm::enumerate(op.getInputs())) {
    int64_t size = cast<RankedTensorType>(input.getType()).getDimSize(axis);
    bool isLast = number + 1 == op.getInputs().size();
    if (ShapedType::isDynamic(size) && !isLast)
      return op.emitOpError("has no adjoint for parts whose size along the axis is unknown");
    starts[axis] = start;
    start += size;
    ends[axis] = isLast ? INT64_MAX : start;
    if (b.needs(number))
      b.set(number, SliceOp::create(b, b.of(), starts, ends, steps));
  }
  return success();
}

static LogicalResult adjoint(SliceOp op, Adjoints &b) {
  b.set(0, SliceGradientOp::create(b, b.of(), op.getInput(), op.getStarts(), op.getEnds(), op.getSteps()));
  return success();
}

static LogicalResult adjoint(SliceGradientOp op, Adjoints &b) {
  b.set(0, SliceOp::create(b, b.of(), op.getStarts(), op.getEnds(), op.getSteps()));
  return success();
}

/// The position of the input that each position of a padded dimension copies.
static SmallVector<int64_t> getSources(PadMode mode, int64_t size, int64_t low, int64_t high) {
  SmallVector<int64_t> sources;
  for (int64_t position = -low; position < size + high; ++position) {
    int64_t source = position;
    if (mode == PadMode::Wrap)
      source = ((position % size) + size) % size;
    if (mode == PadMode::Reflect)
      source = size - 1 - std::abs(size - 1 - std::abs(position));
    sources.push_back(std::clamp<int64_t>(source, 0, size - 1));
  }
  return sources;
}

/// Constants are cut off; copies are added to what they were copied from, dimension by dimension.
static LogicalResult adjoint(PadOp op, Adjoints &b) {
  auto negate = [](int64_t amount) { return -amount; };
  SmallVector<int64_t> low = llvm::map_to_vector(op.getLow(), negate), high = llvm::map_to_vector(op.getHigh(), negate);
  if (op.getMode() == PadMode::Constant) {
    b.set(0, PadOp::create(b, b.of(), low, high, PadMode::Constant, /*value=*/TypedAttr()));
    return success();
  }
  RankedTensorType type = op.getInput().getType();
  Value dy = b.of();
  SmallVector<int64_t> shape(op.getType().getShape());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (low[dim] == 0 && high[dim] == 0)
      continue;
    int64_t size = type.getDimSize(dim);
    if (ShapedType::isDynamic(size) || !type.hasStaticShape())
      return op.emitOpError("has no adjoint for an image of unknown size in this mode");
    SmallVector<int64_t> sources = getSources(op.getMode(), size, op.getLow()[dim], op.getHigh()[dim]);
    auto indexType = RankedTensorType::get({static_cast<int64_t>(sources.size())}, b.getI64Type());
    Value indices = arith::ConstantOp::create(b, DenseElementsAttr::get(indexType, ArrayRef<int64_t>(sources)));
    shape[dim] = size;
    auto like = RankedTensorType::get(shape, type.getElementType());
    Value zeros = arith::ConstantOp::create(b, b.getZeroAttr(like));
    dy = GatherGradientOp::create(b, dy, indices, zeros, dim, /*clamped=*/false);
  }
  b.set(0, dy);
  return success();
}

/// Repetitions become dimensions and are summed.
static LogicalResult adjoint(TileOp op, Adjoints &b) {
  RankedTensorType type = op.getInput().getType();
  SmallVector<int64_t> shape, axes;
  for (auto [size, repeats] : llvm::zip_equal(type.getShape(), op.getRepeats())) {
    if (repeats != 1) {
      axes.push_back(shape.size());
      shape.push_back(repeats);
    }
    shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  }
  if (llvm::count(shape, -1) > 1 || llvm::is_contained(shape, 0))
    return op.emitOpError("has no adjoint for more than one unknown size or for nothing");
  b.set(0, b.sum(b.reshape(b.of(), shape), axes, /*keepDims=*/false));
  return success();
}

static LogicalResult adjoint(TriluOp op, Adjoints &b) {
  b.set(0, TriluOp::create(b, b.of(), op.getDiagonal(), op.getUpper()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachShapes(MLIRContext *context) {
  attach<ReshapeOp, TransposeOp, BroadcastToOp, ConcatOp, SliceOp, PadOp, TileOp, TriluOp>(context);
  attach<BroadcastLikeOp, SumLikeOp, ReshapeLikeOp, SliceGradientOp>(context);
}
