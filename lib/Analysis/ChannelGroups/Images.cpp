// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolution and pooling: height and width are mixed, channels are not.
//
// The groups of a grouped convolution must stay equal in size. With no fewer groups
// than channels in each (depthwise, ResNeXt) whole groups are removed, with their
// inputs and outputs; otherwise the same channel of every group.

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static constexpr StringLiteral kMixed = "mixes neighbouring pixels";

namespace {
/// Dimensions of an image.
struct ImageDims {
  explicit ImageDims(Layout layout) : channel(layout == Layout::NCHW ? 1 : 3), height(layout == Layout::NCHW ? 2 : 1) {}
  int64_t channel, height;
};
} // namespace

static void relatePixels(Value input, Value output, ImageDims dims, IndexRelations &relations) {
  relations.link(input, 0, output, 0);
  for (int64_t dim : {dims.height, dims.height + 1}) {
    relations.keep(input, dim, kMixed);
    relations.keep(output, dim, kMixed);
  }
}

/// Channels of a grouped convolution of `perGroup` inputs and `outputs` outputs in each group.
static void relateGrouped(Conv2DOp op, ImageDims dims, int64_t perGroup, int64_t outputs, IndexRelations &relations) {
  int64_t groups = op.getGroups();
  bool whole = groups >= perGroup;
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t i = 0; i < perGroup; ++i) {
      int64_t channel = group * perGroup + i;
      if (whole)
        relations.linkIndex(op.getInput(), dims.channel, channel, op.getFilter(), 0, group * outputs);
      else
        relations.linkIndex(op.getInput(), dims.channel, channel, op.getFilter(), dims.channel, i);
    }
    for (int64_t i = 1; whole && i < outputs; ++i)
      relations.linkIndex(op.getFilter(), 0, group * outputs, op.getFilter(), 0, group * outputs + i);
    for (int64_t i = 0; !whole && i < outputs; ++i)
      relations.linkIndex(op.getFilter(), 0, i, op.getFilter(), 0, group * outputs + i);
  }
  if (whole)
    relations.keep(op.getFilter(), dims.channel, "loses whole groups of channels only");
  else
    relations.markChannels(op.getFilter(), 0);
}

static void relateConvolution(Conv2DOp op, IndexRelations &relations) {
  ImageDims dims(op.getLayout());
  auto type = cast<RankedTensorType>(op.getFilter().getType());
  relatePixels(op.getInput(), op.getOutput(), dims, relations);
  relations.keep(op.getFilter(), dims.height, kMixed);
  relations.keep(op.getFilter(), dims.height + 1, kMixed);
  relations.link(op.getFilter(), 0, op.getOutput(), dims.channel);
  if (op.getBias())
    relations.link(op.getBias(), 0, op.getFilter(), 0);
  if (op.getGroups() == 1) {
    relations.link(op.getInput(), dims.channel, op.getFilter(), dims.channel);
    relations.markChannels(op.getFilter(), 0);
  } else if (type.isDynamicDim(0) || type.isDynamicDim(dims.channel) ||
             cast<RankedTensorType>(op.getInput().getType()).isDynamicDim(dims.channel)) {
    relations.keepAll(op->getOperands(), "has groups of unknown size");
    relations.keepAll(op->getResults(), "has groups of unknown size");
  } else {
    relateGrouped(op, dims, type.getDimSize(dims.channel), type.getDimSize(0) / op.getGroups(), relations);
  }
}

template <typename PoolOp> static void relatePool(PoolOp op, IndexRelations &relations) {
  ImageDims dims(op.getLayout());
  relatePixels(op.getInput(), op.getOutput(), dims, relations);
  relations.link(op.getInput(), dims.channel, op.getOutput(), dims.channel);
}

bool condense::relateImages(Operation *op, IndexRelations &relations) {
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](Conv2DOp op) { return relateConvolution(op, relations), true; })
      .Case([&](MaxPool2DOp op) { return relatePool(op, relations), true; })
      .Case([&](AvgPool2DOp op) { return relatePool(op, relations), true; })
      .Default(false);
}
