// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape of a weight's scales: how a request for blocks meets the dimensions.

#include "condense/Dialect/Compress/Transforms/Realize/BlockShape.h"

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
  std::string dim = channelDim < 0 ? "the inner dimension" : "dimension " + std::to_string(channelDim);
  return layer->emitOpError() << "a block of " << block << " does not divide " << dim
                              << " of the weight, which has size " << size
                              << ": choose another block, or ragged = shrink",
         failure();
}

/// The dimensions of the target that a row of its matrix sums over, the channels first;
/// of a table the dimensions of its rows.
static SmallVector<int64_t> getReducedDims(CompressibleOpInterface layer, const WeightTarget &target) {
  SmallVector<int64_t> outputs = layer.getOutputChannelDims(), order = layer.getReductionDims(), reduced;
  auto isOutput = [&](int64_t dim) { return llvm::is_contained(outputs, dim); };
  for (auto [dim, weightDim] : llvm::enumerate(target.dims))
    if (weightDim >= 0 && !isOutput(weightDim))
      reduced.push_back(dim);
  // The left factor of a product sums over the inner dimension.
  for (auto [dim, weightDim] : llvm::enumerate(target.dims))
    if (weightDim < 0 && llvm::any_of(target.dims, isOutput))
      reduced.push_back(dim);
  llvm::sort(reduced, [&](int64_t a, int64_t b) {
    auto first = llvm::find(order, target.dims[a]), second = llvm::find(order, target.dims[b]);
    return first != second ? first < second : a < b;
  });
  return reduced;
}

SmallVector<int64_t> condense::compress::getChannelShape(CompressibleOpInterface layer, const WeightTarget &target) {
  SmallVector<int64_t> scales(cast<RankedTensorType>(target.value.getType()).getShape());
  for (int64_t dim : getReducedDims(layer, target))
    scales[dim] = 1;
  return scales;
}

FailureOr<SmallVector<int64_t>> condense::compress::getScaleShape(CompressibleOpInterface layer,
                                                                  const WeightTarget &target,
                                                                  QuantizeSchemeAttr scheme) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(target.value.getType()).getShape();
  if (scheme.getBlock() < 0)
    return SmallVector<int64_t>(shape.size(), 1);
  SmallVector<int64_t> reduced = getReducedDims(layer, target);
  if (reduced.empty())
    return getChannelShape(layer, target);
  int64_t channel = reduced.front();
  FailureOr<int64_t> block = getBlock(layer, scheme, target.dims[channel], shape[channel]);
  if (failed(block))
    return failure();
  if (*block == 0)
    return getChannelShape(layer, target);
  SmallVector<int64_t> scales(shape);
  scales[channel] /= *block;
  return scales;
}
