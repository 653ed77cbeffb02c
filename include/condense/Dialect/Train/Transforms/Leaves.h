// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What can be trained in a network: the float leaves of its weight expressions.

#ifndef CONDENSE_DIALECT_TRAIN_TRANSFORMS_LEAVES_H
#define CONDENSE_DIALECT_TRAIN_TRANSFORMS_LEAVES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace condense::train {

/// What a leaf is to the operation whose operand it belongs to.
enum class LeafKind {
  Weight,   ///< elements of a weight, dense, sparse or a factor of it
  Bias,     ///< is added
  Scale,    ///< of a normalisation
  Slope,    ///< of a rectifier
  Mean,     ///< running statistics of a batch normalisation
  Variance, ///<
  Code      ///< scales or a codebook of a compressed weight
};

struct Leaf {
  /// "conv1.weight", "fc.weight.values"; unique in the network.
  std::string name;
  LeafKind kind;
  /// The operation that computes with it (not one of the weight expression), and the operand's number.
  mlir::Operation *layer;
  unsigned operand;
  /// The constant.
  mlir::Value value;
  /// All uses that are this leaf.
  llvm::SmallVector<mlir::OpOperand *> uses;
  /// Number of factors of the product that it is one of; 1 otherwise.
  unsigned factors = 1;

  mlir::RankedTensorType getType() const { return mlir::cast<mlir::RankedTensorType>(value.getType()); }
  /// Computed along the way instead of trained.
  bool isState() const { return kind == LeafKind::Mean || kind == LeafKind::Variance; }
};

/// The leaves of `network` in the order of its operations.
std::vector<Leaf> findLeaves(mlir::func::FuncOp network);

/// Which leaves are trained, by globs of their names.
struct LeafFilter {
  std::vector<std::string> trainable, frozen;
};

/// The leaves that training changes: those that match, and the states of normalisations one of whose other
/// leaves matches. An invalid glob is an error at the network.
llvm::FailureOr<std::vector<Leaf>> findTrainableLeaves(mlir::func::FuncOp network, const LeafFilter &filter);

/// The type in which a leaf is trained: f32 for narrower floats.
mlir::RankedTensorType getParameterType(const Leaf &leaf);

/// Replaces the constant of each leaf; `values[i]` are the bytes of a tensor of type getParameterType(leaves[i]),
/// and are rounded to the leaf's type. Names are kept.
void writeLeaves(llvm::ArrayRef<Leaf> leaves, llvm::ArrayRef<std::vector<char>> values);

/// The function `name` of a module with a body of one block, else null and an error.
mlir::func::FuncOp findFunction(mlir::ModuleOp module, llvm::StringRef name);

} // namespace condense::train

#endif // CONDENSE_DIALECT_TRAIN_TRANSFORMS_LEAVES_H
