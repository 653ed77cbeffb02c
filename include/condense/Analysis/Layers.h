// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The layers of a model: operations with a weight, their names, and the constant
// behind each weight.

#ifndef CONDENSE_ANALYSIS_LAYERS_H
#define CONDENSE_ANALYSIS_LAYERS_H

#include "condense/Interfaces/CompressibleOpInterface.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>

namespace condense {

/// An operation with a weight and its name, unique in the model.
struct Layer {
  CompressibleOpInterface op;
  std::string name;
};

/// The layers below `root` in order. A layer is called as its location says, or
/// after its kind and its number among the nameless of that kind (`conv2d.0`).
/// A name that came before gets a suffix (`#1`, `#2`, ...). Products inside of weight
/// expressions are no layers.
llvm::SmallVector<Layer> getLayers(mlir::Operation *root);

/// Whether a value is computed from constants alone.
bool isConstantExpression(mlir::Value value);

/// The permutation of a transpose of nn, linalg or tosa: result dimension `i` is input
/// dimension `p[i]`. Nothing for other operations.
std::optional<llvm::SmallVector<int64_t>> getPermutation(mlir::Operation *op);

/// What a technique rewrites: a constant of floats, or a `compress.scatter` of one, in
/// the weight expression of a layer.
struct WeightTarget {
  mlir::Value value;
  /// Dimension `i` of the target is dimension `dims[i]` of the weight; -1: the inner
  /// dimension of a product, of which the target is a factor.
  llvm::SmallVector<int64_t> dims;
  /// The uses from the layer's operand to that of the target.
  llvm::SmallVector<mlir::OpOperand *> path;

  /// Whether the target is one factor of a product.
  bool isFactor() const { return llvm::is_contained(dims, -1); }
};

/// The targets of a layer, in order: found through transposes, the operands of nn.add
/// and nn.sub that have the sum's shape, and the factors of nn.matmul of matrices.
llvm::SmallVector<WeightTarget> findWeightTargets(CompressibleOpInterface layer);

/// The constant that a layer's weight is computed from by transposes only.
struct WeightSource {
  mlir::Value constant;
  /// Dimension `i` of the constant is dimension `dims[i]` of the weight.
  llvm::SmallVector<int64_t> dims;
  /// The uses that lead from the constant to the layer.
  llvm::SmallVector<mlir::OpOperand *> path;
};

/// Follows the weight through transposes of nn, linalg and tosa; nothing when it
/// ends at something else than a constant tensor.
std::optional<WeightSource> findWeightSource(CompressibleOpInterface layer);

} // namespace condense

#endif // CONDENSE_ANALYSIS_LAYERS_H
