// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// In which order the units of a group of channels are removed.

#include "ChannelSelection.h"

#include "condense/IR/HostTensor.h"
#include "mlir/IR/Threading.h"
#include <numeric>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Whether a multiple of channels stays when `count` units go.
static bool leavesMultiple(const ChannelGroup &group, int64_t count, int64_t multipleOf) {
  size_t channels = SIZE_MAX;
  for (const SmallVector<int64_t, 1> &indices : group.units.front().indices)
    channels = std::min(channels, indices.size());
  return (group.units.size() - count) * channels % multipleOf == 0;
}

int64_t condense::compress::limitRemoved(const ChannelGroup &group, int64_t count, int64_t multipleOf) {
  count = std::min<int64_t>(count, group.units.size() - 1);
  while (count > 0 && !leavesMultiple(group, count, multipleOf))
    --count;
  return std::max<int64_t>(count, 0);
}

int64_t condense::compress::roundRemoved(const ChannelGroup &group, int64_t count, int64_t multipleOf) {
  int64_t less = limitRemoved(group, count, multipleOf), units = group.units.size();
  for (int64_t more = count; more < units && more - count < count - less; ++more)
    if (leavesMultiple(group, more, multipleOf))
      return more;
  return less;
}

/// The sum over everything else of |w| or w^2, for each index of dimension `dim` of a constant.
static std::vector<double> sumAlong(Value weight, int64_t dim, ChannelImportance importance) {
  std::optional<HostTensor> tensor = HostTensor::get(weight);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  std::vector<double> sums(shape[dim]);
  FailureOr<std::vector<float>> values = failure();
  if (tensor)
    values = tensor->toFloats();
  if (failed(values))
    return sums;
  int64_t inner = ShapedType::getNumElements(shape.drop_front(dim + 1));
  for (auto [i, value] : llvm::enumerate(*values))
    sums[i / inner % shape[dim]] +=
        importance == ChannelImportance::L1 ? std::fabs(value) : static_cast<double>(value) * value;
  return sums;
}

/// The units by ascending score, equal ones in order.
static SmallVector<size_t> sortByScore(ArrayRef<double> scores) {
  SmallVector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  return order;
}

static ChannelOrder orderByShare(ArrayRef<double> scores) {
  ChannelOrder order{sortByScore(scores), {}};
  double total = std::accumulate(scores.begin(), scores.end(), 0.0);
  for (size_t unit : order.units)
    order.costs.push_back(total > 0 ? scores[unit] / total : 0);
  return order;
}

ChannelOrder condense::compress::orderByNorms(const ChannelGroup &group, ArrayRef<Value> weights,
                                              ChannelImportance importance) {
  std::vector<double> scores(group.units.size());
  for (auto [number, dim] : llvm::enumerate(group.dims)) {
    if (!llvm::is_contained(weights, dim.value))
      continue;
    std::vector<double> sums = sumAlong(dim.value, dim.dim, importance);
    for (auto [unit, score] : llvm::zip_equal(group.units, scores))
      for (int64_t index : unit.indices[number])
        score += sums[index];
  }
  return orderByShare(scores);
}

ChannelOrder condense::compress::orderByInputs(const ChannelGroup &group, ArrayRef<GroupReader> readers) {
  std::vector<double> scores(group.units.size());
  for (const GroupReader &reader : readers) {
    std::vector<double> norms;
    for (const ChannelUnit &unit : group.units)
      norms.push_back(reader.reader->getWeightedNorm(reader.getChannels(unit)));
    double total = std::accumulate(norms.begin(), norms.end(), 0.0);
    for (auto [score, norm] : llvm::zip_equal(scores, norms))
      score += total > 0 ? norm / total : 0;
  }
  return orderByShare(scores);
}

void condense::compress::removeUnits(const ChannelGroup &group, ArrayRef<size_t> units, ArrayRef<GroupReader> readers) {
  for (const GroupReader &reader : readers) {
    SmallVector<int64_t> channels;
    for (size_t unit : units)
      llvm::append_range(channels, reader.getChannels(group.units[unit]));
    llvm::sort(channels);
    reader.reader->remove(channels);
  }
}

ChannelOrder condense::compress::orderBySaliency(MLIRContext *context, const ChannelGroup &group,
                                                 ArrayRef<GroupReader> readers, int64_t count) {
  constexpr int64_t rounds = 128;
  int64_t perRound = std::max<int64_t>(1, count / rounds);
  std::vector<double> scores(group.units.size());
  std::vector<char> isRemoved(group.units.size());
  ChannelOrder order;
  while (static_cast<int64_t>(order.units.size()) < count) {
    parallelFor(context, 0, scores.size(), [&](size_t unit) {
      scores[unit] = isRemoved[unit] ? HUGE_VAL : 0;
      for (const GroupReader &reader : readers)
        if (!isRemoved[unit])
          scores[unit] += reader.reader->getSaliency(reader.getChannels(group.units[unit]));
    });
    SmallVector<size_t> next = sortByScore(scores);
    next.truncate(std::min<int64_t>(perRound, count - order.units.size()));
    removeUnits(group, next, readers);
    for (size_t unit : next) {
      order.units.push_back(unit);
      order.costs.push_back(scores[unit]);
      isRemoved[unit] = true;
    }
  }
  return order;
}
