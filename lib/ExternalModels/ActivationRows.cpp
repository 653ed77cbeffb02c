// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Copies the rows of an activation that a weight multiplies.

#include "ActivationRows.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;

Value condense::buildRows(ImplicitLocOpBuilder &b, Value activation, AffineMap map, const RowLoops &loops) {
  SmallVector<OpFoldResult> sizes;
  SmallVector<ReassociationIndices> parts;
  for (ArrayRef<OpFoldResult> part : {ArrayRef(loops.groups), ArrayRef(loops.rows), ArrayRef(loops.columns)}) {
    ReassociationIndices &dims = parts.emplace_back();
    for (OpFoldResult size : part) {
      dims.push_back(sizes.size());
      sizes.push_back(size);
    }
  }
  Type element = cast<RankedTensorType>(activation.getType()).getElementType();
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  AffineMap maps[] = {map, b.getMultiDimIdentityMap(sizes.size())};
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  auto copy = linalg::GenericOp::create(
      b, empty.getType(), activation, empty, maps, iterators,
      [](OpBuilder &nested, Location loc, ValueRange args) { linalg::YieldOp::create(nested, loc, args[0]); });
  if (sizes.size() == 3)
    return copy.getResult(0);
  return tensor::CollapseShapeOp::create(b, copy.getResult(0), parts);
}
