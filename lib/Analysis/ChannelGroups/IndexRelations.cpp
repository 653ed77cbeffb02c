// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The union-find over the indices of all tensor dimensions.

#include "IndexRelations.h"

#include "mlir/IR/BuiltinTypes.h"
#include <map>

using namespace mlir;
using namespace condense;

/// Nothing is removed from dimensions beyond these.
static constexpr int64_t kLargestSize = 1 << 24;
static constexpr size_t kMostIndices = size_t(1) << 31;
static constexpr StringLiteral kOpen = "leaves the size of the dimension open";

void IndexRelations::add(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !firstDims.try_emplace(value, dims.size()).second)
    return;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    bool isOpen = ShapedType::isDynamic(size) || size > kLargestSize || parents.size() + size > kMostIndices;
    int64_t count = isOpen || size < 2 ? 0 : size;
    dims.push_back({{value, static_cast<int64_t>(dim)}, count, parents.size()});
    for (int64_t i = 0; i < count; ++i)
      parents.push_back(parents.size());
  }
  obstacleOf.resize(parents.size(), -1);
  isChannel.resize(parents.size(), false);
}

uint32_t IndexRelations::find(uint32_t index) {
  while (parents[index] != index)
    index = parents[index] = parents[parents[index]];
  return index;
}

void IndexRelations::unite(uint32_t a, uint32_t b) {
  a = find(a), b = find(b);
  if (a == b)
    return;
  // The earlier index is the root: what is found does not depend on the order.
  if (b < a)
    std::swap(a, b);
  parents[b] = a;
  if (obstacleOf[a] < 0 || (obstacleOf[b] >= 0 && obstacleOf[b] < obstacleOf[a]))
    obstacleOf[a] = obstacleOf[b];
  isChannel[a] = isChannel[a] || isChannel[b];
}

int32_t IndexRelations::addObstacle(StringRef reason) {
  if (obstacles.empty() || obstacles.back().operation != operation || obstacles.back().reason != reason)
    obstacles.push_back({operation, reason.str()});
  return static_cast<int32_t>(obstacles.size()) - 1;
}

void IndexRelations::link(Value a, int64_t dimA, Value b, int64_t dimB) {
  auto isUnit = [](Value value, int64_t dim) { return cast<RankedTensorType>(value.getType()).getDimSize(dim) == 1; };
  if (!isUnit(a, dimA) && !isUnit(b, dimB))
    link(a, dimA, b, dimB, {0, 0, getDim(a, dimA).size});
}

void IndexRelations::link(Value a, int64_t dimA, Value b, int64_t dimB, Part part) {
  const Dim &first = getDim(a, dimA), &second = getDim(b, dimB);
  if (part.firstA + part.count > first.size || part.firstB + part.count > second.size || !first.size != !second.size) {
    keep(a, dimA, kOpen);
    keep(b, dimB, kOpen);
    return;
  }
  for (int64_t i = 0; i < part.count; ++i)
    unite(first.first + part.firstA + i, second.first + part.firstB + i);
}

void IndexRelations::linkIndex(Value a, int64_t dimA, int64_t indexA, Value b, int64_t dimB, int64_t indexB) {
  link(a, dimA, b, dimB, {indexA, indexB, 1});
}

void IndexRelations::keep(Value value, int64_t dim, StringRef reason) {
  for (int64_t i = 0, size = getDim(value, dim).size; i < size; ++i)
    keepIndex(value, dim, i, reason);
}

void IndexRelations::keepIndex(Value value, int64_t dim, int64_t index, StringRef reason) {
  int32_t &obstacle = obstacleOf[find(getDim(value, dim).first + index)];
  if (obstacle < 0)
    obstacle = addObstacle(reason);
}

void IndexRelations::keepAll(ValueRange values, StringRef reason) {
  for (Value value : values)
    if (auto type = dyn_cast<RankedTensorType>(value.getType()))
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        keep(value, dim, reason);
}

void IndexRelations::markChannels(Value weight, int64_t dim) {
  const Dim &channels = getDim(weight, dim);
  for (int64_t i = 0; i < channels.size; ++i)
    isChannel[find(channels.first + i)] = true;
}

bool IndexRelations::hasChannels(Value value, int64_t dim) {
  const Dim &indices = getDim(value, dim);
  for (int64_t i = 0; i < indices.size; ++i)
    if (isChannel[find(indices.first + i)])
      return true;
  return false;
}

bool IndexRelations::mayShrink(Value value, int64_t dim) {
  const Dim &indices = getDim(value, dim);
  for (int64_t i = 0; i < indices.size; ++i)
    if (obstacleOf[find(indices.first + i)] < 0)
      return true;
  return false;
}

std::vector<ChannelGroup> IndexRelations::getGroups() {
  // The indices of each unit, (dimension, index) in order; units by their first index.
  std::map<uint32_t, std::vector<std::pair<size_t, int64_t>>> units;
  for (auto [number, dim] : llvm::enumerate(dims))
    for (int64_t i = 0; i < dim.size; ++i)
      if (uint32_t root = find(dim.first + i); isChannel[root])
        units[root].push_back({number, i});

  std::vector<ChannelGroup> groups;
  std::map<std::pair<std::vector<size_t>, int32_t>, size_t> groupOf;
  for (auto &[root, members] : units) {
    std::vector<size_t> through;
    ChannelUnit unit;
    for (auto [dim, index] : members) {
      if (through.empty() || through.back() != dim) {
        through.push_back(dim);
        unit.indices.emplace_back();
      }
      unit.indices.back().push_back(index);
    }
    int32_t obstacle = obstacleOf[root];
    auto [position, isNew] = groupOf.try_emplace({through, obstacle}, groups.size());
    if (isNew) {
      ChannelGroup &group = groups.emplace_back();
      for (size_t dim : through)
        group.dims.push_back(dims[dim].tensorDim);
      if (obstacle >= 0) {
        group.obstacle = obstacles[obstacle].operation;
        group.reason = obstacles[obstacle].reason;
      }
    }
    groups[position->second].units.push_back(std::move(unit));
  }
  return groups;
}
