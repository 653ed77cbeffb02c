// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A layer that reads channels which may be removed: what that costs its outputs, and
// the weights that make up for it.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELREADER_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELREADER_H

#include "RemovedIndices.h"
#include "condense/Analysis/LayerStatistics.h"
#include "condense/Analysis/WeightMatrix.h"
#include "condense/Numerics/FeatureRemoval.h"

namespace condense::compress {

/// The dimension of a layer's weight that its input channels are in, -1 if it has none.
int64_t getReadDim(CompressibleOpInterface op);
/// The dimension of a layer's weight that its output channels are in, -1 if it has none.
int64_t getChannelDim(CompressibleOpInterface op);
/// The constant that is a layer's whole weight (but for transposes), if there is one.
std::optional<WeightTarget> getWholeWeight(CompressibleOpInterface op);

class ChannelReader {
public:
  /// Empty, with the reason, where the layer cannot be corrected.
  static std::optional<ChannelReader> create(const Layer &layer, const LayerMoments *moments, double damping,
                                             std::string &reason);

  const Layer &getLayer() const { return layer; }
  /// The columns of the weight's matrix view that read these input channels, in every group.
  llvm::SmallVector<int64_t> getColumns(llvm::ArrayRef<int64_t> channels) const;
  /// What removing the channels adds to the layer's relative squared output error.
  double getSaliency(llvm::ArrayRef<int64_t> channels) const;
  /// The sum over these channels of |weight| times the norm of what it multiplies.
  double getWeightedNorm(llvm::ArrayRef<int64_t> channels) const;
  void remove(llvm::ArrayRef<int64_t> channels);
  /// ||Y' - Y|| / ||Y|| over the calibration data (Y without its mean, if there is a bias).
  double getRelativeError() const;

  /// Gives the layer the weights, with zeros for what is removed, and the bias that fit
  /// best. `removed` also says what the layer's own outputs lose: a new bias loses it too.
  void apply(RemovedIndices &removed) const;

private:
  ChannelReader(const Layer &layer, WeightTarget weight);
  void applyBias(RemovedIndices &removed) const;

  Layer layer;
  WeightTarget weight;
  WeightMatrix matrix;
  bool hasBias = false;
  double energy = 0;
  std::vector<float> columnNorms;       // [groups, columns]: of weights times inputs
  std::vector<int64_t> channelOfColumn; // [columns]
  std::vector<numerics::FeatureRemoval> groups;
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELREADER_H
