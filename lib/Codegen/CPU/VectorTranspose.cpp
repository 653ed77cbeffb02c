// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transposes a square of lanes that is held in vectors.
//
// log2(lanes) steps. Each merges vectors whose numbers differ in one bit, so that this bit of a lane's vector and one
// of its position change places. The first two steps stay within 128 bits, the others move pieces of 128 bits: each
// shuffle is then one instruction that x86 has.

#include "VectorTranspose.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

/// Lanes of 128 bits.
static constexpr int64_t kPieceLanes = 4;

/// Interleaves groups of `size` lanes of the low (`high`: the high) halves of each 128 bits of two vectors.
static SmallVector<int64_t> unpackMask(int64_t lanes, int64_t size, bool high) {
  SmallVector<int64_t> mask;
  int64_t piece = std::min(kPieceLanes, lanes), half = piece / 2;
  for (int64_t base = 0; base < lanes; base += piece)
    for (int64_t group = 0; group < half; group += size)
      for (int64_t source : {int64_t(0), lanes})
        for (int64_t lane = 0; lane < size; ++lane)
          mask.push_back(source + base + (high ? half : 0) + group + lane);
  return mask;
}

/// The even (`odd`: the odd) pieces of 128 bits of two vectors.
static SmallVector<int64_t> pieceMask(int64_t lanes, bool odd) {
  SmallVector<int64_t> mask;
  for (int64_t source : {int64_t(0), lanes})
    for (int64_t piece = odd ? kPieceLanes : 0; piece < lanes; piece += 2 * kPieceLanes)
      for (int64_t lane = 0; lane < kPieceLanes; ++lane)
        mask.push_back(source + piece + lane);
  return mask;
}

SmallVector<Value> condense::codegen::transposeVectors(OpBuilder &builder, Location loc, ArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  SmallVector<Value> vectors(rows);
  auto merge = [&](int64_t distance, ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
    SmallVector<Value> next(lanes);
    for (int64_t i = 0; i < lanes; ++i)
      if (!(i & distance)) {
        next[i] = vector::ShuffleOp::create(builder, loc, vectors[i], vectors[i | distance], low);
        next[i | distance] = vector::ShuffleOp::create(builder, loc, vectors[i], vectors[i | distance], high);
      }
    vectors = next;
  };
  for (int64_t distance = 1; distance < std::min(lanes, kPieceLanes); distance *= 2)
    merge(distance, unpackMask(lanes, distance, false), unpackMask(lanes, distance, true));
  for (int64_t distance = kPieceLanes; distance < lanes; distance *= 2)
    merge(distance, pieceMask(lanes, false), pieceMask(lanes, true));
  if (lanes < kPieceLanes)
    return vectors;
  // the first step has left the second lanes in the second half of each 128 bits
  SmallVector<Value> ordered(lanes);
  for (int64_t i = 0; i < lanes; ++i)
    ordered[i] = vectors[(i & ~int64_t(3)) | (i & 1) << 1 | (i & 2) >> 1];
  return ordered;
}
