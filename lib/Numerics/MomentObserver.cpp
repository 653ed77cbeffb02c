// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moments of the inputs of a layer. The Gram matrix is updated by blocks of rows
// that are packed into panels of columns; a tile of it is kept in registers while
// the rows of the block pass (Goto and van de Geijn, ACM TOMS 34(3), 2008). Each
// element sums its rows in order, so neither the vector size nor the number of
// threads changes a bit.

#include "condense/Numerics/MomentObserver.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>

using namespace condense::numerics;

namespace {
constexpr int64_t kWidth = 16;      // columns of a panel
constexpr int64_t kBlockRows = 128; // rows that are summed in registers
constexpr int64_t kPanelSize = kBlockRows * kWidth;

using Vector = float __attribute__((vector_size(kWidth * sizeof(float)), aligned(4)));

/// One block of rows and the matrix it is added to.
struct Block {
  const float *panels; // [panels][kBlockRows][kWidth], zero beyond the columns
  int64_t rows, columns, numPanels;
  float *gram; // [columns][columns]
};

/// Adds the products of columns [i, i + height) and the panels [first, first +
/// count), where those exist.
template <int height, int count>
inline __attribute__((always_inline)) void addTile(const Block &block, int64_t i, int64_t first) {
  const float *left = block.panels + i / kWidth * kPanelSize + i % kWidth;
  const float *right = block.panels + first * kPanelSize;
  Vector sum[height][count] = {};
  for (int64_t row = 0; row < block.rows; ++row, left += kWidth, right += kWidth) {
    Vector values[count];
    for (int p = 0; p < count; ++p)
      std::memcpy(&values[p], right + p * kPanelSize, sizeof(Vector));
    for (int k = 0; k < height; ++k)
      for (int p = 0; p < count; ++p)
        sum[k][p] += left[k] * values[p];
  }
  for (int k = 0; k < height && i + k < block.columns; ++k)
    for (int p = 0; p < count; ++p) {
      int64_t column = (first + p) * kWidth;
      float *target = block.gram + (i + k) * block.columns + column;
      float values[kWidth];
      std::memcpy(values, &sum[k][p], sizeof(values));
      for (int64_t j = 0; j < std::min(kWidth, block.columns - column); ++j)
        target[j] += values[j];
    }
}

/// All rows of the upper half in the panels [first, first + count).
template <int height, int count>
inline __attribute__((always_inline)) void addPanels(const Block &block, int64_t first) {
  int64_t end = std::min(block.columns, (first + count) * kWidth);
  for (int64_t i = 0; i < end; i += height)
    addTile<height, count>(block, i, first);
}

/// The tile that fills, and does not exceed, the registers of each CPU.
constexpr int kPanelsAtOnce = 2;
template <int height, int count> inline __attribute__((always_inline)) void addEach(const Block &block, int64_t first) {
  for (int64_t panel = first; panel < std::min(first + kPanelsAtOnce, block.numPanels); panel += count)
    if (panel + count <= block.numPanels)
      addPanels<height, count>(block, panel);
    else
      addPanels<height, 1>(block, panel);
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"))) void addAVX512(const Block &block, int64_t first) {
  addEach<8, 2>(block, first);
}
__attribute__((target("arch=x86-64-v3"))) void addAVX2(const Block &block, int64_t first) {
  addEach<4, 1>(block, first);
}
#endif
void addBaseline(const Block &block, int64_t first) { addEach<2, 1>(block, first); }

using AddFunction = void (*)(const Block &, int64_t);
AddFunction chooseAdd() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4"))
    return addAVX512;
  if (__builtin_cpu_supports("x86-64-v3"))
    return addAVX2;
#endif
  return addBaseline;
}

/// Puts rows into panels, whose first free row is `panels`.
void pack(const float *matrix, int64_t rows, int64_t columns, float *panels) {
  for (int64_t column = 0; column < columns; column += kWidth, panels += kPanelSize) {
    int64_t width = std::min(kWidth, columns - column);
    for (int64_t row = 0; row < rows; ++row)
      std::memcpy(panels + row * kWidth, matrix + row * columns + column, width * sizeof(float));
  }
}

