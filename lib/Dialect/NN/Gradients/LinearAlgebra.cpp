// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of matrix products, which are matrix products.

#include "Families.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static int64_t getRank(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

/// All dimensions but the last one merged.
static Value flatten(Adjoints &b, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return value;
  return b.reshape(value, {-1, type.getShape().back()});
}

/// Whether merging leaves one unknown size at most.
static bool canFlatten(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 2 || !type.isDynamicDim(type.getRank() - 1);
}

/// y = x W^T + b: dx = dy W, dW = dy^T x, db = sum dy, the rows being all leading dimensions.
static LogicalResult adjoint(LinearOp op, Adjoints &b) {
  Value x = op.getInput(), weight = op.getWeight(), dy = b.of();
  if (!canFlatten(x) || !canFlatten(dy))
    return op.emitOpError("has no adjoint for features whose number is unknown");
  Value rows = flatten(b, dy);
  if (b.needs(0))
    b.set(0, b.reshapeLike(MatmulOp::create(b, rows, weight), x));
  if (b.needs(1))
    b.set(1, MatmulOp::create(b, b.transposeMatrix(rows), flatten(b, x)));
  if (op.getBias() && b.needs(2))
    b.set(2, b.sum(rows, {0}, /*keepDims=*/false));
  return success();
}

namespace {
/// A matrix product with vectors seen as matrices.
struct Product {
  Value lhs, rhs, dy;

  Product(MatmulOp op, Adjoints &b) : lhs(op.getLhs()), rhs(op.getRhs()), dy(b.of()) {
    bool isRow = getRank(lhs) == 1, isColumn = getRank(rhs) == 1;
    if (isRow)
      lhs = b.reshape(lhs, {1, -1});
    if (isColumn)
      rhs = b.reshape(rhs, {-1, 1});
    if (!isRow && !isColumn)
      return;
    // Vectors give results without a row, without a column or without both.
    SmallVector<int64_t> shape(std::max<int64_t>(getRank(lhs), getRank(rhs)), 0);
    if (isRow) {
      shape[shape.size() - 2] = 1;
      shape.back() = -1;
    }
    if (isColumn)
      shape.back() = 1;
    dy = b.reshape(dy, shape);
  }
};
} // namespace

/// c = a b: da = dy b^T, db = a^T dy, summed over the batch dimensions that were broadcast. A matrix
/// that serves a whole batch gets its sum from one product of all rows.
static LogicalResult adjoint(MatmulOp op, Adjoints &b) {
  Product product(op, b);
  if (b.needs(0)) {
    Value lhs = MatmulOp::create(b, product.dy, b.transposeMatrix(product.rhs));
    b.set(0, b.reshapeLike(b.sumLike(lhs, product.lhs), op.getLhs()));
  }
  if (!b.needs(1))
    return success();
  Value rhs;
  if (getRank(product.rhs) == 2 && canFlatten(product.lhs) && canFlatten(product.dy))
    rhs = MatmulOp::create(b, b.transposeMatrix(flatten(b, product.lhs)), flatten(b, product.dy));
  else
    rhs = b.sumLike(MatmulOp::create(b, b.transposeMatrix(product.lhs), product.dy), product.rhs);
  b.set(1, b.reshapeLike(rhs, op.getRhs()));
  return success();
}

template <typename... Ops> static void attach(MLIRContext *context) {
  (Ops::template attachInterface<AdjointModel<Ops, adjoint>>(*context), ...);
}

void gradients::attachLinearAlgebra(MLIRContext *context) { attach<LinearOp, MatmulOp>(context); }
