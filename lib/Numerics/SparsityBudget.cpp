// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Greedy allocation on the convex hulls of the layers' curves.

#include "condense/Numerics/SparsityBudget.h"

#include <algorithm>
#include <cassert>
#include <tuple>

using namespace condense::numerics;

namespace {
struct Point {
  double pruned, error; // elements, and what they cost
};

/// A piece of a layer's hull.
struct Segment {
  size_t layer, place;
  double pruned, error; // how much more than the segment before

  double getSlope() const { return error / pruned; }
};
} // namespace

/// The lower convex hull of a curve, from (0, 0) on; errors below an earlier one
/// are noise and count as that.
static std::vector<Point> getHull(const SensitivityCurve &curve) {
  assert(curve.sparsities.size() == curve.errors.size() && "an error for each sparsity");
  std::vector<Point> hull{{0, 0}};
  double error = 0;
  for (size_t i = 0; i < curve.errors.size(); ++i) {
    error = std::max(error, curve.errors[i]);
    Point point{curve.sparsities[i] * static_cast<double>(curve.elements), error};
    if (point.pruned <= hull.back().pruned)
      continue;
    // Drop points above the line from the one before to the new one.
    while (hull.size() > 1) {
      const Point &a = hull[hull.size() - 2], &b = hull.back();
      if ((b.error - a.error) * (point.pruned - a.pruned) < (point.error - a.error) * (b.pruned - a.pruned))
        break;
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

SparsityDistribution condense::numerics::distributeSparsity(std::span<const SensitivityCurve> curves, double budget) {
  std::vector<Segment> segments;
  double elements = 0;
  for (size_t layer = 0; layer < curves.size(); ++layer) {
    elements += static_cast<double>(curves[layer].elements);
    std::vector<Point> hull = getHull(curves[layer]);
    for (size_t i = 1; i < hull.size(); ++i)
      segments.push_back({layer, i, hull[i].pruned - hull[i - 1].pruned, hull[i].error - hull[i - 1].error});
  }
  // In order of layers and of a layer's hull on ties.
  std::sort(segments.begin(), segments.end(), [](const Segment &a, const Segment &b) {
    return std::tuple(a.getSlope(), a.layer, a.place) < std::tuple(b.getSlope(), b.layer, b.place);
  });

  SparsityDistribution result;
  std::vector<double> pruned(curves.size());
  double left = budget * elements;
  for (const Segment &segment : segments) {
    if (left <= 0)
      break;
    double taken = std::min(segment.pruned, left);
    pruned[segment.layer] += taken;
    result.error += segment.error * (taken / segment.pruned);
    left -= taken;
  }
  double total = 0;
  for (size_t layer = 0; layer < curves.size(); ++layer) {
    double size = static_cast<double>(curves[layer].elements);
    result.sparsities.push_back(size == 0 ? 0 : pruned[layer] / size);
    total += pruned[layer];
  }
  result.overall = elements == 0 ? 0 : total / elements;
  return result;
}
