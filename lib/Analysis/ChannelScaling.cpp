// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which constants absorb a scale per channel of an activation.
//
// The search starts at one tensor and visits, in both directions, everything that has
// to be scaled with it. It ends at constants, or fails where an operation is not
// positively homogeneous.

#include "condense/Analysis/ChannelScaling.h"

#include "ChannelOps.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;

/// Values of one group, to bound the search in graphs that are one large group.
static constexpr size_t kMaxValues = 4096;

bool ScalingGroup::hasReader(Operation *layer) const {
  return llvm::any_of(constants,
                      [&](const ScaledConstant &constant) { return constant.isReader && constant.layer == layer; });
}

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

static bool isConstant(Value value) { return matchPattern(value, m_Constant()); }

/// The other factor of a product.
static Value getOtherFactor(OpOperand &use) { return use.getOwner()->getOperand(1 - use.getOperandNumber()); }

static bool isScalar(Value value) {
  return llvm::all_of(getShape(value), [](int64_t size) { return size == 1; });
}

namespace {
/// The search for a group.
class GroupFinder {
public:
  explicit GroupFinder(std::string &obstacle) : obstacle(obstacle) {}

  std::optional<ScalingGroup> run(Value value, int64_t dim) {
    if (ShapedType::isDynamic(getShape(value)[dim]))
      return fail("the number of channels is dynamic"), std::nullopt;
    group.numChannels = getShape(value)[dim];
    if (!visit(value, ChannelMap::get(getShape(value), dim)) || !addFactors() || !checkProducts() || !checkConstants())
      return std::nullopt;
    return std::move(group);
  }

  std::optional<ScalingGroup> runReaders(ArrayRef<CompressibleOpInterface> layers) {
    for (CompressibleOpInterface layer : layers) {
      int64_t dim = getInputChannelDim(layer);
      Value input = layer.getActivationOperand().get();
      if (dim < 0 || ShapedType::isDynamic(getShape(input)[dim]))
        return failAt(layer, "has unknown input channels"), std::nullopt;
      if (!cast<RankedTensorType>(input.getType()).getElementType().isF32())
        return failAt(layer, "has an input that is not of f32"), std::nullopt;
      group.numChannels = getShape(input)[dim];
      if (!addReader(layer, ChannelMap::get(getShape(input), dim)))
        return std::nullopt;
    }
    if (!checkConstants())
      return std::nullopt;
    return std::move(group);
  }

private:
  bool fail(const Twine &reason) { return obstacle = reason.str(), false; }
  bool failAt(Operation *op, StringRef what) { return fail(op->getName().getStringRef() + " " + what); }

  /// `value` is scaled: so is all that computes it and all that it computes.
  bool visit(Value value, std::optional<ChannelMap> map) {
    if (!map)
      return fail("channels are broadcast or not kept whole");
    auto [entry, isNew] = maps.try_emplace(value, *map);
    if (!isNew)
      return entry->second == *map || fail("channels meet in different orders");
    group.values.insert(value);
    if (group.values.size() > kMaxValues)
      return fail("too many tensors are connected");
    if (!cast<RankedTensorType>(value.getType()).getElementType().isF32())
      return fail("an activation is not of f32");
    if (!visitProducer(value, *map))
      return false;
    return llvm::all_of(value.getUses(), [&](OpOperand &use) { return visitUse(use, *map); });
  }

  /// An operand of an operation whose result has `map`; constants are scaled themselves.
  bool visitOperand(OpOperand &use, const ChannelMap &map) {
    Value value = use.get();
    if (isConstant(value))
      return addConstant(use, map, /*isReader=*/false);
    return visit(value, map.getOperand(getShape(value)));
  }

  /// A constant operand that broadcasts to a tensor with `map`.
  bool addConstant(OpOperand &use, const ChannelMap &map, bool isReader) {
    auto type = cast<RankedTensorType>(use.get().getType());
    std::optional<SmallVector<int64_t>> shape = map.getExpandedShape(type.getShape());
    std::optional<ChannelMap> own = shape ? map.getOperand(*shape) : std::nullopt;
    if (!own || ShapedType::isDynamicShape(*shape))
      return failAt(use.getOwner(), "has a constant of unknown channels");
    return add(use, type.clone(*shape), *own, isReader, nullptr);
  }

