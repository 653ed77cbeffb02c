// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pruning of one target, group by group and by ranges of rows.

#include "WeightPruner.h"

#include "GptqWeights.h"
#include "condense/Analysis/WeightValue.h"
#include "mlir/IR/Threading.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Multiplications that the exact fit of a target may take; beyond, the sweep has to do.
static constexpr double kLargestFit = 2e10;
/// Rounds in which the members of N:M groups are chosen again.
static constexpr int kSweeps = 3;

/// How much a row is scaled at most to keep its variance.
static constexpr double kLargestScale = 1.5;

WeightPruner::WeightPruner(MLIRContext *context, const WeightMatrix &matrix, PruneSchemeAttr scheme, TargetGram gram,
                           std::vector<float> elements, bool isCentered)
    : context(context), matrix(matrix), scheme(scheme),
      method(gram.isEmpty() ? PruneMethod::Magnitude : scheme.getMethod()), gram(std::move(gram)),
      elements(std::move(elements)), isCentered(isCentered) {}

LogicalResult WeightPruner::factorize() {
  int64_t groups = matrix.getGroups();
  factors.resize(groups);
  double damping = scheme.getDamping() ? scheme.getDamping().getValueAsDouble() : 0.01;
  return failableParallelForEachN(context, 0, groups, [&](size_t group) {
    factors[group] = numerics::factorizeInverse(gram.getGroup(group), matrix.getColumns(), damping);
    return success(factors[group].status == numerics::InverseFactor::Status::OK);
  });
}

void WeightPruner::scoreGroup(int64_t group) {
  numerics::MatrixShape shape{matrix.getRows(), matrix.getColumns()};
  int64_t first = group * shape.getNumElements();
  auto from = std::span(std::as_const(weights)).subspan(first, shape.getNumElements());
  auto to = std::span(scores).subspan(first, shape.getNumElements());
  if (method == PruneMethod::Magnitude)
    return numerics::scoreMagnitude(from, to);
  if (method == PruneMethod::OBS)
    return numerics::scoreSaliency(shape, from, numerics::getInverseDiagonal(factors[group]), to);
  std::vector<float> norms(shape.columns);
  for (int64_t i = 0; i < shape.columns; ++i)
    norms[i] = std::sqrt(std::max(gram.getGroup(group)[i * shape.columns + i], 0.0f));
  numerics::scoreWanda(shape, from, norms, to);
}

LogicalResult WeightPruner::score() {
  weights = matrix.toMatrix(elements);
  scores.resize(weights.size());
  mask.assign(weights.size(), 1);
  if (method == PruneMethod::OBS && failed(factorize()))
    return failure();
  parallelFor(context, 0, matrix.getGroups(), [&](size_t group) { scoreGroup(group); });
  unitScores = scores;
  if (scheme.getBlock()) {
    // Saliencies are squares already.
    if (method == PruneMethod::OBS)
      for (float &score : unitScores)
        score = std::sqrt(score);
    unitScores = numerics::scoreBlocks(getShape(), getBlock(), unitScores);
  }
  unitMask.resize(unitScores.size());
  if (scheme.getScope() == PruneScope::Global)
    factors.clear(); // those of a whole model take too much memory
  return success();
}

void WeightPruner::chooseMask() {
  if (scheme.getM() != 0)
    return numerics::maskGroups(getShape(), scores, scheme.getN(), scheme.getM(), mask);
  double sparsity = scheme.getSparsity().getValueAsDouble();
  if (scheme.getScope() == PruneScope::Row && !scheme.getBlock())
    return numerics::maskRows(getShape(), scores, sparsity, mask);
  numerics::maskLowest(unitScores, sparsity, unitMask);
  applyUnitMask();
}

void WeightPruner::applyUnitMask() {
  if (scheme.getBlock())
    numerics::expandBlocks(getShape(), getBlock(), unitMask, mask);
  else
    mask = unitMask;
}

void WeightPruner::sweep() {
  numerics::ReconstructSpec spec;
  if (scheme.getM() != 0)
    spec = {numerics::MaskChoice::Groups, scheme.getN(), scheme.getM()};
  else if (!scheme.getBlock())
    spec.choice = scheme.getScope() == PruneScope::Row ? numerics::MaskChoice::RowBlocks : numerics::MaskChoice::Blocks;
  int64_t rows = matrix.getRows(), columns = matrix.getColumns();
  int64_t ranges = llvm::divideCeil(rows, numerics::kPruneRows);
  parallelFor(context, 0, matrix.getGroups() * ranges, [&](size_t unit) {
    int64_t group = unit / ranges, first = unit % ranges * numerics::kPruneRows;
    int64_t count = std::min(numerics::kPruneRows, rows - first), start = (group * rows + first) * columns;
    numerics::pruneAndReconstruct(factors[group], spec, count, std::span(weights).subspan(start, count * columns),
                                  std::span(mask).subspan(start, count * columns));
  });
}

