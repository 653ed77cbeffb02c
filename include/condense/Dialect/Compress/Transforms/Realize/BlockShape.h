// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape of a weight's scales.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_BLOCKSHAPE_H
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_BLOCKSHAPE_H

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"

namespace condense::compress {

/// The shape of the scales of `target`, in its own layout, for a request on
/// `layer`. Emits an error on the layer when the block does not divide the
/// channel dimension and the scheme says that this is an error.
mlir::FailureOr<llvm::SmallVector<int64_t>> getScaleShape(CompressibleOpInterface layer, const WeightTarget &target,
                                                          QuantizeSchemeAttr scheme);

/// The shape of the scales with one for everything that an output channel (of a
/// factor of a product: a row of its matrix) sums over.
llvm::SmallVector<int64_t> getChannelShape(CompressibleOpInterface layer, const WeightTarget &target);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_BLOCKSHAPE_H
