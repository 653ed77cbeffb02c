// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Optimal clustering in one dimension.
//
// Clusters of an optimal codebook are intervals of the sorted numbers, and the
// cost of an interval follows from prefix sums in constant time. With C[j][i]
// the least cost of the first i points in j clusters, the best start of the last
// cluster does not decrease with i, so a layer takes O(n log n) by divide and
// conquer. The exact zero is one more cluster whose entry is given; its cost is
// additive, which makes its layer a running minimum.

#include "condense/Numerics/KMeans.h"

#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace condense::numerics;

/// Points that the dynamic programming sees, and that Lloyd's iteration sees.
static constexpr int64_t kExactPoints = 4096, kPoints = 1 << 18;
static constexpr int kMostIterations = 100;

namespace {

/// Sorted numbers with their weights, as sums from the start.
class Points {
public:
  void append(double value, double weight) {
    values.push_back(value);
    mass.push_back(mass.back() + weight);
    moment.push_back(moment.back() + weight * value);
    square.push_back(square.back() + weight * value * value);
  }
  int64_t size() const { return static_cast<int64_t>(values.size()); }
  double getValue(int64_t i) const { return values[i]; }
  double getWeight(int64_t i) const { return mass[i + 1] - mass[i]; }
  double getMass() const { return mass.back(); }

  /// Weighted mean of points `begin ... end - 1`, of which there is at least one.
  double getMean(int64_t begin, int64_t end) const {
    double mean = (moment[end] - moment[begin]) / (mass[end] - mass[begin]);
    return std::clamp(mean, values[begin], values[end - 1]);
  }
  /// Sum of `w (x - mean)^2`.
  double getCost(int64_t begin, int64_t end) const {
    double m = moment[end] - moment[begin];
    double cost = square[end] - square[begin] - m * m / (mass[end] - mass[begin]);
    return cost > 0 ? cost : 0;
  }
  /// Sum of `w x^2` of the first `end` points.
  double getSquare(int64_t end) const { return square[end]; }
  /// The first point above `value`.
  int64_t findAbove(double value) const {
    return std::upper_bound(values.begin(), values.end(), value) - values.begin();
  }

private:
  std::vector<double> values, mass{0}, moment{0}, square{0};
};

/// How the last cluster of an optimal clustering of the first `i` points begins.
struct Step {
  int32_t start = 0;
  bool isZero = false; // the cluster whose entry is 0
};

/// Least costs of the first `i` points, for all `i`, with some number of clusters.
struct Layer {
  std::vector<double> costs;
  std::vector<Step> steps;
};

/// One layer of the dynamic program after another, at most so many clusters each.
class DynamicProgram {
public:
  explicit DynamicProgram(const Points &points) : points(points), size(points.size()) {}

  /// Entries of `free` clusters, and of the zero if `hasZero`, unordered.
  std::vector<double> solve(int64_t free, bool hasZero) {
    std::vector<Layer> plain{makeLayer()}, zero;
    std::fill(plain[0].costs.begin() + 1, plain[0].costs.end(), std::numeric_limits<double>::infinity());
    for (int64_t count = 1; count <= free; ++count)
      plain.push_back(addCluster(plain.back()));
    if (!hasZero)
      return trace(plain, plain, false);
    for (int64_t count = 0; count <= free; ++count) {
      zero.push_back(count == 0 ? makeLayer() : addCluster(zero.back()));
      if (count == 0)
        std::fill(zero[0].costs.begin(), zero[0].costs.end(), std::numeric_limits<double>::infinity());
      addZero(plain[count], zero.back());
    }
    return trace(plain, zero, true);
  }

private:
  Layer makeLayer() const { return {std::vector<double>(size + 1), std::vector<Step>(size + 1)}; }

  /// Layer whose last cluster has its mean as entry.
  Layer addCluster(const Layer &before) const {
    Layer layer = makeLayer();
    fill(before, layer, 1, size, 0, size - 1);
    return layer;
  }

  /// Costs of the points `low ... high`, whose best starts are in `from ... to`.
  void fill(const Layer &before, Layer &layer, int64_t low, int64_t high, int64_t from, int64_t to) const {
    if (low > high)
      return;
    int64_t middle = (low + high) / 2, best = std::min(from, middle - 1);
    double least = std::numeric_limits<double>::infinity();
    for (int64_t start = from, end = std::min(to, middle - 1); start <= end; ++start) {
      double cost = before.costs[start] + points.getCost(start, middle);
      if (cost < least) {
        least = cost;
        best = start;
      }
    }
    layer.costs[middle] = least;
    layer.steps[middle] = {static_cast<int32_t>(best), false};
    fill(before, layer, low, middle - 1, from, best);
    fill(before, layer, middle + 1, high, best, to);
  }

  /// Improves `layer` by clusterings of `plain` that a zero cluster, perhaps an
  /// empty one, follows.
  void addZero(const Layer &plain, Layer &layer) const {
    double least = std::numeric_limits<double>::infinity();
    int64_t best = 0;
    for (int64_t i = 0; i <= size; ++i) {
      if (double cost = plain.costs[i] - points.getSquare(i); cost < least) {
        least = cost;
        best = i;
      }
      if (double cost = least + points.getSquare(i); cost < layer.costs[i]) {
        layer.costs[i] = cost;
        layer.steps[i] = {static_cast<int32_t>(best), true};
      }
    }
  }