  bool add(OpOperand &use, RankedTensorType type, const ChannelMap &map, bool isReader, Operation *layer) {
    if (!type.getElementType().isF32())
      return failAt(use.getOwner(), "has a constant that is not of f32");
    group.constants.push_back({&use, type, map, isReader, layer});
    return true;
  }

  /// The weight of a layer; `map` describes the weight's dimensions.
  bool addWeight(CompressibleOpInterface layer, const ChannelMap &map, bool isReader) {
    std::optional<WeightSource> source = findWeightSource(layer);
    if (!source || !getTensorConstant(source->constant))
      return failAt(layer, "has a weight that is no constant or compressed already");
    for (OpOperand *use : ArrayRef(source->path).drop_back())
      if (!use->get().hasOneUse())
        return failAt(layer, "shares its weight");
    return add(*source->path.back(), cast<RankedTensorType>(source->constant.getType()), map.transpose(source->dims),
               isReader, layer);
  }

  bool addWriter(CompressibleOpInterface layer, OpOperand *bias, const ChannelMap &map) {
    int64_t dim = getOutputChannelDim(layer), weightDim = layer.getOutputChannelDims().front();
    Value weight = layer.getWeightOperand().get();
    if (dim < 0 || !map.isOnly(dim) || layer.getOutputChannelDims().size() != 1)
      return failAt(layer, "cannot scale what is no output channel");
    SmallVector<ChannelMap> parts;
    for (auto [index, size] : llvm::enumerate(getShape(weight)))
      parts.push_back(static_cast<int64_t>(index) == weightDim ? map.getDim(dim) : ChannelMap::getFree(size));
    if (!addWeight(layer, ChannelMap::join(parts), /*isReader=*/false))
      return false;
    return !bias || (isConstant(bias->get()) ? addConstant(*bias, map.getDim(dim), /*isReader=*/false)
                                             : failAt(layer, "has a bias that is no constant"));
  }

  bool addReader(CompressibleOpInterface layer, const ChannelMap &map) {
    int64_t dim = getInputChannelDim(layer);
    if (dim < 0 || !map.isOnly(dim))
      return failAt(layer, "does not sum over the channels");
    Value weight = layer.getWeightOperand().get();
    SmallVector<int64_t> reduced = layer.getReductionDims();
    SmallVector<ChannelMap> parts;
    for (int64_t size : getShape(weight))
      parts.push_back(ChannelMap::getFree(size));
    auto conv = dyn_cast<nn::Conv2DOp>(layer.getOperation());
    if (conv && conv.getGroups() != 1) {
      auto divided = map.split(dim, getShape(weight)[reduced.front()]);
      int64_t perGroup = getShape(weight)[0] / static_cast<int64_t>(conv.getGroups());
      if (!divided)
        return failAt(layer, "has groups of channels that are not kept whole");
      // Output channels are counted group by group.
      std::optional<ChannelMap> rows =
          ChannelMap::join({divided->first, ChannelMap::getFree(perGroup)}).reshape(getShape(weight)[0]);
      if (!rows)
        return failAt(layer, "has groups of channels that are not kept whole");
      parts[0] = *rows;
      parts[reduced.front()] = divided->second;
    } else {
      parts[reduced.front()] = map.getDim(dim);
    }
    return addWeight(layer, ChannelMap::join(parts), /*isReader=*/true);
  }

  /// The scale (and bias) of a normalisation.
  bool addNormalisation(Operation *op, const ChannelMap &map) {
    for (OpOperand &operand : op->getOpOperands().drop_front()) {
      if (operand.getOperandNumber() > 2)
        break;
      if (!isConstant(operand.get()) || !addConstant(operand, map, /*isReader=*/false))
        return failAt(op, "has a scale that is no constant");
    }
    return true;
  }

  bool visitProducer(Value value, const ChannelMap &map);
  bool visitUse(OpOperand &use, const ChannelMap &map);
  bool visitFactor(Operation *product, const ChannelMap &map);

  /// A constant factor is where scaled tensors end: it is multiplied when only the other
  /// factor is scaled, divided when only the product is.
  bool addFactors() {
    for (OpOperand *factor : factors) {
      Operation *op = factor->getOwner();
      auto other = maps.find(op->getOperand(1 - factor->getOperandNumber())), product = maps.find(op->getResult(0));
      if (other != maps.end() && product != maps.end())
        continue;
      bool isReader = other != maps.end();
      if (!addConstant(*factor, isReader ? other->second : product->second, isReader))
        return false;
    }
    return true;
  }

