// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the channels of a tensor are.

#include "condense/Analysis/ChannelMap.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace condense;
using llvm::ArrayRef;
using llvm::SmallVector;

static constexpr int64_t kDynamic = mlir::ShapedType::kDynamic;

/// Drops digits of size 1 and joins neighbours: each map has one form.
ChannelMap::Digits ChannelMap::simplify(ArrayRef<Digit> digits) {
  Digits result;
  for (Digit digit : digits) {
    if (digit.size == 1)
      continue;
    if (result.empty()) {
      result.push_back(digit);
      continue;
    }
    Digit &last = result.back();
    if (!last.stride && !digit.stride)
      last.size = last.size == kDynamic || digit.size == kDynamic ? kDynamic : last.size * digit.size;
    else if (digit.stride && last.stride == digit.stride * digit.size)
      last = {last.size * digit.size, digit.stride};
    else
      result.push_back(digit);
  }
  return result;
}

ChannelMap ChannelMap::getFree(int64_t size) {
  ChannelMap map;
  map.dims.push_back(simplify(Digit{size, 0}));
  return map;
}

ChannelMap ChannelMap::get(ArrayRef<int64_t> shape, int64_t dim) {
  ChannelMap map;
  for (auto [index, size] : llvm::enumerate(shape))
    map.dims.push_back(simplify(Digit{size, static_cast<int64_t>(index) == dim ? 1 : 0}));
  return map;
}

ChannelMap ChannelMap::getDim(int64_t dim) const {
  ChannelMap map;
  map.dims.push_back(dims[dim]);
  return map;
}

ChannelMap ChannelMap::join(ArrayRef<ChannelMap> parts) {
  ChannelMap map;
  for (const ChannelMap &part : parts)
    map.dims.append(part.dims.begin(), part.dims.end());
  return map;
}

bool ChannelMap::isFree(int64_t dim) const {
  return llvm::all_of(dims[dim], [](const Digit &digit) { return digit.stride == 0; });
}

bool ChannelMap::isOnly(int64_t dim) const {
  return llvm::all_of(llvm::seq<int64_t>(0, getRank()), [&](int64_t other) { return other == dim || isFree(other); });
}

ChannelMap ChannelMap::transpose(ArrayRef<int64_t> permutation) const {
  ChannelMap map;
  for (int64_t dim : permutation)
    map.dims.push_back(dims[dim]);
  return map;
}

std::optional<ChannelMap::Digits> ChannelMap::takeFront(Digits &digits, int64_t size) {
  Digits rest = digits, taken;
  while (size > 1) {
    if (rest.empty() || rest.front().size == kDynamic || rest.front().size == 0)
      return std::nullopt;
    Digit &first = rest.front();
    if (size % first.size == 0) {
      size /= first.size;
      taken.push_back(first);
      rest.erase(rest.begin());
      continue;
    }
    if (first.size % size != 0)
      return std::nullopt;
    first.size /= size;
    taken.push_back({size, first.stride * first.size});
    size = 1;
  }
  digits = rest;
  return simplify(taken);
}

std::optional<ChannelMap::Digits> ChannelMap::takeBack(Digits &digits, int64_t size) {
  Digits rest = digits, taken;
  while (size > 1) {
    if (rest.empty() || rest.back().size == kDynamic || rest.back().size == 0)
      return std::nullopt;
    Digit &last = rest.back();
    if (size % last.size == 0) {
      size /= last.size;
      taken.insert(taken.begin(), last);
      rest.pop_back();
      continue;
    }
    if (last.size % size != 0)
      return std::nullopt;
    taken.insert(taken.begin(), {size, last.stride});
    last = {last.size / size, last.stride * size};
    size = 1;
  }
  digits = rest;
  return simplify(taken);
}

