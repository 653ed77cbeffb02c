// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codebooks of least output error, by alternating between codes and entries.
//
// With S the choice of entries of a row w, the error (w - S c) H (w - S c)^T is
// quadratic in the entries c: their best values solve (S^T H S) c = S^T H w, summed
// over the rows that share the codebook.

#include "Cholesky.h"
#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/Gptq.h"
#include "condense/Numerics/KMeans.h"
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

static constexpr int kRounds = 4, kPasses = 8;
static constexpr double kRelativeDamping = 0.01;

static double getDamping(const ClusteredRows &part) {
  double trace = 0;
  for (int64_t i = 0; i < part.columns; ++i)
    trace += part.gram[i * (part.columns + 1)];
  return trace > 0 ? kRelativeDamping * trace / static_cast<double>(part.columns) : 1;
}

/// The damped output error of a part.
static double getError(const ClusteredRows &part) {
  int64_t columns = part.columns, rows = part.weights.size() / columns;
  double sum = 0, damping = getDamping(part);
  std::vector<double> difference(columns);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t j = 0; j < columns; ++j)
      difference[j] = static_cast<double>(part.weights[row * columns + j]) - part.rounded[row * columns + j];
    for (int64_t i = 0; i < columns; ++i) {
      double product = damping * difference[i];
      for (int64_t j = 0; j < columns; ++j)
        product += part.gram[i * columns + j] * difference[j];
      sum += product * difference[i];
    }
  }
  return sum;
}

namespace {

/// Elements of a part as entries of one codebook.
class CodeChoice {
public:
  CodeChoice(const ClusteredRows &part, std::span<const float> codebook)
      : part(part), rows(part.weights.size() / part.columns), rowBlocks(rows, 0), columnBlocks(part.columns, 0),
        matrix{part.weights, rows, part.columns, rowBlocks, columnBlocks, part.mask},
        spec{{CodeFormat::Kind::Table, 8, std::make_shared<NearestEntry>(codebook)},
             ScaleFormat::F32,
             ScaleChoice::Given} {}

  /// Keeps what the sweep over the columns chooses, if it is better.
  void sweep() {
    if (!part.factor)
      return;
    std::vector<float> before(part.rounded.begin(), part.rounded.end());
    std::vector<double> rowErrors(rows);
    double error = getError(part);
    roundRowsByGptq(*part.factor, matrix, {}, 0, rows, getRounder(), part.rounded, rowErrors);
    if (!(getError(part) < error))
      std::copy(before.begin(), before.end(), part.rounded.begin());
  }

  void descend() { refineRows(part.gram, getDamping(part), matrix, 0, rows, getRounder(), kPasses, part.rounded); }

private:
  Rounder getRounder() { return Rounder(spec, scale, {}); }

  const ClusteredRows &part;
  int64_t rows;
  std::vector<int64_t> rowBlocks, columnBlocks;
  std::vector<float> scale{1.0f};
  GptqMatrix matrix;
  QuantizeSpec spec;
};

} // namespace

namespace {

/// The normal equations of the entries.
class EntryFit {
public:
  explicit EntryFit(std::span<const float> codebook)
      : codebook(codebook), size(codebook.size()), normal(size * size), right(size), nearest(codebook) {}

  void add(const ClusteredRows &part) {
    int64_t rows = part.weights.size() / part.columns;
    for (int64_t row = 0; row < rows; ++row)
      addRow(part, row, getDamping(part));
  }

  /// The best entries; those that nothing uses, and the zero if it is fixed, stay.
  std::vector<double> solve(bool keepZero) {
    std::vector<double> entries(codebook.begin(), codebook.end());
    for (int64_t e = 0; e < size; ++e)
      if (normal[e * size + e] <= 0 || (keepZero && codebook[e] == 0))
        fix(e);
    double largest = 0;
    for (int64_t e = 0; e < size; ++e)
      largest = std::max(largest, normal[e * size + e]);
    std::vector<double> factor = normal;
    if (!factorizeCholesky(factor.data(), size, 1e-12 * largest))
      return entries;
    // S^T S c = b: forward, then backward.
    std::vector<double> x = right;
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j < i; ++j)
        x[i] -= factor[j * size + i] * x[j];
      x[i] /= factor[i * size + i];
    }
    for (int64_t i = size; i-- > 0;) {
      for (int64_t j = i + 1; j < size; ++j)
        x[i] -= factor[i * size + j] * x[j];
      x[i] /= factor[i * size + i];
    }
    return x;
  }

