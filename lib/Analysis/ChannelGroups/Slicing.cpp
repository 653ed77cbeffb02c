// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that cut tensors and put them together: indices move by an offset.

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

static void relateConcat(ConcatOp op, IndexRelations &relations) {
  int64_t axis = op.getAxis(), offset = 0;
  bool isOpen = false;
  for (Value input : op.getInputs()) {
    int64_t size = getType(input).getDimSize(axis);
    isOpen |= ShapedType::isDynamic(size);
    for (int64_t dim = 0; dim < getType(input).getRank(); ++dim) {
      if (dim != axis)
        relations.link(input, dim, op.getOutput(), dim);
      else if (isOpen)
        relations.keep(input, dim, "leaves the size of the dimension open");
      else if (size == 1 && !getType(op.getOutput()).isDynamicDim(dim) && getType(op.getOutput()).getDimSize(dim) > 1)
        relations.keepIndex(op.getOutput(), dim, offset, "has a part of a single channel");
      else
        relations.link(input, dim, op.getOutput(), dim, {0, offset, size});
    }
    offset += isOpen ? 0 : size;
  }
  if (isOpen || getType(op.getOutput()).isDynamicDim(axis)) {
    relations.keep(op.getOutput(), axis, "leaves the size of the dimension open");
    for (Value input : op.getInputs())
      relations.keep(input, axis, "leaves the size of the dimension open");
  }
}

static void relateSlice(SliceOp op, IndexRelations &relations) {
  RankedTensorType input = getType(op.getInput()), output = getType(op.getOutput());
  for (int64_t dim = 0; dim < input.getRank(); ++dim) {
    int64_t size = input.getDimSize(dim), start = op.getStarts()[dim];
    if (size == output.getDimSize(dim) && op.getSteps()[dim] == 1) {
      relations.link(op.getInput(), dim, op.getOutput(), dim);
    } else if (op.getSteps()[dim] != 1 || input.isDynamicDim(dim) || output.isDynamicDim(dim) ||
               output.getDimSize(dim) < 2) {
      relations.keep(op.getInput(), dim, "takes single elements of the dimension");
      relations.keep(op.getOutput(), dim, "takes single elements of the dimension");
    } else {
      start = std::clamp<int64_t>(start < 0 ? start + size : start, 0, size);
      relations.link(op.getInput(), dim, op.getOutput(), dim, {start, 0, output.getDimSize(dim)});
    }
  }
}

/// What is added can be less; anything else than a constant border copies other indices.
static void relatePad(PadOp op, IndexRelations &relations) {
  RankedTensorType input = getType(op.getInput());
  for (int64_t dim = 0; dim < input.getRank(); ++dim) {
    int64_t low = op.getLow()[dim], high = op.getHigh()[dim];
    if (low == 0 && high == 0) {
      relations.link(op.getInput(), dim, op.getOutput(), dim);
    } else if (op.getMode() != PadMode::Constant || low < 0 || high < 0 || input.isDynamicDim(dim) ||
               input.getDimSize(dim) < 2 || getType(op.getOutput()).isDynamicDim(dim)) {
      relations.keep(op.getInput(), dim, "pads the dimension");
      relations.keep(op.getOutput(), dim, "pads the dimension");
    } else {
      relations.link(op.getInput(), dim, op.getOutput(), dim, {0, low, input.getDimSize(dim)});
    }
  }
}

static void relateTile(TileOp op, IndexRelations &relations) {
  RankedTensorType input = getType(op.getInput());
  for (int64_t dim = 0; dim < input.getRank(); ++dim) {
    int64_t size = input.getDimSize(dim), repeats = op.getRepeats()[dim];
    if (repeats == 1) {
      relations.link(op.getInput(), dim, op.getOutput(), dim);
    } else if (input.isDynamicDim(dim) || getType(op.getOutput()).isDynamicDim(dim) || size < 2) {
      relations.keep(op.getInput(), dim, "repeats the dimension");
      relations.keep(op.getOutput(), dim, "repeats the dimension");
    } else {
      for (int64_t i = 0; i < repeats; ++i)
        relations.link(op.getInput(), dim, op.getOutput(), dim, {0, i * size, size});
    }
  }
}

static void relateTriangle(TriluOp op, IndexRelations &relations) {
  int64_t rank = getType(op.getInput()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim) {
    relations.link(op.getInput(), dim, op.getOutput(), dim);
    if (dim >= rank - 2)
      relations.keep(op.getOutput(), dim, "numbers the dimension");
  }
}

bool condense::relateSlicing(Operation *op, IndexRelations &relations) {
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](ConcatOp op) { return relateConcat(op, relations), true; })
      .Case([&](SliceOp op) { return relateSlice(op, relations), true; })
      .Case([&](PadOp op) { return relatePad(op, relations), true; })
      .Case([&](TileOp op) { return relateTile(op, relations), true; })
      .Case([&](TriluOp op) { return relateTriangle(op, relations), true; })
      .Default(false);
}
