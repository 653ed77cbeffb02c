// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order of the digits in a constant that a kernel reads.

#include "PanelOrder.h"
#include "DotProduct.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Panels this wide fill the accumulators of one tile; a loop that is not
/// longer is one panel.
static constexpr int64_t kPanelWidths[] = {128, 64, 48, 32};

/// A cache line, and the 32-bit lanes that fill it.
static constexpr int64_t kLineBytes = 64, kLineLanes = 16;

void PanelOrder::splitPanels(int64_t widest) {
  unsigned digit = digits.getInnermost(vectorLoop);
  int64_t size = digits.getSizes()[digit];
  if (size <= widest)
    return;
  for (int64_t width : kPanelWidths)
    if (width <= widest && size % width == 0) {
      digits.split(vectorLoop, {width});
      return;
    }
}

SmallVector<LinearForm> PanelOrder::linearize(ArrayRef<AffineExpr> at) const {
  return llvm::map_to_vector(at, [&](AffineExpr expr) { return *digits.linearize(expr); });
}

SmallVector<unsigned> PanelOrder::orderOf(ArrayRef<LinearForm> at) const {
  unsigned lanes = digits.getInnermost(vectorLoop);
  auto rank = [&](unsigned digit) {
    if (dotLoop && digit == digits.getInnermost(*dotLoop))
      return 3;
    return digit == lanes ? 2 : digits.getLoop(digit) == vectorLoop ? 0 : 1;
  };
  SmallVector<unsigned> order;
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit)
    if (llvm::any_of(at, [&](const LinearForm &form) { return form.factors[digit] != 0; }))
      order.push_back(digit);
  llvm::sort(order, [&](unsigned lhs, unsigned rhs) { return std::pair(rank(lhs), lhs) < std::pair(rank(rhs), rhs); });
  return order;
}

SmallVector<int64_t> PanelOrder::shapeOf(ArrayRef<unsigned> order, int64_t elementBytes) const {
  SmallVector<int64_t> shape = llvm::map_to_vector(order, [&](unsigned digit) { return digits.getSizes()[digit]; });
  bool hasGroups = !order.empty() && dotLoop && order.back() == digits.getInnermost(*dotLoop);
  int64_t lanes = static_cast<int64_t>(order.size()) - (hasGroups ? 2 : 1);
  if (lanes < 1 || order[lanes] != digits.getInnermost(vectorLoop))
    return shape;
  int64_t laneBytes = elementBytes * (hasGroups ? kDotLength : 1);
  if (laneBytes * kLineLanes != kLineBytes)
    return shape;
  int64_t padded = llvm::alignTo(shape[lanes], kLineLanes);
  if (shape[lanes] > kLineLanes && 4 * padded <= 5 * shape[lanes])
    shape[lanes] = padded;
  return shape;
}

AffineMap PanelOrder::joinPadded(MLIRContext *context, ArrayRef<unsigned> order,
                                 SmallVectorImpl<int64_t> &shape) const {
  SmallVector<AffineExpr> dims =
      llvm::map_to_vector(order, [&](unsigned digit) { return getAffineDimExpr(digit, context); });
  for (unsigned dim = 1; dim < shape.size(); ++dim) {
    if (shape[dim] == digits.getSizes()[order[dim]])
      continue;
    dims[dim] = dims[dim - 1] * shape[dim] + dims[dim];
    shape[dim] *= shape[dim - 1];
    dims.erase(dims.begin() + dim - 1);
    shape.erase(shape.begin() + dim - 1);
    break;
  }
  return AffineMap::get(digits.getSizes().size(), 0, dims, context);
}

Value PanelOrder::relay(OpBuilder &builder, Location loc, const HostArray &source, ArrayRef<LinearForm> at,
                        const std::optional<Padding> &padding, AffineMap &map) const {
  SmallVector<unsigned> order = orderOf(at);
  SmallVector<int64_t> stored = shapeOf(order, getElementBytes(source.type.getElementType()));
  SmallVector<int64_t> shape = stored;
  map = joinPadded(builder.getContext(), order, shape);
  std::vector<char> bytes = relayBytes(source, at, order, digits.getSizes(), stored, padding);
  return createTensorConstant(builder, loc, source.type.clone(shape), std::move(bytes), source.name);
}

void PanelOrder::addUnnamedLoops(OpBuilder &builder, Location loc, SmallVectorImpl<Value> &inputs,
                                 SmallVectorImpl<AffineMap> &maps) const {
  SmallVector<AffineExpr> unnamed;
  SmallVector<int64_t> shape;
  for (auto [digit, size] : llvm::enumerate(digits.getSizes())) {
    AffineExpr dim = builder.getAffineDimExpr(digit);
    if (llvm::any_of(maps, [&](AffineMap map) { return llvm::is_contained(map.getResults(), dim); }))
      continue;
    unnamed.push_back(dim);
    shape.push_back(size);
  }
  if (unnamed.empty())
    return;
  inputs.push_back(tensor::EmptyOp::create(builder, loc, shape, builder.getI8Type()));
  maps.insert(maps.end() - 1, AffineMap::get(digits.getSizes().size(), 0, unnamed, builder.getContext()));
}
