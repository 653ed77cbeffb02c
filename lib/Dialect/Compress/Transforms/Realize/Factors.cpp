// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Low-rank factors of a target.

#include "Factors.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

std::span<const float> FactorInput::getWeight(int64_t group) const {
  int64_t size = matrix.getRows() * matrix.getColumns();
  return std::span(weight).subspan(group * size, size);
}

std::span<const float> FactorInput::getGram(int64_t group) const {
  return gram.isEmpty() ? std::span<const float>() : gram.getGroup(group);
}

StringRef condense::compress::getFactorObstacle(const TargetRequest &request, bool isConvolution) {
  const WeightTarget &target = request.target;
  // Their products would be built again in every run.
  if (!isa_and_nonnull<nn::NNDialect>(request.layer.op->getDialect()))
    return "operations of other dialects are not computed factor by factor";
  if (target.isFactor())
    return "weight is a product already";
  if (!getTensorConstant(target.value))
    return "weight is pruned: factorize it before";
  auto type = cast<RankedTensorType>(target.value.getType());
  if (type.getNumElements() == 0)
    return "weight is empty";
  if (isConvolution ? type.getRank() != 4 : type.getRank() != 2)
    return isConvolution ? "only convolutions of two dimensions are factorized" : "weight is no matrix";
  CompressibleOpInterface layer = request.layer.op;
  if (!isConvolution && layer.getReductionDims().size() + layer.getOutputChannelDims().size() > 2)
    return "weight is no matrix";
  return "";
}

FailureOr<FactorInput> condense::compress::readFactorInput(ArrayRef<TargetRequest> requests) {
  const TargetRequest &first = requests.front();
  FailureOr<HostTensor> tensor = evaluateExpression(first.target.value);
  FailureOr<std::vector<float>> values = failure();
  if (succeeded(tensor))
    values = tensor->toFloats();
  CompressibleOpInterface layer = first.layer.op;
  if (failed(values))
    return layer->emitOpError() << "weight '" << getTargetName(first) << "' cannot be read";
  FactorInput input{WeightMatrix::get(layer, first.target), {}, {}};
  input.weight = input.matrix.toMatrix(*values);
  if (!llvm::all_of(input.weight, [](float x) { return std::isfinite(x); }))
    return layer->emitOpError() << "weight '" << getTargetName(first)
                                << "' is NaN or infinite: it cannot be factorized";
  return input;
}

LogicalResult condense::compress::addGram(FactorInput &input, ArrayRef<TargetRequest> requests,
                                          const std::optional<LayerStatistics> &statistics, StringRef what,
                                          StringRef alternative) {
  FailureOr<TargetGram> gram = TargetGram::get(requests, input.matrix, statistics ? &*statistics : nullptr);
  if (failed(gram))
    return failure();
  if (gram->isEmpty())
    return emitMissingStatistics(requests.front().layer, statistics.has_value(), what, alternative);
  input.gram = std::move(*gram);
  return success();
}

int64_t condense::compress::chooseRank(FactorizeSchemeAttr scheme, ArrayRef<numerics::LowRank> groups,
                                       const FactorCost &cost) {
  int64_t full = groups.front().getFullRank(), rank = scheme.getRank();
  if (FloatAttr share = scheme.getBytes())
    rank = numerics::getRankByRatio(share.getValueAsDouble(), cost.size, cost.sizePerRank);
  if (FloatAttr share = scheme.getMacs())
    rank = numerics::getRankByRatio(share.getValueAsDouble(), cost.macs, cost.macsPerRank);
  for (const numerics::LowRank &group : groups) {
    if (FloatAttr energy = scheme.getEnergy())
      rank = std::max(rank, group.getRankByEnergy(energy.getValueAsDouble()));
    if (FloatAttr error = scheme.getError())
      rank = std::max(rank, group.getRankByError(error.getValueAsDouble()));
  }
  return std::min(rank, full);
}

std::string condense::compress::describeFactors(ArrayRef<numerics::LowRank> groups, int64_t rank, bool whitened) {
  std::string text = "rank " + std::to_string(rank) + " of " + std::to_string(groups.front().getFullRank());
  if (!whitened)
    return text;
  double lost = 0, total = 0;
  for (const numerics::LowRank &group : groups)
    for (auto [i, energy] : llvm::enumerate(group.getEnergies())) {
      total += energy;
      lost += static_cast<int64_t>(i) < rank ? 0 : energy;
    }
  return text + llvm::formatv(", output error {0:F4}", total > 0 ? std::sqrt(lost / total) : 0.0).str();
}

Value condense::compress::createFloatConstant(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                                              Type elementType, ArrayRef<float> values, const Twine &name) {
  auto type = RankedTensorType::get(shape, elementType);
  return createTensorConstant(builder, loc, type, HostTensor::fromFloats(type, values).getBytes().vec(), name.str());
}

/// A factor [rows, columns], or its transpose when the target is transposed.
static Value createFactor(OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix, int64_t rows,
                          int64_t columns, ArrayRef<float> values, const Twine &name) {
  Type elementType = cast<RankedTensorType>(request.target.value.getType()).getElementType();
  Location loc = request.target.value.getLoc();
  if (matrix.isRowMajor())
    return createFloatConstant(builder, loc, {rows, columns}, elementType, values, name);
  std::vector<float> transposed(values.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      transposed[column * rows + row] = values[row * columns + column];
  return createFloatConstant(builder, loc, {columns, rows}, elementType, transposed, name);
}

Value condense::compress::createLeft(OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                                     ArrayRef<float> values, const Twine &name) {
  int64_t rows = matrix.getRows();
  return createFactor(builder, request, matrix, rows, values.size() / rows, values, name);
}

Value condense::compress::createRight(OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                                      ArrayRef<float> values, const Twine &name) {
  int64_t columns = matrix.getColumns();
  return createFactor(builder, request, matrix, values.size() / columns, columns, values, name);
}

Value condense::compress::createProduct(OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                                        FactorOperands operands) {
  if (!matrix.isRowMajor())
    std::swap(operands.left, operands.right);
  return nn::MatmulOp::create(builder, request.target.value.getLoc(), request.target.value.getType(), operands.left,
                              operands.right);
}

double condense::compress::getSquaredError(std::span<const float> values, int64_t columns,
                                           const numerics::LowRankFactors &factors) {
  double sum = 0;
  std::vector<double> row(columns);
  for (int64_t i = 0, rows = values.size() / columns; i < rows; ++i) {
    std::copy_n(values.begin() + i * columns, columns, row.begin());
    for (int64_t k = 0; k < factors.rank; ++k)
      for (int64_t j = 0; j < columns; ++j)
        row[j] -= static_cast<double>(factors.left[i * factors.rank + k]) * factors.right[k * columns + j];
    for (double value : row)
      sum += value * value;
  }
  return sum;
}

static double getNorm(ArrayRef<float> values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

double condense::compress::getWeightNorm(const TargetRequest &request, ArrayRef<float> target) {
  CompressibleOpInterface layer = request.layer.op;
  Value weight = layer.getWeightOperand().get();
  if (weight == request.target.value)
    return getNorm(target);
  FailureOr<HostTensor> tensor = evaluateExpression(weight);
  FailureOr<std::vector<float>> values = failure();
  if (succeeded(tensor))
    values = tensor->toFloats();
  return getNorm(succeeded(values) ? ArrayRef<float>(*values) : target);
}
