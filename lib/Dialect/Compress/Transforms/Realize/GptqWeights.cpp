// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPTQ on the matrix view of a target, group by group.

#include "GptqWeights.h"

#include "condense/Numerics/Gptq.h"
#include "mlir/IR/Threading.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Passes of coordinate descent after the sweep; more hardly gain anything.
static constexpr int kRefinements = 2;

/// `||d X^T||^2` for each row d of all groups.
static std::vector<double> getRowErrors(MLIRContext *context, const WeightMatrix &matrix, const TargetGram &gram,
                                        ArrayRef<float> values) {
  int64_t rows = matrix.getRows(), columns = matrix.getColumns();
  int64_t chunks = llvm::divideCeil(rows, numerics::kSweepRows);
  std::vector<double> errors(matrix.getGroups() * rows);
  parallelFor(context, 0, matrix.getGroups() * chunks, [&](size_t unit) {
    int64_t group = unit / chunks, first = unit % chunks * numerics::kSweepRows;
    int64_t count = std::min(numerics::kSweepRows, rows - first), start = group * rows + first;
    ArrayRef<float> part = values.slice(start * columns, count * columns);
    numerics::addOutputErrors(gram.getGroup(group), columns, {part.data(), part.size()},
                              std::span(errors).subspan(start, count));
  });
  return errors;
}

