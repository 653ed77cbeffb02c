// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores a constant in the order of the loops that read it: a copy between two strided arrays, on all threads.

#include "RelayConstant.h"

#include "mlir/IR/Threading.h"
#include <cstring>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

namespace {

/// How far a step of a loop moves, in bytes of both arrays, and the index that padding limits.
struct CopyLoop {
  int64_t size, source, target, padding;
};

/// Where a copy begins, and which elements stay 0.
struct CopyStart {
  const char *source;
  char *target;
  int64_t index, limit;

  CopyStart advance(const CopyLoop &loop, int64_t steps) const {
    return {source + steps * loop.source, target + steps * loop.target, index + steps * loop.padding, limit};
  }
};

} // namespace

/// The two innermost loops. One of the arrays is usually read or written across its rows: in small tiles each
/// cache line is used whole. `Bytes` of 0 means `bytes`.
template <size_t Bytes>
static void copyTiles(const CopyLoop &outer, const CopyLoop &inner, const CopyStart &start, size_t bytes) {
  constexpr int64_t tileSize = 16;
  const size_t size = Bytes ? Bytes : bytes;
  for (int64_t first = 0; first < outer.size; first += tileSize)
    for (int64_t i = 0; i < inner.size; ++i) {
      CopyStart at = start.advance(inner, i).advance(outer, first);
      for (int64_t j = first, end = std::min(first + tileSize, outer.size); j < end; ++j) {
        if (at.index < at.limit)
          std::memcpy(at.target, at.source, size);
        at = at.advance(outer, 1);
      }
    }
}

static void copyLoops(ArrayRef<CopyLoop> loops, const CopyStart &start, size_t bytes) {
  if (loops.size() > 2) {
    for (int64_t i = 0; i < loops[0].size; ++i)
      copyLoops(loops.drop_front(), start.advance(loops[0], i), bytes);
    return;
  }
  switch (bytes) {
  case 1:
    return copyTiles<1>(loops[0], loops[1], start, bytes);
  case 2:
    return copyTiles<2>(loops[0], loops[1], start, bytes);
  case 4:
    return copyTiles<4>(loops[0], loops[1], start, bytes);
  case 8:
    return copyTiles<8>(loops[0], loops[1], start, bytes);
  default:
    return copyTiles<0>(loops[0], loops[1], start, bytes);
  }
}

/// Inner loops that move both arrays by one element are one longer element.
static size_t mergeElements(SmallVectorImpl<CopyLoop> &loops, int64_t bytes) {
  while (!loops.empty() && loops.back().source == bytes && loops.back().target == bytes && loops.back().padding == 0)
    bytes *= loops.pop_back_val().size;
  return bytes;
}

static void copyStrided(MLIRContext *context, SmallVector<CopyLoop> loops, const CopyStart &start, int64_t bytes) {
  size_t merged = mergeElements(loops, bytes);
  while (loops.size() < 3)
    loops.insert(loops.begin(), CopyLoop{1, 0, 0, 0});
  parallelFor(context, 0, loops[0].size, [&](size_t i) {
    copyLoops(ArrayRef(loops).drop_front(), start.advance(loops[0], static_cast<int64_t>(i)), merged);
  });
}

std::vector<char> condense::codegen::relayBytes(const HostArray &source, ArrayRef<LinearForm> at,
                                                ArrayRef<unsigned> order, ArrayRef<int64_t> sizes,
                                                ArrayRef<int64_t> storedSizes, const std::optional<Padding> &padding) {
  int64_t elementBytes = getElementBytes(source.type.getElementType());
  std::vector<char> bytes(ShapedType::getNumElements(storedSizes) * elementBytes);

  SmallVector<CopyLoop> loops;
  for (unsigned digit : order)
    loops.push_back({sizes[digit], 0, 0, padding ? padding->index.factors[digit] : 0});
  int64_t inner = elementBytes;
  for (auto [loop, size] : llvm::reverse(llvm::zip_equal(loops, storedSizes))) {
    loop.target = inner;
    inner *= size;
  }
  int64_t stride = elementBytes, offset = 0;
  for (int64_t dim = source.type.getRank() - 1; dim >= 0; --dim) {
    offset += at[dim].offset * stride;
    for (auto [loop, digit] : llvm::zip_equal(loops, order))
      loop.source += at[dim].factors[digit] * stride;
    stride *= source.type.getDimSize(dim);
  }
  CopyStart start{source.bytes.data() + offset, bytes.data(), padding ? padding->index.offset : 0,
                  padding ? padding->limit : std::numeric_limits<int64_t>::max()};
  copyStrided(source.type.getContext(), loops, start, elementBytes);
  return bytes;
}
