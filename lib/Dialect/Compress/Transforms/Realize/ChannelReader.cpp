// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The layers that read removed channels.

#include "ChannelReader.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

int64_t condense::compress::getReadDim(CompressibleOpInterface op) {
  SmallVector<int64_t> dims = op.getReductionDims();
  return dims.empty() ? -1 : dims.front();
}

int64_t condense::compress::getChannelDim(CompressibleOpInterface op) {
  auto type = dyn_cast<RankedTensorType>(op.getWeightOperand().get().getType());
  if (type && op.getReductionDims().empty())
    return type.getRank() - 1; // the rows of a table are not computed
  SmallVector<int64_t> dims = op.getOutputChannelDims();
  return type && !dims.empty() ? dims.back() : -1;
}

std::optional<WeightTarget> condense::compress::getWholeWeight(CompressibleOpInterface op) {
  auto weightType = dyn_cast<RankedTensorType>(op.getWeightOperand().get().getType());
  if (!weightType || !weightType.hasStaticShape())
    return std::nullopt;
  SmallVector<WeightTarget> targets = findWeightTargets(op);
  if (targets.size() != 1 || targets.front().isFactor() || !getTensorConstant(targets.front().value))
    return std::nullopt;
  // Between layer and constant are transposes only.
  auto type = cast<RankedTensorType>(targets.front().value.getType());
  return type.getNumElements() == weightType.getNumElements() ? std::optional(targets.front()) : std::nullopt;
}

/// The bias operand of a layer that can have one.
static MutableOperandRange getBias(Operation *op) {
  if (auto linear = dyn_cast<nn::LinearOp>(op))
    return linear.getBiasMutable();
  if (auto conv = dyn_cast<nn::Conv2DOp>(op))
    return conv.getBiasMutable();
  return MutableOperandRange(op, 0, 0);
}

/// Whether the bias may change: a constant of this layer only, or none so far.
static bool canChangeBias(Operation *op) {
  if (!isa<nn::LinearOp, nn::Conv2DOp>(op))
    return false;
  MutableOperandRange bias = getBias(op);
  return bias.empty() || (bias[0].get().hasOneUse() && bias[0].get().getDefiningOp<arith::ConstantOp>() &&
                          getTensorConstant(bias[0].get()));
}

ChannelReader::ChannelReader(const Layer &layer, WeightTarget weight)
    : layer(layer), weight(std::move(weight)), matrix(WeightMatrix::get(layer.op, this->weight)) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(this->weight.value.getType()).getShape();
  // The column dimensions are the last ones of the matrices' order.
  int64_t inner = 1, readDim = getReadDim(layer.op);
  channelOfColumn.assign(matrix.getColumns(), 0);
  for (int64_t dim : llvm::reverse(matrix.getPermutation())) {
    if (this->weight.dims[dim] == readDim)
      for (auto [column, channel] : llvm::enumerate(channelOfColumn))
        channel = static_cast<int64_t>(column) / inner % shape[dim];
    inner *= shape[dim];
  }
}

std::optional<ChannelReader> ChannelReader::create(const Layer &layer, const LayerMoments *moments, double damping,
                                                   std::string &reason) {
  auto refuse = [&](const Twine &why) {
    reason = ("layer '" + Twine(layer.name) + "' " + why).str();
    return std::nullopt;
  };
  CompressibleOpInterface op = layer.op;
  std::optional<WeightTarget> weight = getWholeWeight(op);
  if (!weight || !isa<arith::ConstantOp>(weight->value.getDefiningOp()))
    return refuse("has no constant weight");
  if (llvm::any_of(weight->path, [](OpOperand *use) { return !use->get().hasOneUse(); }))
    return refuse("shares its weight");
  auto type = cast<RankedTensorType>(op.getWeightOperand().get().getType());
  if (type.getRank() - static_cast<int64_t>(op.getReductionDims().size()) > 1)
    return refuse("multiplies batches of matrices");
  if (!moments || moments->gram.empty())
    return refuse("has no Gram matrix in the statistics");
  ChannelReader reader(layer, *weight);
  const WeightMatrix &matrix = reader.matrix;
  if (moments->groups != matrix.getGroups() || moments->columns != matrix.getColumns())
    return refuse("has statistics of another shape");
  FailureOr<std::vector<float>> elements = HostTensor::get(weight->value)->toFloats();
  if (failed(elements))
    return refuse("has a weight of other elements than floats");

  std::vector<float> rows = matrix.toMatrix(*elements);
  reader.hasBias = canChangeBias(layer.op);
  int64_t size = matrix.getRows() * matrix.getColumns(), columns = matrix.getColumns();
  for (int64_t group = 0; group < matrix.getGroups(); ++group) {
    ArrayRef<float> gram = moments->getGram(group), mean = moments->mean.slice(group * columns, columns);
    numerics::FeatureMoments features{
        {gram.data(), gram.size()}, {mean.data(), mean.size()}, moments->count, reader.hasBias};
    std::span<const float> part(rows.data() + group * size, size);
    reader.groups.emplace_back(matrix.getRows(), columns, part, features, damping);
    if (!reader.groups.back().isValid())
      return refuse("has statistics that are not positive definite");
    reader.energy += reader.groups.back().getEnergy();
    for (int64_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (int64_t row = 0; row < matrix.getRows(); ++row)
        sum += std::fabs(part[row * columns + column]);
      reader.columnNorms.push_back(sum * std::sqrt(std::max(gram[column * columns + column], 0.0f) / moments->count));
    }
  }
  return reader;
}

