// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the channels of a tensor are: for each element, the number of its channel.
//
// A dimension's index is written in digits; some are digits of the channel's
// number, the others are free. So channels stay known when a reshape flattens an
// image or cuts features into attention heads, and through transposes.

#ifndef CONDENSE_ANALYSIS_CHANNELMAP_H
#define CONDENSE_ANALYSIS_CHANNELMAP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace condense {

class ChannelMap {
public:
  /// The channels are the indices of dimension `dim`.
  static ChannelMap get(llvm::ArrayRef<int64_t> shape, int64_t dim);

  int64_t getRank() const { return dims.size(); }
  /// Whether the channel does not depend on the index of dimension `dim`.
  bool isFree(int64_t dim) const;
  /// Whether the channel depends on dimension `dim` at most.
  bool isOnly(int64_t dim) const;

  /// Dimension `i` of the result is dimension `permutation[i]`.
  ChannelMap transpose(llvm::ArrayRef<int64_t> permutation) const;
  /// Nothing when a channel would be cut where no dimension ends.
  std::optional<ChannelMap> reshape(llvm::ArrayRef<int64_t> shape) const;
  /// Of a tensor of another `shape` of the same rank whose dimensions with channels
  /// are the same; nothing when one of these differs.
  std::optional<ChannelMap> withShape(llvm::ArrayRef<int64_t> shape) const;
  /// Of the result when this tensor is broadcast to `shape`.
  std::optional<ChannelMap> broadcast(llvm::ArrayRef<int64_t> shape) const;
  /// Of an operand of `shape` that is broadcast to this tensor; nothing when it has
  /// the same elements for several channels.
  std::optional<ChannelMap> getOperand(llvm::ArrayRef<int64_t> shape) const;
  /// The smallest shape to which an operand of `shape` must be expanded for
  /// getOperand to succeed; nothing when that is unknown.
  std::optional<llvm::SmallVector<int64_t>> getExpandedShape(llvm::ArrayRef<int64_t> shape) const;
  /// Dimension `dim` becomes the channels' upper digits in a dimension `outer` and
  /// the lower `inner` ones, as in the filter of a convolution of several groups:
  /// nothing when they cannot be separated there.
  std::optional<std::pair<ChannelMap, ChannelMap>> split(int64_t dim, int64_t inner) const;

  /// The map of a tensor that has the dimension of each part, in order.
  static ChannelMap join(llvm::ArrayRef<ChannelMap> parts);
  /// Of a tensor of rank 1 without channels.
  static ChannelMap getFree(int64_t size);
  /// Of a tensor of rank 1 that has the channels of dimension `dim`.
  ChannelMap getDim(int64_t dim) const;

  /// The channel of each element, row-major; all sizes must be static.
  std::vector<int32_t> getChannels() const;

  bool operator==(const ChannelMap &other) const { return dims == other.dims; }

private:
  struct Digit {
    int64_t size;
    int64_t stride; ///< in channels; 0: free
    bool operator==(const Digit &other) const { return size == other.size && stride == other.stride; }
  };
  using Digits = llvm::SmallVector<Digit, 2>;

  static Digits simplify(llvm::ArrayRef<Digit> digits);
  /// Takes digits of `size` from the front (back) of `digits`.
  static std::optional<Digits> takeFront(Digits &digits, int64_t size);
  static std::optional<Digits> takeBack(Digits &digits, int64_t size);

  llvm::SmallVector<Digits, 4> dims;
};

} // namespace condense

#endif // CONDENSE_ANALYSIS_CHANNELMAP_H