  /// Follows the steps back from all points.
  std::vector<double> trace(const std::vector<Layer> &plain, const std::vector<Layer> &zero, bool hasZero) const {
    std::vector<double> entries;
    bool passedZero = !hasZero;
    int64_t count = static_cast<int64_t>(plain.size()) - 1;
    for (int64_t end = size; end > 0;) {
      Step step = (passedZero ? plain : zero)[count].steps[end];
      if (step.isZero)
        passedZero = true;
      else
        entries.push_back(points.getMean(step.start, end)), --count;
      end = step.start;
    }
    if (hasZero)
      entries.push_back(0);
    return entries;
  }

  const Points &points;
  int64_t size;
};

} // namespace

/// Merges equal numbers, and neighbours so that at most about `limit` points
/// remain: of cells of equal width and of equal weight, whichever are narrower.
template <typename GetValue, typename GetWeight>
static Points merge(int64_t count, int64_t limit, GetValue getValue, GetWeight getWeight) {
  double total = 0, sum = 0;
  for (int64_t i = 0; i < count; ++i)
    total += getWeight(i);
  double low = getValue(0), width = getValue(count - 1) - low, cells = static_cast<double>(limit) / 2;
  auto cellOf = [&](double part, double whole) { return whole > 0 ? std::floor(part / whole * cells) : 0; };
  Points points;
  double mass = 0, moment = 0;
  for (int64_t i = 0; i < count; ++i) {
    double value = getValue(i), weight = getWeight(i);
    mass += weight;
    moment += weight * value;
    double place = cellOf(value - low, width), rank = cellOf(sum, total);
    sum += weight;
    bool ends = i + 1 == count;
    if (!ends && getValue(i + 1) == value)
      continue;
    if (!ends && count > limit && cellOf(getValue(i + 1) - low, width) == place && cellOf(sum, total) == rank)
      continue;
    points.append(moment / mass, mass);
    mass = moment = 0;
  }
  return points;
}

/// Lloyd's iteration over ascending entries; an entry without points stays.
static void refine(const Points &points, std::vector<double> &entries, bool hasZero) {
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    std::vector<double> next = entries;
    int64_t begin = 0;
    for (size_t i = 0; i < entries.size(); ++i) {
      bool isLast = i + 1 == entries.size();
      int64_t end = isLast ? points.size() : points.findAbove((entries[i] + entries[i + 1]) / 2);
      if (begin < end && !(hasZero && entries[i] == 0))
        next[i] = points.getMean(begin, end);
      begin = std::max(begin, end);
    }
    if (next == entries)
      return;
    entries = std::move(next);
  }
}

/// Entries as they are stored, each once, the zero first.
static std::vector<float> roundEntries(const std::vector<double> &entries, const CodebookSpec &spec) {
  std::vector<float> result;
  for (double entry : entries) {
    auto rounded = static_cast<float>(entry);
    if (spec.format == EntryFormat::F16)
      rounded = fromF16(toF16(std::clamp(rounded, -65504.0f, 65504.0f)));
    result.push_back(rounded == 0 ? 0.0f : rounded);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  if (!spec.zeroEntry)
    return result;
  result.erase(std::remove(result.begin(), result.end(), 0.0f), result.end());
  result.insert(result.begin(), 0.0f);
  return result;
}

void Clustering::add(std::span<const float> values, std::span<const float> weights) {
  assert((weights.empty() || weights.size() == values.size()) && "a weight per number");
  samples.reserve(samples.size() + values.size());
  for (size_t i = 0; i < values.size(); ++i)
    samples.push_back({values[i], weights.empty() ? 1.0f : weights[i]});
}

std::vector<float> Clustering::fit(const CodebookSpec &spec) {
  assert(spec.entries >= 1 && spec.entries <= 256 && "codes of a byte");
  if (samples.empty())
    return {};
  std::sort(samples.begin(), samples.end(), [](const Sample &a, const Sample &b) {
    return a.value != b.value ? a.value < b.value : a.weight < b.weight;
  });
  double total = 0;
  for (const Sample &sample : samples)
    total += sample.weight;
  // Numbers without weight follow the others.
  double floor = total > 0 ? 1e-6 * total / static_cast<double>(samples.size()) : 1;
  Points all = merge(
      samples.size(), kPoints, [&](int64_t i) { return static_cast<double>(samples[i].value); },
      [&](int64_t i) { return samples[i].weight + floor; });
  Points few = merge(
      all.size(), kExactPoints, [&](int64_t i) { return all.getValue(i); },
      [&](int64_t i) { return all.getWeight(i); });
  std::vector<double> entries = DynamicProgram(few).solve(spec.entries - spec.zeroEntry, spec.zeroEntry);
  std::sort(entries.begin(), entries.end());
  refine(all, entries, spec.zeroEntry);
  return roundEntries(entries, spec);
}

void condense::numerics::assignCodes(std::span<const float> codebook, std::span<const float> values,
                                     std::span<uint8_t> codes) {
  assert(codes.size() == values.size() && "a code per number");
  NearestEntry nearest(codebook);
  for (size_t i = 0; i < values.size(); ++i)
    codes[i] = nearest.find(values[i]);
}

unsigned condense::numerics::getIndexWidth(int64_t entries) {
  unsigned width = 2;
  while ((int64_t(1) << width) < entries)
    ++width;
  return width;
}
