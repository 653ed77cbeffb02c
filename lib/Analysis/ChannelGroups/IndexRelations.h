// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The indices of all tensor dimensions of a function, partitioned by a union-find:
// what one operation after another says to belong together.

#ifndef CONDENSE_LIB_ANALYSIS_CHANNELGROUPS_INDEXRELATIONS_H
#define CONDENSE_LIB_ANALYSIS_CHANNELGROUPS_INDEXRELATIONS_H

#include "condense/Analysis/ChannelGroups.h"
#include "llvm/ADT/DenseMap.h"

namespace condense {

/// Dimensions of size 1 and dynamic ones have no indices that could be removed.
/// Obstacles name the operation that `setOperation` announced.
class IndexRelations {
public:
  struct Dim {
    TensorDim tensorDim;
    int64_t size; // 0 if nothing can be removed
    size_t first; // number of its first index
  };

  /// Adds the dimensions of a value; each value once, before it is used.
  void add(mlir::Value value);
  void setOperation(mlir::Operation *op) { operation = op; }

  /// Index `firstA + i` of one dimension belongs to index `firstB + i` of the other, for each i < count.
  struct Part {
    int64_t firstA, firstB, count;
  };
  /// The same index of both. A dimension of size 1 is broadcast: nothing belongs to it.
  void link(mlir::Value a, int64_t dimA, mlir::Value b, int64_t dimB);
  void link(mlir::Value a, int64_t dimA, mlir::Value b, int64_t dimB, Part part);
  void linkIndex(mlir::Value a, int64_t dimA, int64_t indexA, mlir::Value b, int64_t dimB, int64_t indexB);
  /// No index of the dimension may be removed.
  void keep(mlir::Value value, int64_t dim, llvm::StringRef reason);
  void keepIndex(mlir::Value value, int64_t dim, int64_t index, llvm::StringRef reason);
  /// No index of any dimension of the values may be removed.
  void keepAll(mlir::ValueRange values, llvm::StringRef reason);

  /// The dimension holds the output channels of a layer's weight.
  void markChannels(mlir::Value weight, int64_t dim);
  bool hasChannels(mlir::Value value, int64_t dim);
  /// Whether some index of the dimension may be removed, as far as is known.
  bool mayShrink(mlir::Value value, int64_t dim);

  /// The groups of everything marked.
  std::vector<ChannelGroup> getGroups();

private:
  struct Obstacle {
    mlir::Operation *operation;
    std::string reason;
  };
  const Dim &getDim(mlir::Value value, int64_t dim) const { return dims[firstDims.lookup(value) + dim]; }
  uint32_t find(uint32_t index);
  void unite(uint32_t a, uint32_t b);
  int32_t addObstacle(llvm::StringRef reason);

  mlir::Operation *operation = nullptr;
  llvm::DenseMap<mlir::Value, size_t> firstDims;
  std::vector<Dim> dims;
  std::vector<uint32_t> parents;
  /// Of the root of each set: its first obstacle, -1 if none, and whether it holds output channels.
  std::vector<int32_t> obstacleOf;
  std::vector<bool> isChannel;
  std::vector<Obstacle> obstacles;
};

// What the operations of a family say; false for an operation of another family.
bool relateElementwise(mlir::Operation *op, IndexRelations &relations);
bool relateProducts(mlir::Operation *op, IndexRelations &relations);
bool relateImages(mlir::Operation *op, IndexRelations &relations);
bool relateNormalisation(mlir::Operation *op, IndexRelations &relations, bool acrossNormalisation);
bool relateReductions(mlir::Operation *op, IndexRelations &relations, bool acrossNormalisation);
bool relateSlicing(mlir::Operation *op, IndexRelations &relations);
bool relateTranspose(mlir::Operation *op, IndexRelations &relations);
/// Reshapes choose which of several dimensions stays removable, so they come after everything else.
bool isReshape(mlir::Operation *op);
void relateReshape(mlir::Operation *op, IndexRelations &relations);

} // namespace condense

#endif // CONDENSE_LIB_ANALYSIS_CHANNELGROUPS_INDEXRELATIONS_H