static double sum(ArrayRef<double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

static std::vector<float> subtract(ArrayRef<float> a, ArrayRef<float> b) {
  std::vector<float> difference(a.size());
  for (auto [result, before, after] : llvm::zip_equal(difference, a, b))
    result = before - after;
  return difference;
}

/// The root of the ratio of what was lost to what the weight's output is, both squared.
static double getRelativeOutput(MLIRContext *context, const WeightMatrix &matrix, const TargetGram &gram, double lost,
                                ArrayRef<float> weight) {
  double norm = sum(getRowErrors(context, matrix, gram, weight));
  return norm > 0 ? std::sqrt(std::max(lost, 0.0) / norm) : 0;
}

double condense::compress::getOutputError(MLIRContext *context, const WeightMatrix &matrix, const TargetGram &gram,
                                          ArrayRef<float> elements, ArrayRef<float> changed) {
  double lost = sum(getRowErrors(context, matrix, gram, matrix.toMatrix(subtract(elements, changed))));
  return getRelativeOutput(context, matrix, gram, lost, matrix.toMatrix(elements));
}

namespace {

/// The work on one target.
class GptqRounder {
public:
  GptqRounder(MLIRContext *context, const WeightMatrix &matrix, const TargetGram &gram,
              const numerics::QuantizeSpec &spec, QuantizeSchemeAttr scheme)
      : context(context), matrix(matrix), gram(gram), spec(spec), scheme(scheme), rows(matrix.getRows()),
        columns(matrix.getColumns()) {}

  FailureOr<RoundedWeight> run(ArrayRef<float> elements, RankedTensorType type, ArrayRef<int64_t> scaleShape,
                               bool keepZeros) {
    weights = matrix.toMatrix(elements);
    rounded.resize(weights.size());
    if (keepZeros)
      for (float weight : weights)
        mask.push_back(weight != 0);
    fillBlocks(type, scaleShape);
    result.scales.resize(ShapedType::getNumElements(scaleShape));
    if (spec.codes.hasZeroPoint())
      result.zeroPoints.resize(result.scales.size());
    roundToNearest();
    RoundedWeight nearest = result;
    nearest.elements = rounded;
    if (failed(roundGroups()))
      return failure();
    keepBetterRows(nearest);
    result.elements = matrix.fromMatrix<float>(rounded);
    return std::move(result);
  }

private:
  /// Which scale each row and each column has; the scale of an element is their sum.
  void fillBlocks(RankedTensorType type, ArrayRef<int64_t> scaleShape) {
    rowBlocks.resize(matrix.getGroups() * rows);
    columnBlocks.resize(columns);
    matrix.forEach([&](int64_t element, int64_t place) {
      if (place % columns != 0 && place >= columns)
        return;
      int64_t block = 0, stride = 1;
      for (int64_t dim = type.getRank() - 1; dim >= 0; element /= type.getDimSize(dim), --dim) {
        block += element % type.getDimSize(dim) / (type.getDimSize(dim) / scaleShape[dim]) * stride;
        stride *= scaleShape[dim];
      }
      if (place % columns == 0)
        rowBlocks[place / columns] = block;
      if (place < columns)
        columnBlocks[place] = block;
    });
    std::vector<int64_t> sorted = rowBlocks;
    llvm::sort(sorted);
    rowsShareBlocks = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  }

  numerics::GptqMatrix getGroup(int64_t group) const {
    auto slice = [&](auto &values) { return std::span(values).subspan(group * rows * columns, rows * columns); };
    numerics::GptqMatrix part{slice(weights), rows, columns, std::span(rowBlocks).subspan(group * rows, rows),
                              columnBlocks};
    if (!mask.empty())
      part.mask = slice(mask);
    return part;
  }

  /// All groups as one matrix: blocks may reach over groups.
  numerics::GptqMatrix getWhole() const {
    return {weights, matrix.getGroups() * rows, columns, rowBlocks, columnBlocks, mask};
  }

  numerics::Rounder getRounder() { return {spec, result.scales, result.zeroPoints}; }

  /// Chooses all scales up front; `importance` is empty or one weight per column.
  void chooseScales(const numerics::GptqMatrix &part, std::span<const float> importance) {
    numerics::Rounder rounder = getRounder();
    int64_t step = rowsShareBlocks ? part.rows : numerics::kSweepRows;
    parallelFor(context, 0, llvm::divideCeil(part.rows, step), [&](size_t unit) {
      int64_t first = unit * step;
      numerics::chooseStaticScales(part, importance, first, std::min(step, part.rows - first), rounder);
    });
  }

  void roundToNearest() {
    numerics::GptqMatrix whole = getWhole();
    chooseScales(whole, {});
    numerics::Rounder rounder = getRounder();
    forEachRange(whole.rows, [&](int64_t first, int64_t count) {
      numerics::roundRowsToNearest(whole, rounder, first, count,
                                   std::span(rounded).subspan(first * columns, count * columns));
    });
    nearestErrors = getRowErrors(context, matrix, gram, subtract(weights, rounded));
    result.nearestError = getRelativeOutput(context, matrix, gram, sum(nearestErrors), weights);
  }

  /// The damping, or a short row, may make the sweep worse than rounding to the nearest is:
  /// then this row stays as that has it (`nearest`, in the order of the matrices).
  void keepBetterRows(const RoundedWeight &nearest) {
    std::vector<double> errors = getRowErrors(context, matrix, gram, subtract(weights, rounded));
    for (auto [row, error] : llvm::enumerate(errors)) {
      if (rowsShareBlocks || error <= nearestErrors[row])
        continue;
      std::copy_n(nearest.elements.begin() + row * columns, columns, rounded.begin() + row * columns);
      for (int64_t block : columnBlocks) {
        result.scales[rowBlocks[row] + block] = nearest.scales[rowBlocks[row] + block];
        if (!result.zeroPoints.empty())
          result.zeroPoints[rowBlocks[row] + block] = nearest.zeroPoints[rowBlocks[row] + block];
      }
    }
  }

  LogicalResult roundGroups() {
    int64_t groups = matrix.getGroups();
    std::vector<int> raised(groups);
    if (groups == 1)
      return roundGroup(0, result.raised);
    LogicalResult status =
        failableParallelForEachN(context, 0, groups, [&](size_t group) { return roundGroup(group, raised[group]); });
    result.raised = *llvm::max_element(raised);
    return status;
  }

  LogicalResult roundGroup(int64_t group, int &raised) {
    numerics::GptqMatrix part = getGroup(group);
    std::span<const float> h = gram.getGroup(group);
    std::vector<int64_t> order;
    if (scheme.getActOrder())
      order = numerics::getActivationOrder(h, columns);
    double damping = scheme.getDamping() ? scheme.getDamping().getValueAsDouble() : 0.01;
    numerics::InverseFactor factor = numerics::factorizeInverse(h, columns, damping, order);
    raised = factor.raised;
    if (factor.status != numerics::InverseFactor::Status::OK)
      return failure();
    std::vector<float> importance = numerics::getColumnImportance(factor);
    numerics::GptqOptions options{!scheme.getActOrder() && numerics::getDynamicBlock(part) > 0, importance};
    // Blocks of several rows may reach over groups: their scales stay as roundToNearest chose them.
    if (!options.dynamicScales && !rowsShareBlocks)
      chooseScales(part, importance);
    numerics::Rounder rounder = getRounder();
    forEachRange(rows, [&](int64_t first, int64_t count) {
      std::vector<double> errors(count);
      std::span<float> chosen = std::span(rounded).subspan((group * rows + first) * columns, count * columns);
      numerics::roundRowsByGptq(factor, part, options, first, count, rounder, chosen, errors);
      numerics::refineRows(h, factor.damping, part, first, count, rounder, kRefinements, chosen);
    });
    return success();
  }

  template <typename Function> void forEachRange(int64_t count, Function function) {
    parallelFor(context, 0, llvm::divideCeil(count, numerics::kSweepRows), [&](size_t unit) {
      int64_t first = unit * numerics::kSweepRows;
      function(first, std::min(numerics::kSweepRows, count - first));
    });
  }

  MLIRContext *context;
  const WeightMatrix &matrix;
  const TargetGram &gram;
  const numerics::QuantizeSpec &spec;
  QuantizeSchemeAttr scheme;
  int64_t rows, columns;
  std::vector<float> weights, rounded; // [groups, rows, columns]
  std::vector<uint8_t> mask;
  std::vector<int64_t> rowBlocks, columnBlocks;
  std::vector<double> nearestErrors; // of the rows
  bool rowsShareBlocks = false;
  RoundedWeight result;
};

} // namespace

FailureOr<RoundedWeight> condense::compress::roundByGptq(MLIRContext *context, const WeightMatrix &matrix,
                                                         const TargetGram &gram, ArrayRef<float> elements,
                                                         RankedTensorType type, ArrayRef<int64_t> scaleShape,
                                                         const numerics::QuantizeSpec &spec, QuantizeSchemeAttr scheme,
                                                         bool keepZeros) {
  return GptqRounder(context, matrix, gram, spec, scheme).run(elements, type, scaleShape, keepZeros);
}
