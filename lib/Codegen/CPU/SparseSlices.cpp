// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sparse weights for few rows: as many weights that are not zero for every column of a slice.

#include "SparseSlices.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// More rows than this are left to other kernels: each takes a permutation for a vector of weights.
static constexpr int64_t kMaxRows = 4;

/// Weights up to this size are read from the second-level cache, larger ones from memory; bytes in a cycle.
static constexpr double kCacheBytes = 1 << 20, kCacheBandwidth = 32, kMemoryBandwidth = 10;

std::optional<int64_t> condense::codegen::countFewRows(const SparseContraction &contraction) {
  std::optional<int64_t> rows = contraction.rows();
  return rows && *rows <= kMaxRows ? rows : std::nullopt;
}

LogicalResult condense::codegen::checkSlices(const SparseContraction &contraction, const VectorTarget &target,
                                             std::string &reason) {
  if (contraction.isInteger)
    return reason = "few rows of bytes are multiplied densely", failure();
  if (!target.permute || contraction.lanes != 16)
    return reason = "the target cannot permute the lanes of a vector", failure();
  if (!contraction.outerReductions.empty())
    return reason = "there are several reductions", failure();
  return countFewRows(contraction) ? success() : (reason = "there are too many rows", failure());
}

/// Calls `body(first column, first unit)` for each slice.
static void forEachSlice(const SparseContraction &contraction, llvm::function_ref<void(int64_t, int64_t)> body) {
  int64_t step = SparseSlices::panelColumns(contraction);
  for (int64_t panel = 0; panel < SparseSlices::panels(contraction); ++panel)
    for (int64_t slice = 0; slice < SparseSlices::slicesPerPanel(contraction); ++slice)
      body(panel * step, slice * contraction.lanes);
}

SparseSlices condense::codegen::planSlices(const SparseContraction &contraction, const TensorConstant &weight) {
  SparseSlices slices;
  SparseUnits units(contraction, weight);
  forEachSlice(contraction, [&](int64_t first, int64_t unit) {
    int64_t most = 0, end = std::min(contraction.columns(), first + SparseSlices::panelColumns(contraction));
    for (int64_t column = first; column < end; ++column) {
      int64_t count = 0;
      for (int64_t i = 0; i < contraction.lanes; ++i)
        count += units.read(column, unit + i) != 0;
      most = std::max(most, count);
    }
    slices.pairs.push_back(static_cast<int32_t>(llvm::divideCeil(most, 2)));
    slices.total += slices.pairs.back();
  });
  if (llvm::all_equal(slices.pairs))
    slices.uniform = slices.pairs.front();
  return slices;
}

/// Slots as for many rows, of which two are taken in a cycle. Dense: a multiplication and addition for every row and
/// element. A pair: its values and places, a shift, and for every row two permutations and two
/// multiplications and additions; a slice as much as one.
double condense::codegen::estimateRelativeCost(const SparseContraction &contraction, const SparseSlices &slices) {
  double rows = double(*countFewRows(contraction)), lanes = double(contraction.lanes);
  double vectors = std::ceil(double(contraction.columns()) / lanes);
  double panelVectors = double(SparseSlices::kPanelVectors);
  double denseBytes = 4.0 * double(contraction.columns() * contraction.units());
  double denseSlots = vectors * double(contraction.units()) * rows;
  double sparseBytes = double(slices.total) * panelVectors * 9 * lanes;
  double sparseSlots =
      double(slices.total) * (panelVectors * (4 + 4 * rows) + 3) + double(slices.pairs.size()) * panelVectors * 4;
  auto cycles = [&](double slots, double bytes) {
    return std::max(slots / 2, bytes / (denseBytes <= kCacheBytes ? kCacheBandwidth : kMemoryBandwidth));
  };
  return cycles(sparseSlots, sparseBytes) / cycles(denseSlots, denseBytes);
}

SliceWeight condense::codegen::createSliceWeight(OpBuilder &builder, const SparseContraction &contraction,
                                                 const SparseSlices &slices, const TensorConstant &weight) {
  SparseUnits units(contraction, weight);
  int64_t width = SparseSlices::panelColumns(contraction), pair = 0, slice = 0;
  std::vector<uint32_t> values(std::max<int64_t>(slices.total, 1) * 2 * width, 0);
  std::vector<uint8_t> places(std::max<int64_t>(slices.total, 1) * width, 0);
  std::vector<int32_t> starts;
  forEachSlice(contraction, [&](int64_t first, int64_t unit) {
    starts.push_back(static_cast<int32_t>(pair));
    for (int64_t column = first; column < std::min(contraction.columns(), first + width); ++column) {
      int64_t count = 0;
      for (int64_t place = 0; place < contraction.lanes; ++place)
        if (uint32_t word = units.read(column, unit + place)) {
          values[(pair * 2 + count) * width + column - first] = word;
          places[(pair + count / 2) * width + column - first] |= place << (count % 2 ? 4 : 0);
          ++count;
        }
    }
    pair += slices.pairs[slice++];
  });
  starts.push_back(static_cast<int32_t>(pair));
  Location loc = contraction.op->getLoc();
  auto create = [&](auto &data, Type type, StringRef suffix) -> Value {
    return createTensorConstant(builder, loc, RankedTensorType::get(static_cast<int64_t>(data.size()), type),
                                ArrayRef(data), weight.getName().str() + suffix.str());
  };
  return {create(values, builder.getF32Type(), ".values"), create(places, builder.getI8Type(), ".places"),
          slices.uniform ? Value() : create(starts, builder.getI32Type(), ".starts")};
}
