// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Removal of indices from tensors.

#include "RemovedIndices.h"

#include "condense/IR/TensorConstant.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

const llvm::BitVector *RemovedIndices::find(Value value, int64_t dim) const {
  auto it = removed.find(value);
  return it == removed.end() || it->second[dim].none() ? nullptr : &it->second[dim];
}

llvm::BitVector &RemovedIndices::get(Value value, int64_t dim) {
  SmallVector<llvm::BitVector> &dims = removed[value];
  dims.resize(getShape(value).size());
  if (dims[dim].empty())
    dims[dim].resize(getShape(value)[dim]);
  return dims[dim];
}

void RemovedIndices::add(const ChannelGroup &group, const ChannelUnit &unit) {
  for (auto [dim, indices] : llvm::zip_equal(group.dims, unit.indices)) {
    llvm::BitVector &bits = get(dim.value, dim.dim);
    for (int64_t index : indices)
      bits.set(index);
  }
}

bool RemovedIndices::isRemoved(Value value, int64_t dim, int64_t index) const {
  const llvm::BitVector *bits = find(value, dim);
  return bits && bits->test(index);
}

bool RemovedIndices::isAnyRemoved(Value value, int64_t dim) const { return find(value, dim) != nullptr; }

int64_t RemovedIndices::countKept(Value value, int64_t dim, int64_t first, int64_t end) const {
  int64_t count = 0;
  for (int64_t i = first; i < end; ++i)
    count += !isRemoved(value, dim, i);
  return count;
}

RankedTensorType RemovedIndices::getType(Value value) const {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [dim, size] : llvm::enumerate(shape))
    if (const llvm::BitVector *bits = find(value, dim))
      size -= bits->count();
  return type.clone(shape);
}

/// Replaces a constant by one of what is kept.
void RemovedIndices::cutConstant(Operation *op) const {
  Value value = op->getResult(0);
  std::optional<TensorConstant> constant = getTensorConstant(value);
  RankedTensorType type = getType(value);
  int64_t width = getElementBytes(type.getElementType()), rank = type.getRank();
  std::vector<char> bytes;
  bytes.reserve(type.getNumElements() * width);
  ArrayRef<char> old = constant->getBytes();
  SmallVector<int64_t> index(rank, 0);
  for (int64_t element = 0, count = old.size() / width; element < count; ++element) {
    bool keep = true;
    for (int64_t dim = 0; dim < rank && keep; ++dim)
      keep = !isRemoved(value, dim, index[dim]);
    if (keep)
      bytes.insert(bytes.end(), old.begin() + element * width, old.begin() + (element + 1) * width);
    for (int64_t dim = rank - 1; dim >= 0 && ++index[dim] == getShape(value)[dim]; --dim)
      index[dim] = 0;
  }
  OpBuilder builder(op);
  auto cut = createTensorConstant(builder, op->getLoc(), type, std::move(bytes), constant->getName());
  if (auto arith = dyn_cast<arith::ConstantOp>(op)) {
    arith.setValueAttr(cut.getValue());
    value.setType(type);
    cut.erase();
    return;
  }
  value.replaceAllUsesWith(cut);
  op->erase();
}

void RemovedIndices::apply(Operation *function) {
  for (auto &[vector, other] : same)
    if (const llvm::BitVector *bits = find(other.value, other.dim)) {
      llvm::BitVector copy = *bits;
      get(vector, 0) |= copy;
    }
  // Attributes first: they are computed from the shapes before.
  function->walk([&](Operation *op) { shrinkAttributes(op, *this); });
  for (auto &[value, dims] : removed) {
    Operation *op = value.getDefiningOp();
    if (op->hasTrait<OpTrait::ConstantLike>())
      cutConstant(op);
    else
      value.setType(getType(value));
  }
}
