// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What quantization lost, as the second term of a weight.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_RESIDUAL_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_RESIDUAL_H

#include "Replacement.h"

namespace condense::compress {

/// Whether the target is the constant in `nn.add(decompressed, constant)`.
bool isResidual(const TargetRequest &request);

/// Called when a residual was not made smaller: as it is as large as the weight was, it is dropped,
/// or, where that would exceed the layer's error bound, the weight becomes the dense constant again.
/// Other targets stay.
void giveUpResidual(llvm::ArrayRef<TargetRequest> requests);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_RESIDUAL_H