private:
  void addRow(const ClusteredRows &part, int64_t row, double damping) {
    int64_t columns = part.columns;
    auto at = [&](auto span, int64_t j) { return span[row * columns + j]; };
    std::vector<int> codes(columns, -1);
    for (int64_t j = 0; j < columns; ++j)
      if (part.mask.empty() || at(part.mask, j))
        codes[j] = nearest.find(at(part.rounded, j));
    std::vector<double> sums(size);
    for (int64_t i = 0; i < columns; ++i) {
      if (codes[i] < 0)
        continue;
      std::fill(sums.begin(), sums.end(), 0.0);
      double product = damping * at(part.weights, i);
      for (int64_t j = 0; j < columns; ++j) {
        double h = part.gram[i * columns + j];
        if (codes[j] < 0)
          continue;
        sums[codes[j]] += h;
        product += h * at(part.weights, j);
      }
      sums[codes[i]] += damping;
      for (int64_t e = 0; e < size; ++e)
        normal[codes[i] * size + e] += sums[e];
      right[codes[i]] += product;
    }
  }

  /// Moves an entry that has its value to the right side.
  void fix(int64_t e) {
    for (int64_t i = 0; i < size; ++i) {
      right[i] -= normal[i * size + e] * codebook[e];
      normal[i * size + e] = normal[e * size + i] = 0;
    }
    normal[e * size + e] = 1;
    right[e] = codebook[e];
  }

  std::span<const float> codebook;
  int64_t size;
  std::vector<double> normal, right;
  NearestEntry nearest;
};

} // namespace

static double getError(std::span<const ClusteredRows> parts) {
  double sum = 0;
  for (const ClusteredRows &part : parts)
    sum += getError(part);
  return sum;
}

static float roundEntry(double entry, EntryFormat format) {
  auto rounded = static_cast<float>(entry);
  if (format == EntryFormat::F16)
    rounded = fromF16(toF16(std::clamp(rounded, -65504.0f, 65504.0f)));
  return rounded == 0 ? 0.0f : rounded;
}

void condense::numerics::refineCodebook(std::span<const ClusteredRows> parts, const CodebookSpec &spec,
                                        std::vector<float> &codebook) {
  for (const ClusteredRows &part : parts) {
    CodeChoice choice(part, codebook);
    choice.sweep();
    choice.descend();
  }
  double error = getError(parts);
  for (int round = 0; round < kRounds && error > 0; ++round) {
    EntryFit fit(codebook);
    for (const ClusteredRows &part : parts)
      fit.add(part);
    std::vector<float> entries;
    for (double entry : fit.solve(spec.zeroEntry))
      entries.push_back(std::isfinite(entry) ? roundEntry(entry, spec.format) : codebook[entries.size()]);
    // What was rounded to an old entry takes the new one, then codes may change.
    NearestEntry old(codebook);
    std::vector<std::vector<float>> before;
    for (const ClusteredRows &part : parts) {
      before.emplace_back(part.rounded.begin(), part.rounded.end());
      for (size_t i = 0; i < part.rounded.size(); ++i)
        if (part.mask.empty() || part.mask[i])
          part.rounded[i] = entries[old.find(part.rounded[i])];
      CodeChoice(part, entries).descend();
    }
    double next = getError(parts);
    if (!(next < error)) {
      for (size_t i = 0; i < parts.size(); ++i)
        std::copy(before[i].begin(), before[i].end(), parts[i].rounded.begin());
      return;
    }
    codebook = std::move(entries);
    error = next;
  }
}
