// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which indices of which dimensions of a function's tensors are removed, and the
// removal itself: constants are cut, types and attributes of operations shrink.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REMOVEDINDICES_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REMOVEDINDICES_H

#include "condense/Analysis/ChannelGroups.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"

namespace condense::compress {

class RemovedIndices {
public:
  /// Removes a unit of a group.
  void add(const ChannelGroup &group, const ChannelUnit &unit);
  /// Removes from a vector what is, when all is applied, removed from a dimension of the same size.
  void addSame(mlir::Value vector, TensorDim other) { same.push_back({vector, other}); }

  bool isRemoved(mlir::Value value, int64_t dim, int64_t index) const;
  bool isAnyRemoved(mlir::Value value, int64_t dim) const;
  /// Of the indices in [first, end), the number of those that stay.
  int64_t countKept(mlir::Value value, int64_t dim, int64_t first, int64_t end) const;
  /// The type of a tensor without what is removed.
  mlir::RankedTensorType getType(mlir::Value value) const;
  /// Rewrites the function. Every operation must be one that findChannelGroups knows.
  void apply(mlir::Operation *function);

private:
  const llvm::BitVector *find(mlir::Value value, int64_t dim) const;
  llvm::BitVector &get(mlir::Value value, int64_t dim);
  void cutConstant(mlir::Operation *constant) const;

  llvm::MapVector<mlir::Value, llvm::SmallVector<llvm::BitVector>> removed;
  std::vector<std::pair<mlir::Value, TensorDim>> same;
};

/// Gives an operation the attributes that fit its tensors without what is removed.
void shrinkAttributes(mlir::Operation *op, const RemovedIndices &removed);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REMOVEDINDICES_H