std::optional<ChannelMap> ChannelMap::reshape(ArrayRef<int64_t> shape) const {
  Digits digits;
  for (const Digits &dim : dims)
    digits.append(dim.begin(), dim.end());
  SmallVector<std::optional<Digits>> result(shape.size());
  size_t begin = 0, end = shape.size();
  // Dimensions of known size, from both ends up to a dynamic one.
  for (; begin < end && shape[begin] > 0; ++begin)
    if (!(result[begin] = takeFront(digits, shape[begin])))
      break;
  for (; end > begin && shape[end - 1] > 0; --end)
    if (!(result[end - 1] = takeBack(digits, shape[end - 1])))
      break;
  bool isFree = llvm::all_of(digits, [](const Digit &digit) { return digit.stride == 0; });
  if (end == begin + 1 && shape[begin] == kDynamic)
    result[begin] = simplify(digits);
  else if (isFree)
    for (size_t dim = begin; dim != end; ++dim)
      result[dim] = simplify(Digit{shape[dim], 0});
  else
    return std::nullopt;
  ChannelMap map;
  for (std::optional<Digits> &dim : result)
    map.dims.push_back(std::move(*dim));
  return map;
}

std::optional<ChannelMap> ChannelMap::withShape(ArrayRef<int64_t> shape) const {
  return static_cast<int64_t>(shape.size()) == getRank() ? broadcast(shape) : std::nullopt;
}

static int64_t getSize(ArrayRef<int64_t> sizes) {
  int64_t size = 1;
  for (int64_t factor : sizes)
    size = size == kDynamic || factor == kDynamic ? kDynamic : size * factor;
  return size;
}

std::optional<ChannelMap> ChannelMap::broadcast(ArrayRef<int64_t> shape) const {
  int64_t added = static_cast<int64_t>(shape.size()) - getRank();
  if (added < 0)
    return std::nullopt;
  ChannelMap map;
  for (auto [index, size] : llvm::enumerate(shape)) {
    int64_t dim = static_cast<int64_t>(index) - added;
    if (dim < 0 || isFree(dim)) {
      map.dims.push_back(simplify(Digit{size, 0}));
      continue;
    }
    SmallVector<int64_t> sizes = llvm::map_to_vector(dims[dim], [](const Digit &digit) { return digit.size; });
    if (getSize(sizes) != size)
      return std::nullopt;
    map.dims.push_back(dims[dim]);
  }
  return map;
}

std::optional<ChannelMap> ChannelMap::getOperand(ArrayRef<int64_t> shape) const {
  int64_t missing = getRank() - static_cast<int64_t>(shape.size());
  if (missing < 0 || !llvm::all_of(llvm::seq<int64_t>(0, missing), [&](int64_t dim) { return isFree(dim); }))
    return std::nullopt;
  ChannelMap tail;
  tail.dims.append(dims.begin() + missing, dims.end());
  return tail.broadcast(shape);
}

std::optional<SmallVector<int64_t>> ChannelMap::getExpandedShape(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> result(shape);
  for (int64_t dim = getRank() - 1; dim >= 0; --dim) {
    if (isFree(dim))
      continue;
    int64_t fromEnd = getRank() - dim;
    while (static_cast<int64_t>(result.size()) < fromEnd)
      result.insert(result.begin(), 1);
    int64_t size = getSize(llvm::map_to_vector(dims[dim], [](const Digit &digit) { return digit.size; }));
    int64_t &own = result[result.size() - fromEnd];
    if (size == kDynamic || (own != 1 && own != size))
      return std::nullopt;
    own = size;
  }
  return result;
}

std::optional<std::pair<ChannelMap, ChannelMap>> ChannelMap::split(int64_t dim, int64_t inner) const {
  Digits outer = dims[dim];
  std::optional<Digits> lower = takeBack(outer, inner);
  if (!lower)
    return std::nullopt;
  std::pair<ChannelMap, ChannelMap> result;
  result.first.dims.push_back(simplify(outer));
  result.second.dims.push_back(*lower);
  return result;
}

std::vector<int32_t> ChannelMap::getChannels() const {
  std::vector<int32_t> channels(1, 0), next;
  for (const Digits &dim : dims)
    for (const Digit &digit : dim) {
      next.resize(channels.size() * digit.size);
      int32_t *to = next.data();
      for (int32_t channel : channels)
        for (int64_t i = 0; i != digit.size; ++i)
          *to++ = channel + static_cast<int32_t>(i * digit.stride);
      channels.swap(next);
    }
  return channels;
}
