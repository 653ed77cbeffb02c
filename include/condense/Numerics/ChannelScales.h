// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scales of channels that move range between weights, or from activations to weights.

#ifndef CONDENSE_NUMERICS_CHANNELSCALES_H
#define CONDENSE_NUMERICS_CHANNELSCALES_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

/// A weight that writes or reads the channels of a group.
struct EqualizedWeight {
  int64_t weight;                ///< index of the weight
  bool isReader;                 ///< multiplied by the scales; otherwise divided
  std::vector<int32_t> channels; ///< of each element
};

struct EqualizedGroup {
  int64_t numChannels;
  std::vector<EqualizedWeight> members; ///< one writer and one reader at least
};

struct Equalization {
  std::vector<double> scales;
  /// The smallest precision of a channel that is not 0 in writers or in readers: its largest
  /// magnitude over that of the whole weight.
  double precisionBefore = 0, precisionAfter = 0;
};

/// Cross-layer equalization (Nagel et al., arXiv:1906.04721): channel i of a group gets
/// the scale s = sqrt(r1 / r2), where r1 and r2 are its largest magnitudes in writers and
/// readers, so that both become sqrt(r1 r2). A weight can read one group and write
/// another: the groups are visited in turn until no scale changes by more than
/// `tolerance` (relative), at most `iterations` times. With several writers (readers) in
/// a group the magnitudes are relative to each weight's largest. A channel that is 0 in
/// all writers or all readers keeps its scale. `weights` are scaled on the way.
std::vector<Equalization> equalize(std::span<std::vector<float>> weights, std::span<const EqualizedGroup> groups,
                                   int iterations, double tolerance, int &iterationsDone);

/// SmoothQuant (Xiao et al., arXiv:2211.10438): s = activation^alpha / weight^(1 - alpha)
/// of the largest magnitudes of each channel; 1 where one of them is 0.
std::vector<double> getSmoothScales(std::span<const double> activations, std::span<const double> weights, double alpha);

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_CHANNELSCALES_H