void addBlock(const Block &block, int threads) {
  static const AddFunction add = chooseAdd();
  int64_t tasks = (block.numPanels + kPanelsAtOnce - 1) / kPanelsAtOnce;
  // The last panels have the most rows: they go first.
  std::atomic<int64_t> next = tasks;
  auto work = [&] {
    for (int64_t task; (task = --next) >= 0;)
      add(block, task * kPanelsAtOnce);
  };
  // Starting a thread costs as much as some millions of products.
  bool isSmall = block.rows * block.columns * block.columns < 8'000'000;
  std::vector<std::thread> others;
  for (int i = 1; i < threads && i < tasks && !isSmall; ++i)
    others.emplace_back(work);
  work();
  for (std::thread &other : others)
    other.join();
}
} // namespace

MomentObserver::MomentObserver(int64_t groups, int64_t columns, bool withGram)
    : groups(groups), columns(columns), withGram(withGram), sums(groups * columns), absMax(groups * columns),
      gram(withGram ? groups * columns * columns : 0),
      panels(withGram ? groups * ((columns + kWidth - 1) / kWidth) * kPanelSize : 0) {}

void MomentObserver::addChannels(const float *matrix, int64_t rows, int64_t group) {
  double *sum = sums.data() + group * columns;
  float *largest = absMax.data() + group * columns;
  for (int64_t row = 0; row < rows; ++row, matrix += columns)
    for (int64_t column = 0; column < columns; ++column) {
      sum[column] += matrix[column];
      float magnitude = std::fabs(matrix[column]);
      largest[column] = magnitude > largest[column] ? magnitude : largest[column];
    }
}

/// Packs the rows and, whenever they fill a block, adds it to the Gram matrix.
void MomentObserver::addRows(const float *matrices, int64_t rows, int threads) {
  int64_t groupSize = static_cast<int64_t>(panels.size()) / groups;
  for (int64_t row = 0; row < rows;) {
    int64_t some = std::min(kBlockRows - pending, rows - row);
    for (int64_t group = 0; group < groups; ++group)
      pack(matrices + (group * rows + row) * columns, some, columns,
           panels.data() + group * groupSize + pending * kWidth);
    pending += some;
    row += some;
    if (pending == kBlockRows)
      flush(threads);
  }
}

void MomentObserver::flush(int threads) {
  int64_t numPanels = (columns + kWidth - 1) / kWidth;
  for (int64_t group = 0; pending != 0 && group < groups; ++group)
    addBlock({panels.data() + group * numPanels * kPanelSize, pending, columns, numPanels,
              gram.data() + group * columns * columns},
             threads);
  pending = 0;
}

void MomentObserver::observe(std::span<const float> matrices, int threads) {
  int64_t rows = static_cast<int64_t>(matrices.size()) / (groups * columns);
  for (int64_t group = 0; group < groups; ++group)
    addChannels(matrices.data() + group * rows * columns, rows, group);
  if (withGram)
    addRows(matrices.data(), rows, threads);
  count += rows;
}

bool MomentObserver::isFinite() const {
  // Sums of f32 in double do not overflow.
  return std::all_of(sums.begin(), sums.end(), [](double sum) { return std::isfinite(sum); });
}

std::vector<float> MomentObserver::getMean() const {
  std::vector<float> mean(sums.size());
  for (size_t i = 0; i < sums.size(); ++i)
    mean[i] = static_cast<float>(sums[i] / static_cast<double>(std::max<int64_t>(count, 1)));
  return mean;
}

std::span<const float> MomentObserver::getGram() {
  flush(/*threads=*/1);
  constexpr int64_t tile = 32; // as whole columns would miss the cache
  for (int64_t group = 0; withGram && group < groups; ++group) {
    float *matrix = gram.data() + group * columns * columns;
    for (int64_t rowTile = 0; rowTile < columns; rowTile += tile)
      for (int64_t columnTile = 0; columnTile <= rowTile; columnTile += tile)
        for (int64_t row = rowTile; row < std::min(rowTile + tile, columns); ++row)
          for (int64_t column = columnTile; column < std::min(columnTile + tile, row); ++column)
            matrix[row * columns + column] = matrix[column * columns + row];
  }
  return gram;
}
