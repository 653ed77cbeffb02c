// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attributes that hold sizes of dimensions, when some of these shrink.

#include "RemovedIndices.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;
using namespace condense::nn;

static int64_t getSize(Value value, int64_t dim) { return cast<RankedTensorType>(value.getType()).getDimSize(dim); }

static void shrinkReshape(ReshapeOp op, const RemovedIndices &removed) {
  SmallVector<int64_t> shape(op.getShape());
  RankedTensorType type = removed.getType(op.getOutput());
  for (auto [dim, size] : llvm::enumerate(shape))
    if (size > 0)
      size = type.getDimSize(dim);
  op.setShape(shape);
}

static void shrinkBroadcast(BroadcastToOp op, const RemovedIndices &removed) {
  SmallVector<int64_t> shape(op.getShape());
  RankedTensorType type = removed.getType(op.getOutput());
  int64_t offset = type.getRank() - static_cast<int64_t>(shape.size());
  for (auto [dim, size] : llvm::enumerate(shape))
    if (size != 1 && removed.isAnyRemoved(op.getOutput(), offset + dim))
      size = type.getDimSize(offset + dim);
  op.setShape(shape);
}

static void shrinkSlice(SliceOp op, const RemovedIndices &removed) {
  SmallVector<int64_t> starts(op.getStarts()), ends(op.getEnds());
  for (size_t dim = 0; dim < starts.size(); ++dim) {
    if (!removed.isAnyRemoved(op.getInput(), dim))
      continue;
    int64_t size = getSize(op.getInput(), dim), start = starts[dim] < 0 ? starts[dim] + size : starts[dim];
    if (starts[dim] == 0 && ends[dim] == INT64_MAX)
      continue; // the whole dimension
    start = std::clamp<int64_t>(start, 0, size);
    starts[dim] = removed.countKept(op.getInput(), dim, 0, start);
    ends[dim] = starts[dim] + removed.countKept(op.getInput(), dim, start, start + getSize(op.getOutput(), dim));
  }
  op.setStarts(starts);
  op.setEnds(ends);
}

static void shrinkPad(PadOp op, const RemovedIndices &removed) {
  SmallVector<int64_t> low(op.getLow()), high(op.getHigh());
  for (size_t dim = 0; dim < low.size(); ++dim) {
    if (!removed.isAnyRemoved(op.getOutput(), dim))
      continue;
    int64_t size = getSize(op.getOutput(), dim);
    high[dim] = removed.countKept(op.getOutput(), dim, size - high[dim], size);
    low[dim] = removed.countKept(op.getOutput(), dim, 0, low[dim]);
  }
  op.setLow(low);
  op.setHigh(high);
}

/// Whole groups are gone when the channels of a group are not.
static void shrinkConvolution(Conv2DOp op, const RemovedIndices &removed) {
  int64_t channel = op.getLayout() == Layout::NCHW ? 1 : 3;
  if (op.getGroups() > 1)
    op.setGroups(removed.getType(op.getInput()).getDimSize(channel) /
                 removed.getType(op.getFilter()).getDimSize(channel));
}

void condense::compress::shrinkAttributes(Operation *op, const RemovedIndices &removed) {
  auto shrinks = [&](Value value) {
    return isa<RankedTensorType>(value.getType()) && removed.getType(value) != value.getType();
  };
  if (llvm::none_of(op->getOperands(), shrinks) && llvm::none_of(op->getResults(), shrinks))
    return;
  TypeSwitch<Operation *>(op)
      .Case([&](ReshapeOp op) { shrinkReshape(op, removed); })
      .Case([&](BroadcastToOp op) { shrinkBroadcast(op, removed); })
      .Case([&](SliceOp op) { shrinkSlice(op, removed); })
      .Case([&](PadOp op) { shrinkPad(op, removed); })
      .Case([&](Conv2DOp op) { shrinkConvolution(op, removed); });
}
