// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns a sparsity of the whole model into one for each layer.
//
// A layer's sensitivity is measured: what share of its output (or of its weight, without
// statistics) is lost when elements of the lowest scores are removed, at several
// sparsities. Layers that lose little are pruned more.

#include "LayerFilter.h"
#include "condense/Analysis/LayerStatistics.h"
#include "condense/Analysis/WeightMatrix.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "condense/Numerics/PruneReconstruct.h"
#include "condense/Numerics/SparsityBudget.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/MapVector.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_DISTRIBUTESPARSITYPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static constexpr double kGrid[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98};

namespace {

/// A weight, and the layers that use it.
struct Member {
  SmallVector<Layer> layers;
  WeightTarget target;
};

/// Measures one weight in the order of its matrices.
class SensitivityMeter {
public:
  SensitivityMeter(MLIRContext *context, const WeightMatrix &matrix, std::vector<float> weights,
                   const LayerMoments *moments)
      : context(context), matrix(matrix), weights(std::move(weights)), moments(moments), rows(matrix.getRows()),
        columns(matrix.getColumns()) {}

  /// Fails when a Gram matrix is not positive definite.
  FailureOr<numerics::SensitivityCurve> measure(PruneMethod method, double largest) {
    std::vector<float> scores(weights.size());
    for (int64_t group = 0; group < matrix.getGroups(); ++group)
      if (failed(score(moments ? method : PruneMethod::Magnitude, group, scores)))
        return failure();
    numerics::SensitivityCurve curve{static_cast<int64_t>(weights.size()), {}, {}};
    double whole = getSquaredEffect(weights);
    std::vector<uint8_t> mask(weights.size());
    std::vector<float> lost(weights.size());
    for (double sparsity : kGrid) {
      double used = std::min(sparsity, largest);
      if (!curve.sparsities.empty() && used <= curve.sparsities.back())
        break;
      numerics::maskLowest(scores, used, mask);
      for (size_t i = 0; i < lost.size(); ++i)
        lost[i] = mask[i] ? 0 : weights[i];
      curve.sparsities.push_back(used);
      curve.errors.push_back(whole == 0 ? 0 : getSquaredEffect(lost) / whole);
    }
    return curve;
  }

private:
  std::span<const float> getGram(int64_t group) const {
    ArrayRef<float> gram = moments->getGram(group);
    return {gram.data(), gram.size()};
  }

  LogicalResult score(PruneMethod method, int64_t group, std::vector<float> &scores) {
    int64_t first = group * rows * columns;
    auto from = std::span(std::as_const(weights)).subspan(first, rows * columns);
    auto to = std::span(scores).subspan(first, rows * columns);
    if (method == PruneMethod::Magnitude)
      return numerics::scoreMagnitude(from, to), success();
    if (method == PruneMethod::OBS) {
      numerics::InverseFactor factor = numerics::factorizeInverse(getGram(group), columns);
      if (factor.status != numerics::InverseFactor::Status::OK)
        return failure();
      return numerics::scoreSaliency({rows, columns}, from, numerics::getInverseDiagonal(factor), to), success();
    }
    std::vector<float> norms(columns);
    for (int64_t i = 0; i < columns; ++i)
      norms[i] = std::sqrt(std::max(getGram(group)[i * columns + i], 0.0f));
    return numerics::scoreWanda({rows, columns}, from, norms, to), success();
  }

  /// `||X D^T||^2` of a difference, or `||D||^2` without statistics.
  double getSquaredEffect(const std::vector<float> &difference) {
    double sum = 0;
    if (!moments) {
      for (float value : difference)
        sum += static_cast<double>(value) * value;
      return sum;
    }
    int64_t chunks = llvm::divideCeil(rows, numerics::kSweepRows);
    std::vector<double> errors(matrix.getGroups() * rows);
    parallelFor(context, 0, matrix.getGroups() * chunks, [&](size_t unit) {
      int64_t group = unit / chunks, first = unit % chunks * numerics::kSweepRows;
      int64_t count = std::min(numerics::kSweepRows, rows - first), start = group * rows + first;
      numerics::addOutputErrors(getGram(group), columns,
                                std::span(difference).subspan(start * columns, count * columns),
                                std::span(errors).subspan(start, count));
    });
    for (double error : errors)
      sum += error;
    return std::max(sum, 0.0);
  }

