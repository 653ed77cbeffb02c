// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Second-order rounding of a target, and what rounding does to a layer's output.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_GPTQWEIGHTS_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_GPTQWEIGHTS_H

#include "TargetGram.h"
#include "condense/Numerics/QuantizeWeights.h"

namespace condense::compress {

/// A weight whose elements are all numbers that its codes can stand for.
struct RoundedWeight {
  std::vector<float> elements; // in the order of the target
  std::vector<float> scales;   // an infinite one does not fit its format
  std::vector<uint8_t> zeroPoints;
  double nearestError = 0; // what rounding to the nearest would do, as in getOutputError
  int raised = 0;          // how often the damping had to be raised
};

/// Rounds by GPTQ, on all threads; the result does not depend on their number. Zeros
/// stay zero if `keepZeros`. Fails when a Gram matrix is not positive definite.
mlir::FailureOr<RoundedWeight> roundByGptq(mlir::MLIRContext *context, const WeightMatrix &matrix,
                                           const TargetGram &gram, llvm::ArrayRef<float> elements,
                                           mlir::RankedTensorType type, llvm::ArrayRef<int64_t> scaleShape,
                                           const numerics::QuantizeSpec &spec, QuantizeSchemeAttr scheme,
                                           bool keepZeros);

/// `||X (W - W~)^T|| / ||X W^T||` over the calibration data: how far the layer's output moves.
double getOutputError(mlir::MLIRContext *context, const WeightMatrix &matrix, const TargetGram &gram,
                      llvm::ArrayRef<float> elements, llvm::ArrayRef<float> changed);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_GPTQWEIGHTS_H
