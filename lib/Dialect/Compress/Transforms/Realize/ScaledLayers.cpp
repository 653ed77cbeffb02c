// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the passes that scale channels or correct biases share.

#include "ScaledLayers.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

std::optional<llvm::GlobPattern> condense::compress::parseLayerGlob(Location loc, StringRef layers) {
  llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(layers, /*MaxSubPatterns=*/1024);
  if (glob)
    return std::move(*glob);
  emitError(loc) << "layers: '" << layers << "' is no glob: " << llvm::toString(glob.takeError());
  return std::nullopt;
}

StringRef condense::compress::getScalingObstacle(const ScalingGroup &group) {
  for (const ScaledConstant &constant : group.constants) {
    std::optional<TensorConstant> elements = getTensorConstant(constant.use->get());
    if (!elements)
      return "the data of a constant is missing or has another size than its type";
    if (!llvm::all_of(elements->as<float>(), [](float value) { return std::isfinite(value); }))
      return "a weight is NaN or infinite";
    if (!constant.layer || !constant.isReader)
      continue;
    auto scheme = constant.layer->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
    if (scheme && scheme.getLow())
      return "the range of an activation is calibrated already: scale before compress-apply-ranges";
  }
  return "";
}

void condense::compress::forgetMeans(const ScalingGroup &group) {
  for (const ScaledConstant &constant : group.constants)
    if (constant.layer) {
      constant.layer->removeAttr(kInputMeanAttrName);
      constant.layer->removeAttr(kOutputMeanAttrName);
    }
}

std::optional<LayerStatistics> condense::compress::requireStatistics(Location loc, StringRef path) {
  if (path.empty()) {
    emitError(loc) << "the option 'statistics' must name a file of the calibration";
    return std::nullopt;
  }
  std::optional<LayerStatistics> statistics;
  return failed(loadStatistics(loc, path, statistics)) ? std::nullopt : std::move(statistics);
}

const LayerMoments *condense::compress::findMoments(const LayerStatistics &statistics, Layer layer,
                                                    const WeightMatrix &matrix, StringRef path) {
  const LayerMoments *moments = statistics.find(layer.name);
  if (!moments) {
    layer.op->emitOpError() << "layer '" << layer.name << "' is not in the statistics " << path
                            << ": calibrate with the moments of its channels";
    return nullptr;
  }
  if (moments->groups == matrix.getGroups() && moments->columns == matrix.getColumns())
    return moments;
  layer.op->emitOpError() << "layer '" << layer.name << "': the statistics " << path << " are of " << moments->groups
                          << " x " << moments->columns << " columns, its weight has " << matrix.getGroups() << " x "
                          << matrix.getColumns() << ": calibrate again";
  return nullptr;
}

WeightMatrix condense::compress::getWholeMatrix(CompressibleOpInterface layer) {
  Value weight = layer.getWeightOperand().get();
  int64_t rank = cast<RankedTensorType>(weight.getType()).getRank();
  return WeightMatrix::get(layer, {weight, llvm::to_vector(llvm::seq<int64_t>(0, rank)), {}});
}

FailureOr<std::vector<double>> condense::compress::multiplyWeight(CompressibleOpInterface layer, ArrayRef<float> mean) {
  FailureOr<HostTensor> weight = evaluateExpression(layer.getWeightOperand().get());
  if (failed(weight))
    return failure();
  FailureOr<std::vector<float>> elements = weight->toFloats();
  if (failed(elements))
    return failure();
  WeightMatrix view = getWholeMatrix(layer);
  std::vector<float> matrix = view.toMatrix(*elements);
  int64_t rows = view.getRows(), columns = view.getColumns();
  if (static_cast<int64_t>(mean.size()) != view.getGroups() * columns)
    return failure();
  std::vector<double> product(view.getGroups() * rows);
  for (size_t row = 0; row != product.size(); ++row) {
    ArrayRef<float> group = mean.slice(row / rows * columns, columns);
    for (int64_t column = 0; column != columns; ++column)
      product[row] += double(matrix[row * columns + column]) * group[column];
  }
  return product;
}
