// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the passes that scale channels or correct biases share.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SCALEDLAYERS_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SCALEDLAYERS_H

#include "condense/Analysis/ChannelScaling.h"
#include "condense/Analysis/LayerStatistics.h"
#include "condense/Analysis/WeightMatrix.h"
#include "llvm/Support/GlobPattern.h"

namespace condense::compress {

/// On a layer: the mean of the rows that its weight's matrix is multiplied with, [groups,
/// columns], and the mean output without bias, [rows], of the model before compression.
inline constexpr llvm::StringLiteral kInputMeanAttrName = "compress.input_mean";
inline constexpr llvm::StringLiteral kOutputMeanAttrName = "compress.output_mean";

/// What calibration measured of a layer; null, with an error, when it is missing or of
/// another shape than `matrix`.
const LayerMoments *findMoments(const LayerStatistics &statistics, Layer layer, const WeightMatrix &matrix,
                                llvm::StringRef path);

/// The statistics of the option `statistics`; nothing, with an error, when they cannot be read.
std::optional<LayerStatistics> requireStatistics(mlir::Location loc, llvm::StringRef path);

/// The matrix view of a layer's whole weight, in the weight's own layout.
WeightMatrix getWholeMatrix(CompressibleOpInterface layer);

/// The product of a layer's weight (evaluated, in f64) with a row of mean inputs [groups,
/// columns]: the mean output of each row. Fails when the weight is no expression of constants.
mlir::FailureOr<std::vector<double>> multiplyWeight(CompressibleOpInterface layer, llvm::ArrayRef<float> mean);

/// The glob of the option `layers`; nothing, with an error, when it is none.
std::optional<llvm::GlobPattern> parseLayerGlob(mlir::Location loc, llvm::StringRef layers);

/// Why a group must not be scaled although it can be; empty if it may.
llvm::StringRef getScalingObstacle(const ScalingGroup &group);

/// Removes recorded means from the layers of a group: they are of other channels.
void forgetMeans(const ScalingGroup &group);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_SCALEDLAYERS_H
