// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape of a weight's scales: how a request for blocks meets the dimensions.

#include "BlockShape.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The largest divisor of `size` in `[block / 2, block]`, 0 if there is none.
static int64_t shrinkBlock(int64_t size, int64_t block) {
  for (int64_t divisor = block; 2 * divisor >= block && divisor > 0; --divisor)
    if (size % divisor == 0)
      return divisor;
  return 0;
}

/// Elements of the channel dimension that share a scale; 0 for everything that
/// one output channel sums over.
static FailureOr<int64_t> getBlock(CompressibleOpInterface layer, QuantizeSchemeAttr scheme, int64_t channelDim,
                                   int64_t size) {
  int64_t block = scheme.getBlock();
  if (block <= 0 || size % block == 0)
    return std::max<int64_t>(block, 0);
  if (scheme.getRagged() == Ragged::Shrink)
    return shrinkBlock(size, block);
  return layer->emitOpError() << "a block of " << block << " does not divide dimension " << channelDim
                              << " of the weight, which has size " << size
                              << ": choose another block, or ragged = shrink",
         failure();
}

FailureOr<SmallVector<int64_t>> condense::compress::getScaleShape(CompressibleOpInterface layer,
                                                                  const WeightSource &source,
                                                                  QuantizeSchemeAttr scheme) {
  auto shape = cast<RankedTensorType>(layer.getWeightOperand().get().getType()).getShape();
  SmallVector<int64_t> scales(shape.size(), 1);
  if (scheme.getBlock() >= 0) {
    SmallVector<int64_t> outputs = layer.getOutputChannelDims(), reduced = layer.getReductionDims();
    if (reduced.empty()) // a table: its rows are what would be reduced
      for (int64_t dim = 0, rank = shape.size(); dim < rank; ++dim)
        if (!llvm::is_contained(outputs, dim))
          reduced.push_back(dim);
    for (auto [dim, size] : llvm::enumerate(shape))
      if (!llvm::is_contained(reduced, dim))
        scales[dim] = size;
    if (!reduced.empty()) {
      int64_t channels = reduced.front();
      FailureOr<int64_t> block = getBlock(layer, scheme, channels, shape[channels]);
      if (failed(block))
        return failure();
      if (*block > 0) {
        for (int64_t dim : reduced)
          scales[dim] = shape[dim];
        scales[channels] = shape[channels] / *block;
      }
    }
  }
  SmallVector<int64_t> result;
  for (int64_t dim : source.dims)
    result.push_back(scales[dim]);
  return result;
}
