// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// In which order the units of a group of channels are removed.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELSELECTION_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELSELECTION_H

#include "ChannelReader.h"
#include "condense/Dialect/Compress/IR/Compress.h"

namespace condense::compress {

/// A layer that reads the channels of a group, which are in dimension `dim` of the
/// group there.
struct GroupReader {
  ChannelReader *reader;
  size_t dim;
  llvm::ArrayRef<int64_t> getChannels(const ChannelUnit &unit) const { return unit.indices[dim]; }
};

/// The largest number of units, at most `count`, that can be removed so that the channels
/// that stay (in the dimension of the group that has fewest) are a multiple of
/// `multipleOf`; never all.
int64_t limitRemoved(const ChannelGroup &group, int64_t count, int64_t multipleOf);
/// The same for the nearest number, also a larger one.
int64_t roundRemoved(const ChannelGroup &group, int64_t count, int64_t multipleOf);

/// Units in the order in which they go, and what each of them costs.
struct ChannelOrder {
  llvm::SmallVector<size_t> units;
  std::vector<double> costs;
};

/// By the norm of everything in `weights` that goes with each unit: sums over all
/// weights, of magnitudes (l1) or of squares (l2), as in DepGraph (arXiv:2301.12900).
/// Costs are shares of the sum over all units.
ChannelOrder orderByNorms(const ChannelGroup &group, llvm::ArrayRef<mlir::Value> weights, ChannelImportance importance);

/// By |weight| * ||input|| of what reads each unit (Wanda, arXiv:2306.11695), as shares
/// of the sum over all units.
ChannelOrder orderByInputs(const ChannelGroup &group, llvm::ArrayRef<GroupReader> readers);

/// Removes `count` units from the readers, always those that add least to their relative
/// output errors when all that stays makes up for it: in rounds, of which there are about
/// a hundred. Costs are what they add.
ChannelOrder orderBySaliency(mlir::MLIRContext *context, const ChannelGroup &group, llvm::ArrayRef<GroupReader> readers,
                             int64_t count);

/// Removes units from the readers.
void removeUnits(const ChannelGroup &group, llvm::ArrayRef<size_t> units, llvm::ArrayRef<GroupReader> readers);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELSELECTION_H