void WeightPruner::refit() {
  int64_t n = scheme.getN(), m = scheme.getM(), columns = matrix.getColumns();
  bool choosesGroups = m != 0 && numerics::getGroupFitCost(getShape(), n, m) * kSweeps <= kLargestFit;
  if (!choosesGroups && numerics::getRefitCost(getShape(), mask) > kLargestFit)
    return;
  isFitted = true;
  std::vector<float> original = matrix.toMatrix(elements);
  parallelFor(context, 0, getShape().rows, [&](size_t row) {
    int64_t group = static_cast<int64_t>(row) / matrix.getRows();
    auto before = std::span(std::as_const(original)).subspan(row * columns, columns);
    auto after = std::span(weights).subspan(row * columns, columns);
    auto kept = std::span(mask).subspan(row * columns, columns);
    // Rows whose equations cannot be solved keep what the sweep made of them.
    if (!choosesGroups ||
        !numerics::refitGroups(gram.getGroup(group), factors[group].damping, n, m, kSweeps, kept, before, after))
      numerics::refitRow(gram.getGroup(group), factors[group].damping, kept, before, after);
  });
}

/// A fit on fewer inputs has outputs of less variance. Scaling them back undoes what would
/// add up over the layers, as tuning a batch normalisation again does.
void WeightPruner::keepVariance() {
  std::vector<float> original = matrix.toMatrix(elements);
  int64_t columns = matrix.getColumns();
  parallelFor(context, 0, getShape().rows, [&](size_t row) {
    std::span<const float> h = gram.getGroup(static_cast<int64_t>(row) / matrix.getRows());
    auto fitted = std::span(weights).subspan(row * columns, columns);
    double before = 0, after = 0;
    numerics::addOutputErrors(h, columns, std::span(std::as_const(original)).subspan(row * columns, columns),
                              {&before, 1});
    numerics::addOutputErrors(h, columns, fitted, {&after, 1});
    if (before <= 0 || after <= 0)
      return;
    double scale = std::clamp(std::sqrt(before / after), 1 / kLargestScale, kLargestScale);
    for (float &value : fitted)
      value = static_cast<float>(value * scale);
  });
}

LogicalResult WeightPruner::prune(bool keepValues) {
  isUpdated = method == PruneMethod::OBS && !keepValues;
  if (isUpdated) {
    if (factors.empty() && failed(factorize()))
      return failure();
    sweep();
    refit();
    if (isCentered)
      keepVariance();
  } else {
    for (auto [weight, kept] : llvm::zip_equal(weights, mask))
      weight = kept ? weight : 0;
  }
  factors.clear();
  pruned = matrix.fromMatrix<float>(weights);
  return success();
}

int64_t WeightPruner::getNumPruned() const {
  return static_cast<int64_t>(mask.size()) - numerics::countKept({mask.data(), mask.size()});
}

double WeightPruner::getRelativeError() const { return condense::getRelativeError(elements, pruned); }

std::string WeightPruner::getDetails() const {
  double share = mask.empty() ? 0 : static_cast<double>(getNumPruned()) / static_cast<double>(mask.size());
  std::string details = llvm::formatv("{0:P1} pruned by {1}", share, stringifyPruneMethod(method));
  if (gram.isEmpty())
    return details;
  details += llvm::formatv(", output error {0:F6}", getOutputError(context, matrix, gram, elements, pruned));
  if (!isUpdated)
    return details;
  std::vector<uint8_t> kept = matrix.fromMatrix<uint8_t>(mask);
  std::vector<float> masked(elements);
  for (auto [element, isKept] : llvm::zip_equal(masked, kept))
    element = isKept ? element : 0;
  return details +
         llvm::formatv(", {0:F6} without the update{1}", getOutputError(context, matrix, gram, elements, masked),
                       isFitted ? "" : " (no exact fit: too large)")
             .str() +
         (isCentered ? ", mean left to the bias, variance kept" : "");
}
