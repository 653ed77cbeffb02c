// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores a constant in the order of the loops that read it.

#include "RelayConstant.h"

#include <cstring>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

namespace {

/// Walks the loops from outer to inner. Each step of a loop moves the source by
/// `sourceStep` elements and the index that padding limits by `paddingStep`;
/// after the loop, `skippedBytes` of the target stay 0.
struct Copier {
  struct Loop {
    int64_t size, sourceStep, paddingStep, skippedBytes;
  };
  SmallVector<Loop> loops;
  const char *source;
  char *target;
  int64_t elementBytes, limit;

  void run(size_t depth, int64_t offset, int64_t index) {
    if (depth == loops.size()) {
      if (index < limit)
        std::memcpy(target, source + offset * elementBytes, elementBytes);
      target += elementBytes;
      return;
    }
    const Loop &loop = loops[depth];
    for (int64_t i = 0; i < loop.size; ++i, offset += loop.sourceStep, index += loop.paddingStep)
      run(depth + 1, offset, index);
    target += loop.skippedBytes;
  }
};

} // namespace

std::vector<char> condense::codegen::relayBytes(const HostArray &source, ArrayRef<LinearForm> at,
                                                ArrayRef<unsigned> order, ArrayRef<int64_t> sizes,
                                                ArrayRef<int64_t> storedSizes, const std::optional<Padding> &padding) {
  int64_t elementBytes = getElementBytes(source.type.getElementType());
  std::vector<char> bytes(ShapedType::getNumElements(storedSizes) * elementBytes);

  Copier copier{{},
                source.bytes.data(),
                bytes.data(),
                elementBytes,
                padding ? padding->limit : std::numeric_limits<int64_t>::max()};
  int64_t offset = 0;
  for (unsigned digit : order)
    copier.loops.push_back({sizes[digit], 0, padding ? padding->index.factors[digit] : 0, 0});
  int64_t inner = elementBytes;
  for (auto [loop, size] : llvm::reverse(llvm::zip_equal(copier.loops, storedSizes))) {
    loop.skippedBytes = (size - loop.size) * inner;
    inner *= size;
  }
  int64_t stride = 1;
  for (int64_t dim = source.type.getRank() - 1; dim >= 0; --dim) {
    offset += at[dim].offset * stride;
    for (auto [loop, digit] : llvm::zip_equal(copier.loops, order))
      loop.sourceStep += at[dim].factors[digit] * stride;
    stride *= source.type.getDimSize(dim);
  }
  copier.run(0, offset, padding ? padding->index.offset : 0);
  return bytes;
}
