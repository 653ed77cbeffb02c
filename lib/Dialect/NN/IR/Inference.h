// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the operations of `nn` share to infer the types of their results.
//
// Shapes use ShapedType::kDynamic for unknown sizes. Every function reports
// what is wrong at the inference's location, if it has one.

#ifndef CONDENSE_LIB_DIALECT_NN_IR_INFERENCE_H
#define CONDENSE_LIB_DIALECT_NN_IR_INFERENCE_H

#include "condense/Dialect/NN/IR/NN.h"

namespace condense::nn {

/// Attributes that enter products of sizes are below this, so that none
/// overflows.
constexpr int64_t kLargestWindowValue = int64_t(1) << 30;

/// `[2, ?, 4]`
std::string printShape(llvm::ArrayRef<int64_t> shape);

/// The shape of a ranked tensor.
llvm::ArrayRef<int64_t> getShape(mlir::Value tensor);

/// Where an inferred type goes, and how a failed inference is reported.
class Inference {
public:
  Inference(std::optional<mlir::Location> location, llvm::StringRef operation, llvm::SmallVectorImpl<mlir::Type> &types)
      : location(location), operation(operation), types(types) {}

  std::optional<mlir::Location> getLocation() const { return location; }

  template <typename... Args> llvm::LogicalResult error(Args &&...args) const {
    return mlir::emitOptionalError(location, "'", operation, "' op ", std::forward<Args>(args)...);
  }

  /// The result has this shape; fails if its number of elements overflows.
  llvm::LogicalResult result(llvm::ArrayRef<int64_t> shape, mlir::Type elementType) const;

  llvm::LogicalResult sameType(mlir::Type type) const {
    types.push_back(type);
    return mlir::success();
  }

  /// The attribute `axis` lies in [0, rank).
  llvm::LogicalResult checkAxis(int64_t axis, int64_t rank) const;

  /// All values have the element type of the first.
  llvm::LogicalResult checkElementTypes(mlir::ValueRange values) const;

  /// The first operand is a tensor, the others are vectors along its dimension `axis`.
  llvm::LogicalResult checkChannelVectors(mlir::ValueRange operands, int64_t axis) const;

  /// An array attribute has `size` elements, each within [low, high].
  llvm::LogicalResult checkArray(llvm::StringRef name, llvm::ArrayRef<int64_t> values, size_t size, int64_t low,
                                 int64_t high) const;

  /// NumPy's broadcast of `shape` with `other`, in place.
  llvm::LogicalResult broadcast(llvm::SmallVectorImpl<int64_t> &shape, llvm::ArrayRef<int64_t> other) const;

private:
  std::optional<mlir::Location> location;
  llvm::StringRef operation;
  llvm::SmallVectorImpl<mlir::Type> &types;
};

/// The element type of a product: that of the operands, or i32 for integers
/// of 2 to 8 bits; null if there is none.
mlir::Type getProductType(mlir::Value lhs, mlir::Value rhs);

/// Whether two sizes can be the same.
bool mayBeEqual(int64_t lhs, int64_t rhs);

llvm::LogicalResult inferBinary(Inference inference, mlir::Value lhs, mlir::Value rhs);
llvm::LogicalResult inferReduction(Inference inference, mlir::Value input, llvm::ArrayRef<int64_t> axes, bool keepDims);
llvm::LogicalResult inferBroadcastLike(Inference inference, mlir::Value input, mlir::Value like);
llvm::LogicalResult inferSumLike(Inference inference, mlir::Value input, mlir::Value like);
llvm::LogicalResult inferReshapeLike(Inference inference, mlir::Value input, mlir::Value like);

/// Adjoints: the operands must be what the differentiated operation reads and makes; the result has the
/// shape of one of them.
llvm::LogicalResult inferConv2DGradient(Inference inference, Conv2DInputGradientOp::Adaptor adaptor, mlir::Value like);
llvm::LogicalResult inferConv2DGradient(Inference inference, Conv2DFilterGradientOp::Adaptor adaptor, mlir::Value like);
llvm::LogicalResult inferMaxPool2DGradient(Inference inference, MaxPool2DGradientOp::Adaptor adaptor);
llvm::LogicalResult inferAvgPool2DGradient(Inference inference, AvgPool2DGradientOp::Adaptor adaptor);
llvm::LogicalResult inferGatherGradient(Inference inference, GatherGradientOp::Adaptor adaptor);
llvm::LogicalResult inferGatherElementsGradient(Inference inference, GatherElementsGradientOp::Adaptor adaptor);
llvm::LogicalResult inferSliceGradient(Inference inference, SliceGradientOp::Adaptor adaptor);

llvm::LogicalResult inferArgReduction(Inference inference, mlir::Value input, int64_t axis, bool keepDims);

} // namespace condense::nn

#endif // CONDENSE_LIB_DIALECT_NN_IR_INFERENCE_H
