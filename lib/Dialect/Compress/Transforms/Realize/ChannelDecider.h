// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the groups of channels that layers ask to prune lose, and the corrections of the
// layers that read them.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELDECIDER_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELDECIDER_H

#include "ChannelSelection.h"
#include "llvm/ADT/SetVector.h"
#include <map>

namespace condense::compress {

/// A layer and whether it asks for its output channels to be pruned.
struct ChannelLayer {
  Layer layer;
  StructuredPruneSchemeAttr request;
  /// The constant behind its weight, if that is nothing else.
  std::optional<WeightTarget> weight;
};

/// A group, the layers that make its channels, and those that read them. Layers by number.
struct ChannelCandidate {
  ChannelGroup group;
  llvm::SmallVector<size_t> producers;
  struct Reader {
    size_t layer, dim; // of the group: where the layer's weight holds the channels
  };
  llvm::SmallVector<Reader> readers;
};

struct ChannelDecision {
  llvm::SmallVector<size_t> units;
  /// The largest relative error of the outputs of corrected layers, and their number.
  double error = 0;
  int64_t corrected = 0;
};

/// The groups of `function` with a layer that asks for them to be pruned.
std::vector<ChannelCandidate> findChannelCandidates(mlir::Operation *function, llvm::ArrayRef<ChannelLayer> layers,
                                                    const ChannelGroupOptions &options);

/// What the ratios are shares of.
enum class ChannelBudget {
  Group,      // the units of each group
  Channels,   // the units of all groups together,
  Parameters, // or their parameters,
  Macs        // or the multiplications that they take part in: removed where it costs least
};

class ChannelDecider {
public:
  /// `statistics` may be null if nothing asks for them.
  ChannelDecider(llvm::ArrayRef<ChannelLayer> layers, llvm::ArrayRef<ChannelCandidate> candidates,
                 const LayerStatistics *statistics, double damping)
      : layers(layers), candidates(candidates), statistics(statistics), damping(damping) {}

  /// Divides what the requests would remove of all groups together between the groups,
  /// to be removed where the units cost least. `sizes` are those of each group.
  void divide(llvm::ArrayRef<double> sizes);
  /// Decides the group with a number, in order; nothing, with the reason, if it stays as it is.
  std::optional<ChannelDecision> decide(size_t number, std::string &reason);
  /// After a group was decided: corrects the layers that no later group reads.
  void applyCorrections(size_t number, RemovedIndices &removed);

private:
  /// The readers of a group, and copies of them that can be changed.
  struct Trial {
    llvm::SmallVector<GroupReader> actual, copies;
    std::vector<ChannelReader> storage;
  };
  /// Nothing, with the reason, if nothing can be removed.
  std::optional<Trial> prepare(const ChannelCandidate &candidate, std::string &reason);
  /// Removes from the copies if that is how units are chosen.
  ChannelOrder order(const ChannelCandidate &candidate, const Trial &trial, int64_t count);
  llvm::SmallVector<GroupReader> getReaders(const ChannelCandidate &candidate, std::string &reason);
  bool exceedsBound(const ChannelCandidate &candidate, double error) const;
  bool isReadLater(size_t number, size_t layer) const;

  llvm::ArrayRef<ChannelLayer> layers;
  llvm::ArrayRef<ChannelCandidate> candidates;
  const LayerStatistics *statistics;
  double damping;
  /// Null for a layer that cannot be corrected.
  std::map<size_t, std::unique_ptr<ChannelReader>> readers;
  llvm::SmallSetVector<size_t, 8> corrected;
  /// The order in which each group loses units and how many, where what is removed was
  /// divided between the groups.
  struct Share {
    llvm::SmallVector<size_t> order;
    int64_t count = 0;
  };
  std::optional<std::vector<Share>> shares;
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_CHANNELDECIDER_H
