// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which constants absorb a scale per channel of an activation.
//
// Dividing the channels of an activation by positive numbers and multiplying what
// reads them changes nothing but rounding. The activation may pass positively
// homogeneous operations (ReLU, pooling, reshapes, residual additions) on its way:
// every tensor that is connected by them is divided, every constant that writes one
// of them (weight rows, biases, scales of a normalisation) is divided, and every
// weight that reads one is multiplied. Serves cross-layer equalization
// (arXiv:1906.04721), SmoothQuant (arXiv:2211.10438) and AWQ (arXiv:2306.00978).

#ifndef CONDENSE_ANALYSIS_CHANNELSCALING_H
#define CONDENSE_ANALYSIS_CHANNELSCALING_H

#include "condense/Analysis/ChannelMap.h"
#include "condense/Analysis/Layers.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SetVector.h"

namespace condense {

/// A constant that takes part when channels are scaled.
struct ScaledConstant {
  /// The use of the constant, behind transposes of a weight.
  mlir::OpOperand *use;
  /// The constant's type and channels; it may have to be broadcast to this first.
  mlir::RankedTensorType type;
  ChannelMap map;
  /// Multiplied, for it reads the channels; otherwise divided.
  bool isReader;
  /// The layer whose weight this is; null for all else.
  mlir::Operation *layer = nullptr;
};

/// Tensors whose channels can only be scaled together.
struct ScalingGroup {
  int64_t numChannels = 0;
  llvm::SetVector<mlir::Value> values;
  std::vector<ScaledConstant> constants;

  bool hasReader(mlir::Operation *layer) const;
};

/// The dimension of a layer's input (result) that holds its input (output) channels,
/// for nn.linear, nn.conv2d and nn.matmul with the weight on the right; -1 otherwise.
int64_t getInputChannelDim(CompressibleOpInterface layer);
int64_t getOutputChannelDim(CompressibleOpInterface layer);

/// The group in which `value` is scaled along its dimension `dim`. Where there is none
/// `obstacle` says why.
std::optional<ScalingGroup> findScalingGroup(mlir::Value value, int64_t dim, std::string &obstacle);

/// The group of the activation that `layer` reads, with the channels of the operation
/// that makes it: for a layer of a flattened image those of the convolution.
std::optional<ScalingGroup> findInputScalingGroup(CompressibleOpInterface layer, std::string &obstacle);

/// A group that consists of the weights of `layers`, which all read the same activation:
/// for a scale that an operation in front of them applies.
std::optional<ScalingGroup> getReaderScalingGroup(llvm::ArrayRef<CompressibleOpInterface> layers,
                                                  std::string &obstacle);

/// Divides the writers' constants by, and multiplies the readers' by, `scales`.
void applyScales(const ScalingGroup &group, llvm::ArrayRef<double> scales);

} // namespace condense

#endif // CONDENSE_ANALYSIS_CHANNELSCALING_H
