// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which units of a group of channels are removed.

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

/// How many units a request removes: the share `ratio`, rounded down, and fewer until
/// the number of channels that stay (in the dimension of the group that has fewest) is
/// a multiple of `multipleOf`; never all.
int64_t getNumRemoved(const ChannelGroup &group, double ratio, int64_t multipleOf);

/// The norm of everything in `weights` that goes with each unit: sums over all weights,
/// of magnitudes (l1) or of squares (l2), as in DepGraph (arXiv:2301.12900).
std::vector<double> scoreNorms(const ChannelGroup &group, llvm::ArrayRef<mlir::Value> weights,
                               ChannelImportance importance);

/// The `count` units of the lowest scores, the lowest first.
llvm::SmallVector<size_t> selectLowest(llvm::ArrayRef<double> scores, int64_t count);

/// The share of its readers' summed |weight| * ||input|| that goes with each unit (Wanda, arXiv:2306.11695).
std::vector<double> scoreInputs(const ChannelGroup &group, llvm::ArrayRef<GroupReader> readers);

/// Removes `count` units from the readers, one after another the one that adds least to
/// their relative output errors when all that stays makes up for it. Scores are brought
/// up to date about a hundred times.
llvm::SmallVector<size_t> selectBySaliency(mlir::MLIRContext *context, const ChannelGroup &group,
                                           llvm::ArrayRef<GroupReader> readers, int64_t count);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELSELECTION_H