SmallVector<int64_t> ChannelReader::getColumns(ArrayRef<int64_t> channels) const {
  SmallVector<int64_t> columns;
  for (auto [column, channel] : llvm::enumerate(channelOfColumn))
    if (llvm::binary_search(channels, channel))
      columns.push_back(column);
  return columns;
}

double ChannelReader::getSaliency(ArrayRef<int64_t> channels) const {
  SmallVector<int64_t> columns = getColumns(channels);
  double sum = 0;
  for (const numerics::FeatureRemoval &group : groups)
    sum += group.getSaliency({columns.data(), columns.size()});
  return energy > 0 ? sum / energy : sum;
}

double ChannelReader::getWeightedNorm(ArrayRef<int64_t> channels) const {
  double sum = 0;
  for (int64_t column : getColumns(channels))
    for (int64_t group = 0; group < matrix.getGroups(); ++group)
      sum += columnNorms[group * matrix.getColumns() + column];
  return sum;
}

void ChannelReader::remove(ArrayRef<int64_t> channels) {
  SmallVector<int64_t> columns = getColumns(channels);
  for (numerics::FeatureRemoval &group : groups)
    group.remove({columns.data(), columns.size()});
}

double ChannelReader::getRelativeError() const {
  double sum = 0;
  for (const numerics::FeatureRemoval &group : groups)
    sum += group.getError();
  return energy > 0 ? std::sqrt(sum / energy) : 0;
}

/// Gives a constant other numbers; the value, by which removals know it, stays.
static void setNumbers(arith::ConstantOp constant, ArrayRef<float> numbers) {
  auto type = cast<RankedTensorType>(constant.getType());
  OpBuilder builder(constant);
  HostTensor tensor = HostTensor::fromFloats(type, numbers);
  std::optional<TensorConstant> old = getTensorConstant(constant);
  auto changed =
      createTensorConstant(builder, constant.getLoc(), type,
                           std::vector<char>(tensor.getBytes().begin(), tensor.getBytes().end()), old->getName());
  constant.setValueAttr(changed.getValue());
  changed.erase();
}

void ChannelReader::applyBias(RemovedIndices &removed) const {
  std::vector<float> bias;
  for (const numerics::FeatureRemoval &group : groups)
    llvm::append_range(bias, group.getBiasChange());
  MutableOperandRange operand = getBias(layer.op);
  if (!operand.empty()) {
    Value value = operand[0].get();
    FailureOr<std::vector<float>> old = HostTensor::get(value)->toFloats();
    for (auto [number, change] : llvm::zip(*old, bias))
      number += change;
    return setNumbers(value.getDefiningOp<arith::ConstantOp>(), *old);
  }
  OpBuilder builder(layer.op);
  Type elementType = getElementTypeOrSelf(layer.op->getResult(0));
  auto type = RankedTensorType::get({static_cast<int64_t>(bias.size())}, elementType);
  HostTensor tensor = HostTensor::fromFloats(type, bias);
  Value constant =
      createTensorConstant(builder, layer.op->getLoc(), type,
                           std::vector<char>(tensor.getBytes().begin(), tensor.getBytes().end()), layer.name + ".bias");
  operand.assign(constant);
  CompressibleOpInterface op = layer.op;
  removed.addSame(constant, {op.getWeightOperand().get(), getChannelDim(op)});
}

void ChannelReader::apply(RemovedIndices &removed) const {
  std::vector<float> rows;
  for (const numerics::FeatureRemoval &group : groups)
    llvm::append_range(rows, group.getWeights());
  setNumbers(weight.value.getDefiningOp<arith::ConstantOp>(), matrix.fromMatrix<float>(rows));
  if (hasBias)
    applyBias(removed);
}
