// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Groups of channels seen from the layers that read them, and their scaling.

#include "condense/Analysis/ChannelScaling.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;

/// Operations behind a layer's input from which a group is searched.
static constexpr size_t kMaxSources = 16;

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// The dimension along which an operation itself can scale its result; -1 if it cannot.
static int64_t getOwnChannelDim(Operation *op) {
  if (auto layer = dyn_cast<CompressibleOpInterface>(op))
    return findWeightSource(layer) ? getOutputChannelDim(layer) : -1;
  if (isa<nn::LayerNormOp, nn::RMSNormOp>(op))
    return static_cast<int64_t>(getShape(op->getResult(0)).size()) - 1;
  if (auto norm = dyn_cast<nn::BatchNormOp>(op))
    return norm.getAxis();
  if (!isa<nn::MulOp>(op))
    return -1;
  // A constant with one dimension that is not 1.
  for (Value operand : op->getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (!matchPattern(operand, m_Constant()) || llvm::count_if(type.getShape(), [](int64_t n) { return n != 1; }) != 1)
      continue;
    const int64_t *dim = llvm::find_if(type.getShape(), [](int64_t n) { return n != 1; });
    return getShape(op->getResult(0)).size() - (type.getShape().end() - dim);
  }
  return -1;
}

/// The operands through which the result may be scaled.
static OperandRange getScaledOperands(Operation *op) {
  return TypeSwitch<Operation *, OperandRange>(op)
      .Case<nn::ReluOp, nn::LeakyReluOp, nn::AbsOp, nn::NegOp, nn::TransposeOp, nn::ReshapeOp, nn::MaxPool2DOp,
            nn::AvgPool2DOp, nn::ReduceMeanOp, nn::ReduceSumOp, nn::ReduceMaxOp, nn::ReduceMinOp, nn::SliceOp,
            nn::PadOp, nn::DivOp, nn::PReluOp>([](auto op) { return op->getOperands().take_front(1); })
      .Case<nn::AddOp, nn::SubOp, nn::MaxOp, nn::MinOp, nn::MulOp, nn::ConcatOp>(
          [](auto op) { return op->getOperands(); })
      .Case([](nn::MatmulOp op) { return op->getOperands().drop_front(1); })
      .Default([](Operation *op) { return op->getOperands().take_front(0); });
}

static void findSources(Value value, llvm::SetVector<Value> &visited, SmallVector<Value> &sources) {
  Operation *op = value.getDefiningOp();
  if (!op || sources.size() >= kMaxSources || !isa<RankedTensorType>(value.getType()) || !visited.insert(value))
    return;
  if (getOwnChannelDim(op) >= 0) {
    sources.push_back(value);
    return;
  }
  for (Value operand : getScaledOperands(op))
    findSources(operand, visited, sources);
}

std::optional<ScalingGroup> condense::findInputScalingGroup(CompressibleOpInterface layer, std::string &obstacle) {
  llvm::SetVector<Value> visited;
  SmallVector<Value> sources;
  findSources(layer.getActivationOperand().get(), visited, sources);
  obstacle.clear();
  for (Value source : sources) {
    std::string reason;
    std::optional<ScalingGroup> group = findScalingGroup(source, getOwnChannelDim(source.getDefiningOp()), reason);
    if (group && group->hasReader(layer))
      return group;
    if (obstacle.empty())
      obstacle = group ? "channels are not kept whole" : reason;
  }
  if (obstacle.empty())
    obstacle = "nothing before the layer absorbs a scale";
  return std::nullopt;
}

/// The elements of a constant, broadcast to `shape`.
static std::vector<float> expand(const TensorConstant &constant, ArrayRef<int64_t> shape) {
  ArrayRef<float> elements = constant.as<float>();
  ArrayRef<int64_t> own = constant.getType().getShape();
  if (own == shape)
    return {elements.begin(), elements.end()};
  std::vector<int64_t> offsets(1, 0), next;
  for (auto [index, size] : llvm::enumerate(shape)) {
    int64_t dim = static_cast<int64_t>(index) - static_cast<int64_t>(shape.size() - own.size());
    int64_t ownSize = dim < 0 ? 1 : own[dim];
    next.clear();
    for (int64_t offset : offsets)
      for (int64_t i = 0; i != size; ++i)
        next.push_back(offset * ownSize + (ownSize == 1 ? 0 : i));
    offsets.swap(next);
  }
  std::vector<float> result(offsets.size());
  llvm::transform(offsets, result.begin(), [&](int64_t offset) { return elements[offset]; });
  return result;
}

/// A constant after all that happens to it in one use.
static Value scaleConstant(ArrayRef<const ScaledConstant *> roles, ArrayRef<double> scales) {
  const ScaledConstant &first = *roles.front();
  Value old = first.use->get();
  std::optional<TensorConstant> constant = getTensorConstant(old);
  std::vector<float> values = expand(*constant, first.type.getShape());
  std::vector<double> factors(values.size(), 1);
  for (const ScaledConstant *role : roles)
    for (auto [factor, channel] : llvm::zip_equal(factors, role->map.getChannels()))
      factor = role->isReader ? factor * scales[channel] : factor / scales[channel];
  for (auto [value, factor] : llvm::zip_equal(values, factors))
    value = static_cast<float>(value * factor);
  OpBuilder builder(old.getContext());
  builder.setInsertionPointAfterValue(old);
  return createTensorConstant<float>(builder, old.getLoc(), first.type, values, constant->getName());
}

void condense::applyScales(const ScalingGroup &group, ArrayRef<double> scales) {
  llvm::MapVector<OpOperand *, SmallVector<const ScaledConstant *>> byUse;
  for (const ScaledConstant &constant : group.constants)
    byUse[constant.use].push_back(&constant);
  // A weight that layers of the group share stays one; other constants are small.
  llvm::MapVector<Value, Value> weights;
  llvm::SetVector<Value> replaced;
  for (auto &[use, roles] : byUse) {
    Value old = use->get();
    replaced.insert(old);
    Value known = roles.front()->layer ? weights.lookup(old) : Value();
    Value scaled = known ? known : scaleConstant(roles, scales);
    if (roles.front()->layer)
      weights[old] = scaled;
    use->set(scaled);
  }
  for (Value old : replaced)
    if (old.use_empty())
      old.getDefiningOp()->erase();
}
