// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which channels of a model can only be removed together.
//
// Removing an output channel of a layer removes an index of a dimension of its
// weight, its bias, its result, and from there of everything that is computed
// with that result: the operand it is added to, the filters that read it, the run
// of features it becomes when an image is flattened. Each operation says which
// indices of its operands and results correspond; the closure of these relations
// over def-use, in both directions, partitions all indices of all dimensions into
// units. This is the dependency graph of Fang et al. (DepGraph,
// arXiv:2301.12900), on single indices and for any graph.

#ifndef CONDENSE_ANALYSIS_CHANNELGROUPS_H
#define CONDENSE_ANALYSIS_CHANNELGROUPS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include <string>
#include <vector>

namespace condense {

/// A dimension of a tensor.
struct TensorDim {
  mlir::Value value;
  int64_t dim;
  bool operator==(const TensorDim &other) const { return value == other.value && dim == other.dim; }
};

/// What must be removed together: a channel, an attention head, a neuron.
struct ChannelUnit {
  /// For each dimension of the group the ascending indices that belong to the unit.
  std::vector<llvm::SmallVector<int64_t, 1>> indices;
};

/// Units that run through the same dimensions; any of them may be removed, but not all.
struct ChannelGroup {
  /// In order of definition.
  std::vector<TensorDim> dims;
  /// In order of their first index in the first dimension.
  std::vector<ChannelUnit> units;
  /// The operation for which nothing can be removed, and why; null if units can be.
  mlir::Operation *obstacle = nullptr;
  std::string reason;
};

struct ChannelGroupOptions {
  /// Whether units may run through a normalisation's or a mean's own dimensions.
  /// Its statistics are then those of the remaining channels.
  bool acrossNormalisation = false;
};

/// The groups of all output channels of the layers in `function`, in order. Inputs
/// and results of the function never change, and neither does what an unknown
/// operation touches: groups through these have an obstacle.
std::vector<ChannelGroup> findChannelGroups(mlir::Operation *function, const ChannelGroupOptions &options = {});

} // namespace condense

#endif // CONDENSE_ANALYSIS_CHANNELGROUPS_H
