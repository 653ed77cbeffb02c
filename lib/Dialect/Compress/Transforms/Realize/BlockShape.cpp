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

/// The dimensions that an output sums over, the channels first; of a table the
/// dimensions of its rows.
static SmallVector<int64_t> getReducedDims(CompressibleOpInterface layer, int64_t rank) {
  SmallVector<int64_t> outputs = layer.getOutputChannelDims(), reduced = layer.getReductionDims();
  if (reduced.empty())
    for (int64_t dim = 0; dim < rank; ++dim)
      if (!llvm::is_contained(outputs, dim))
        reduced.push_back(dim);
  return reduced;
}

/// A shape in the weight's layout as one in the constant's.
static SmallVector<int64_t> toConstantLayout(const WeightSource &source, ArrayRef<int64_t> shape) {
  return llvm::map_to_vector(source.dims, [&](int64_t dim) { return shape[dim]; });
}

static ArrayRef<int64_t> getWeightShape(CompressibleOpInterface layer) {
  return cast<RankedTensorType>(layer.getWeightOperand().get().getType()).getShape();
}

SmallVector<int64_t> condense::compress::getChannelShape(CompressibleOpInterface layer, const WeightSource &source) {
  SmallVector<int64_t> scales(getWeightShape(layer));
  for (int64_t dim : getReducedDims(layer, scales.size()))
    scales[dim] = 1;
  return toConstantLayout(source, scales);
}

FailureOr<SmallVector<int64_t>> condense::compress::getScaleShape(CompressibleOpInterface layer,
                                                                  const WeightSource &source,
                                                                  QuantizeSchemeAttr scheme) {
  ArrayRef<int64_t> shape = getWeightShape(layer);
  SmallVector<int64_t> reduced = getReducedDims(layer, shape.size());
  if (scheme.getBlock() < 0)
    return SmallVector<int64_t>(shape.size(), 1);
  if (reduced.empty())
    return getChannelShape(layer, source);
  FailureOr<int64_t> block = getBlock(layer, scheme, reduced.front(), shape[reduced.front()]);
  if (failed(block))
    return failure();
  if (*block == 0)
    return getChannelShape(layer, source);
  SmallVector<int64_t> scales(shape);
  scales[reduced.front()] /= *block;
  return toConstantLayout(source, scales);
}
