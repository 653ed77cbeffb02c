// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codebooks that are computed, and the search for the nearest entry.

#include "condense/Numerics/Codebooks.h"

#include "condense/Numerics/FloatFormats.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

using namespace condense::numerics;

double condense::numerics::getNormalQuantile(double probability) {
  assert(probability > 0 && probability < 1 && "a probability");
  // On the lower half, where erfc keeps its relative precision, by bisection.
  if (probability == 0.5)
    return 0;
  if (probability > 0.5)
    return -getNormalQuantile(1 - probability);
  double low = -40, high = 0;
  for (int i = 0; i < 200 && low < high; ++i) {
    double middle = low + (high - low) / 2;
    if (middle == low || middle == high)
      break;
    (std::erfc(-middle / std::numbers::sqrt2) / 2 < probability ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

/// Quantiles at `count` equal steps from `start` on, 1/2 excluded.
static void appendQuantiles(double start, int count, double sign, std::vector<double> &values) {
  for (int i = 0; i < count; ++i)
    values.push_back(sign * getNormalQuantile(start + (0.5 - start) * i / count));
}

static std::array<float, 16> computeNF4() {
  // The outermost probabilities are the mean of what 15 and 16 equally likely
  // intervals would have; an exact zero makes one side shorter than the other.
  double start = 1 - (1.0 / (2 * 15) + 1.0 / (2 * 16)) / 2;
  std::vector<double> values{0.0};
  appendQuantiles(start, 8, 1, values);
  appendQuantiles(start, 7, -1, values);
  std::sort(values.begin(), values.end());
  std::array<float, 16> table;
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<float>(values[i] / values.back());
  return table;
}

const std::array<float, 16> &condense::numerics::getNF4() {
  static const std::array<float, 16> table = computeNF4();
  return table;
}

const std::array<float, 16> &condense::numerics::getFP4() {
  static const std::array<float, 16> table = [] {
    std::array<float, 16> entries;
    for (unsigned code = 0; code < 16; ++code)
      entries[code] = fromF4E2M1(static_cast<uint8_t>(code));
    return entries;
  }();
  return table;
}

NearestEntry::NearestEntry(std::span<const float> codebook) : entries(codebook.begin(), codebook.end()) {
  assert(!entries.empty() && entries.size() <= 256 && "codes of a byte");
  std::vector<int> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return entries[a] != entries[b] ? entries[a] < entries[b] : a < b; });
  for (int code : order) {
    // Of equal entries (0 and -0) the first.
    if (!sorted.empty() && sorted.back() == entries[code])
      continue;
    sorted.push_back(entries[code]);
    codes.push_back(static_cast<uint8_t>(code));
  }
}

uint8_t NearestEntry::find(float x) const {
  if (std::isnan(x))
    x = 0;
  size_t above = std::lower_bound(sorted.begin(), sorted.end(), x) - sorted.begin();
  if (above == sorted.size())
    return codes.back();
  if (above == 0)
    return codes.front();
  double upper = static_cast<double>(sorted[above]) - x, lower = static_cast<double>(x) - sorted[above - 1];
  return upper < lower ? codes[above] : codes[above - 1];
}

float condense::numerics::roundCodebook(std::span<float> entries) {
  float largest = 0;
  for (float entry : entries)
    largest = std::max(largest, std::fabs(entry));
  if (largest == 0)
    return 1;
  float best = 1;
  double least = INFINITY;
  for (int integer = 127; integer >= 64; --integer) {
    // The largest must not become more, even where its quotient is a subnormal number.
    float step = largest / static_cast<float>(integer);
    double error = 0;
    for (float entry : entries) {
      double difference = entry - static_cast<double>(step) * std::nearbyint(entry / step);
      error += difference * difference;
    }
    if (step > 0 && error < least && std::nearbyint(largest / step) <= 127) {
      least = error;
      best = step;
    }
  }
  for (float &entry : entries)
    entry = std::clamp(std::nearbyint(entry / best), -127.0f, 127.0f);
  return best;
}
