// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which units of a group of channels are removed.

#include "ChannelSelection.h"

#include "condense/IR/HostTensor.h"
#include "mlir/IR/Threading.h"
#include <numeric>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

int64_t condense::compress::getNumRemoved(const ChannelGroup &group, double ratio, int64_t multipleOf) {
  int64_t units = group.units.size(), channels = INT64_MAX;
  for (const SmallVector<int64_t, 1> &indices : group.units.front().indices)
    channels = std::min<int64_t>(channels, indices.size());
  // A ratio such as 0.3 is a little less or more than it reads.
  auto count = std::min(static_cast<int64_t>(ratio * static_cast<double>(units) + 1e-6), units - 1);
  while (count > 0 && (units - count) * channels % multipleOf != 0)
    --count;
  return std::max<int64_t>(count, 0);
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

std::vector<double> condense::compress::scoreNorms(const ChannelGroup &group, ArrayRef<Value> weights,
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
  return scores;
}

SmallVector<size_t> condense::compress::selectLowest(ArrayRef<double> scores, int64_t count) {
  SmallVector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  order.truncate(count);
  return order;
}

std::vector<double> condense::compress::scoreInputs(const ChannelGroup &group, ArrayRef<GroupReader> readers) {
  std::vector<double> scores(group.units.size());
  for (const GroupReader &reader : readers) {
    std::vector<double> norms;
    for (const ChannelUnit &unit : group.units)
      norms.push_back(reader.reader->getWeightedNorm(reader.getChannels(unit)));
    double total = std::accumulate(norms.begin(), norms.end(), 0.0);
    for (auto [score, norm] : llvm::zip_equal(scores, norms))
      score += total > 0 ? norm / total : 0;
  }
  return scores;
}

SmallVector<size_t> condense::compress::selectBySaliency(MLIRContext *context, const ChannelGroup &group,
                                                         ArrayRef<GroupReader> readers, int64_t count) {
  constexpr int64_t rounds = 128;
  int64_t perRound = std::max<int64_t>(1, count / rounds);
  std::vector<double> scores(group.units.size());
  SmallVector<size_t> removed;
  std::vector<bool> isRemoved(group.units.size());
  while (static_cast<int64_t>(removed.size()) < count) {
    parallelFor(context, 0, scores.size(), [&](size_t unit) {
      scores[unit] = isRemoved[unit] ? HUGE_VAL : 0;
      for (const GroupReader &reader : readers)
        if (!isRemoved[unit])
          scores[unit] += reader.reader->getSaliency(reader.getChannels(group.units[unit]));
    });
    for (size_t unit : selectLowest(scores, std::min<int64_t>(perRound, count - removed.size()))) {
      for (const GroupReader &reader : readers)
        reader.reader->remove(reader.getChannels(group.units[unit]));
      removed.push_back(unit);
      isRemoved[unit] = true;
    }
  }
  return removed;
}