  /// Of two factors that are no constants one may be scaled, not both.
  bool checkProducts() {
    for (Value value : group.values) {
      Operation *op = value.getDefiningOp();
      if (isa_and_nonnull<nn::MulOp, nn::DivOp, nn::MatmulOp>(op) && maps.contains(op->getOperand(0)) &&
          maps.contains(op->getOperand(1)))
        return failAt(op, "multiplies scaled channels");
    }
    return true;
  }

  /// What happens to the constant of one use: a weight may both read and write the channels.
  SmallVector<std::pair<ChannelMap, bool>> getRoles(OpOperand *use) {
    SmallVector<std::pair<ChannelMap, bool>> roles;
    for (const ScaledConstant &constant : group.constants)
      if (constant.use == use)
        roles.push_back({constant.map, constant.isReader});
    return roles;
  }

  /// A weight that others use too would have to be stored twice.
  bool checkConstants() {
    for (const ScaledConstant &constant : group.constants)
      if (constant.layer && !constant.use->get().hasOneUse())
        for (OpOperand &use : constant.use->get().getUses())
          if (getRoles(&use) != getRoles(constant.use))
            return failAt(constant.layer, "shares its weight");
    return true;
  }

  std::string &obstacle;
  ScalingGroup group;
  llvm::DenseMap<Value, ChannelMap> maps;
  /// Constants that are multiplied with a tensor of the group to make one, or a result of one.
  llvm::SetVector<OpOperand *> factors;
};
} // namespace

/// The factor of a product that is scaled when the product is: a constant, else whichever
/// can be.
bool GroupFinder::visitFactor(Operation *product, const ChannelMap &map) {
  OpOperand &lhs = product->getOpOperand(0), &rhs = product->getOpOperand(1);
  for (OpOperand *use : {&lhs, &rhs})
    if (isConstant(use->get()) && !isScalar(use->get()))
      return factors.insert(use), true;
  if (maps.contains(lhs.get()) || maps.contains(rhs.get()))
    return true;
  if (isScalar(lhs.get()) && isConstant(lhs.get()))
    return visitOperand(rhs, map);
  if (isScalar(rhs.get()) && isConstant(rhs.get()))
    return visitOperand(lhs, map);
  auto savedMaps = maps;
  auto savedFactors = factors;
  ScalingGroup savedGroup = group;
  if (visitOperand(lhs, map))
    return true;
  maps = std::move(savedMaps);
  factors = std::move(savedFactors);
  group = std::move(savedGroup);
  return visitOperand(rhs, map);
}

bool GroupFinder::visitProducer(Value value, const ChannelMap &map) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return fail("the model's input cannot be scaled");
  if (keepsChannels(op, map))
    return visit(op->getOperand(0), mapBack(op, map));
  return TypeSwitch<Operation *, bool>(op)
      .Case<nn::LinearOp, nn::Conv2DOp>([&](auto layer) {
        OpOperand *bias = layer.getBias() ? &layer->getOpOperand(2) : nullptr;
        return addWriter(cast<CompressibleOpInterface>(*op), bias, map);
      })
      .Case([&](nn::MatmulOp matmul) {
        if (isConstant(matmul.getRhs()))
          return addWriter(cast<CompressibleOpInterface>(*op), nullptr, map);
        if (maps.contains(matmul.getRhs()))
          return true;
        std::optional<ChannelMap> factor = mapRightFactor(matmul, map);
        return factor ? visit(matmul.getRhs(), factor) : failAt(op, "mixes channels");
      })
      .Case<nn::LayerNormOp, nn::RMSNormOp>([&](auto norm) { return addNormalisation(norm, map); })
      .Case([&](nn::BatchNormOp norm) {
        return map.isOnly(norm.getAxis()) ? addNormalisation(norm, map.getDim(norm.getAxis()))
                                          : failAt(op, "mixes channels");
      })
      .Case<nn::AddOp, nn::SubOp, nn::MaxOp, nn::MinOp>([&](auto) {
        return llvm::all_of(op->getOpOperands(), [&](OpOperand &use) { return visitOperand(use, map); });
      })
      .Case([&](nn::MulOp) { return visitFactor(op, map); })
      .Case<nn::DivOp, nn::PReluOp>([&](auto) { return visitOperand(op->getOpOperand(0), map); })
      .Case([&](nn::ConcatOp concat) {
        return map.isFree(concat.getAxis()) &&
                       llvm::all_of(op->getOpOperands(),
                                    [&](OpOperand &use) {
                                      return isConstant(use.get())
                                                 ? addConstant(use, map, false)
                                                 : visit(use.get(), map.withShape(getShape(use.get())));
                                    })
                   ? true
                   : failAt(op, "joins other channels");
      })
      .Default([&](Operation *) { return failAt(op, "is not positively homogeneous"); });
}