  MLIRContext *context;
  const WeightMatrix &matrix;
  std::vector<float> weights;
  const LayerMoments *moments;
  int64_t rows, columns;
};

struct DistributeSparsityPass : public condense::compress::impl::DistributeSparsityPassBase<DistributeSparsityPass> {
  using Base::Base;

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, {}, /*minElements=*/0);
    if (failed(filter) || failed(checkOptions(loc)) || failed(loadStatistics(loc, statisticsFile, statistics)))
      return signalPassFailure();
    llvm::MapVector<Value, Member> members = collect(*filter);
    std::vector<numerics::SensitivityCurve> curves;
    for (auto &[value, member] : members) {
      FailureOr<numerics::SensitivityCurve> curve = measure(member);
      if (failed(curve))
        return signalPassFailure();
      curves.push_back(std::move(*curve));
    }
    numerics::SparsityDistribution result = numerics::distributeSparsity(curves, budget);
    if (!curves.empty() && result.overall < budget - 1e-9) {
      emitError(loc) << "budget: " << budget << " cannot be reached with at most " << largest << " in each layer";
      return signalPassFailure();
    }
    for (auto [entry, sparsity, curve] : llvm::zip_equal(members, result.sparsities, curves))
      for (const Layer &layer : entry.second.layers)
        setSparsity(layer, sparsity, curve);
  }

private:
  LogicalResult checkOptions(Location loc) {
    if (!(budget >= 0 && budget <= 1))
      return emitError(loc) << "budget: " << budget << " is not between 0 and 1";
    if (!(largest > 0 && largest <= 1))
      return emitError(loc) << "largest: " << largest << " is not above 0 and at most 1";
    return success();
  }

  /// The weights of the layers that match and ask for a sparsity; layers that share one are
  /// pruned alike.
  llvm::MapVector<Value, Member> collect(const LayerFilter &filter) {
    llvm::MapVector<Value, Member> members;
    for (const Layer &layer : filter.select(getOperation())) {
      auto request = getRequest<PruneSchemeAttr>(layer.op);
      SmallVector<WeightTarget> targets = findWeightTargets(layer.op);
      if (!request || !request.getSparsity() || targets.size() != 1 || targets.front().isFactor())
        continue;
      // The error of a table is in all that is computed from it; no layer makes up for it.
      CompressibleOpInterface op = layer.op;
      if (op.getReductionDims().empty())
        continue;
      Member &member = members[targets.front().value];
      if (member.layers.empty())
        member.target = targets.front();
      member.layers.push_back(layer);
    }
    return members;
  }

  FailureOr<numerics::SensitivityCurve> measure(const Member &member) {
    const Layer &layer = member.layers.front();
    CompressibleOpInterface op = layer.op;
    FailureOr<HostTensor> tensor = evaluateExpression(member.target.value);
    FailureOr<std::vector<float>> elements = failure();
    if (succeeded(tensor))
      elements = tensor->toFloats();
    if (failed(elements))
      return op->emitOpError() << "layer '" << layer.name << "': its weight cannot be read";
    WeightMatrix matrix = WeightMatrix::get(op, member.target);
    const LayerMoments *moments = statistics ? statistics->find(layer.name) : nullptr;
    if (moments &&
        (moments->gram.empty() || moments->groups != matrix.getGroups() || moments->columns != matrix.getColumns()))
      moments = nullptr;
    SensitivityMeter meter(&getContext(), matrix, matrix.toMatrix(*elements), moments);
    FailureOr<numerics::SensitivityCurve> curve =
        meter.measure(getRequest<PruneSchemeAttr>(layer.op).getMethod(), largest);
    if (failed(curve))
      return op->emitOpError() << "layer '" << layer.name
                               << "': its Gram matrix is not positive definite: calibrate with more samples";
    return curve;
  }

  void setSparsity(const Layer &layer, double sparsity, const numerics::SensitivityCurve &curve) {
    auto request = getRequest<PruneSchemeAttr>(layer.op);
    auto value = FloatAttr::get(Float64Type::get(&getContext()), sparsity);
    // One threshold for all layers is what a budget is there instead of.
    PruneScope scope = request.getScope() == PruneScope::Global ? PruneScope::Layer : request.getScope();
    if (sparsity > 0)
      setRequest(layer.op, PruneSchemeAttr::get(&getContext(), value, 0, 0, request.getBlock(), request.getMethod(),
                                                scope, request.getPositions(), request.getDamping()));
    else
      removeRequest(layer.op, PruneSchemeAttr::getMnemonic());
    auto half = std::lower_bound(curve.sparsities.begin(), curve.sparsities.end(), 0.5) - curve.sparsities.begin();
    double sensitivity = curve.errors[std::min<size_t>(half, curve.errors.size() - 1)];
    remark::passed(layer.op->getLoc(),
                   remark::RemarkOpts::name("distribute-sparsity").category("compress").function(layer.name))
        << remark::metric("Sparsity", sparsity) << remark::metric("Elements", curve.elements)
        << remark::metric("SquaredErrorAtHalf", sensitivity);
    ++annotated;
  }

  std::optional<LayerStatistics> statistics;
};
} // namespace