bool GroupFinder::visitUse(OpOperand &use, const ChannelMap &map) {
  Operation *op = use.getOwner();
  unsigned number = use.getOperandNumber();
  if (op->hasTrait<OpTrait::IsTerminator>())
    return fail("the model's output cannot be scaled");
  if (number == 0 && keepsChannels(op, map))
    return visit(op->getResult(0), mapForward(op, map));
  auto forward = [&] { return visit(op->getResult(0), map.broadcast(getShape(op->getResult(0)))); };
  return TypeSwitch<Operation *, bool>(op)
      .Case<nn::LinearOp, nn::Conv2DOp>([&](auto) {
        return number == 0 ? addReader(cast<CompressibleOpInterface>(*op), map)
                           : failAt(op, "has a weight that is no constant");
      })
      .Case([&](nn::MatmulOp matmul) {
        if (number == 0 && isConstant(matmul.getRhs()))
          return addReader(cast<CompressibleOpInterface>(*op), map);
        ArrayRef<int64_t> shape = getShape(matmul);
        if (number == 0 || map.getRank() < 2 || !map.isFree(map.getRank() - 2) || getShape(matmul.getLhs()).size() < 2)
          return failAt(op, "sums over the channels");
        return visit(matmul, map.broadcast(shape));
      })
      .Case<nn::AddOp, nn::SubOp, nn::MaxOp, nn::MinOp>([&](auto) { return forward(); })
      .Case([&](nn::MulOp) {
        Value other = getOtherFactor(use);
        if (isConstant(other) && !isScalar(other))
          return factors.insert(&op->getOpOperand(1 - number)), true;
        return forward();
      })
      .Case<nn::DivOp, nn::PReluOp>(
          [&](auto) { return number == 0 ? forward() : failAt(op, "is not positively homogeneous"); })
      .Case([&](nn::ConcatOp concat) {
        return map.isFree(concat.getAxis()) ? visit(concat, map.withShape(getShape(concat)))
                                            : failAt(op, "joins other channels");
      })
      .Default([&](Operation *) { return failAt(op, "is not positively homogeneous"); });
}

int64_t condense::getInputChannelDim(CompressibleOpInterface layer) {
  Operation *op = layer;
  if (auto conv = dyn_cast<nn::Conv2DOp>(op))
    return conv.getLayout() == nn::Layout::NCHW ? 1 : 3;
  if (auto matmul = dyn_cast<nn::MatmulOp>(op);
      matmul && (getShape(matmul.getRhs()).size() != 2 || &layer.getWeightOperand() != &op->getOpOperand(1)))
    return -1;
  return isa<nn::LinearOp, nn::MatmulOp>(op) ? static_cast<int64_t>(getShape(op->getOperand(0)).size()) - 1 : -1;
}

int64_t condense::getOutputChannelDim(CompressibleOpInterface layer) {
  Operation *op = layer;
  if (isa<nn::LinearOp, nn::MatmulOp>(op))
    return getInputChannelDim(layer) < 0 ? -1 : static_cast<int64_t>(getShape(op->getResult(0)).size()) - 1;
  return getInputChannelDim(layer);
}

std::optional<ScalingGroup> condense::findScalingGroup(Value value, int64_t dim, std::string &obstacle) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || dim < 0 || dim >= type.getRank()) {
    obstacle = "is no nn.linear, nn.conv2d or nn.matmul with the weight on the right";
    return std::nullopt;
  }
  return GroupFinder(obstacle).run(value, dim);
}

std::optional<ScalingGroup> condense::getReaderScalingGroup(ArrayRef<CompressibleOpInterface> layers,
                                                            std::string &obstacle) {
  return GroupFinder(obstacle).runReaders(layers);
}
