// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the leaves of weight expressions that can be trained.

#include "condense/Dialect/Train/Transforms/Leaves.h"

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {

/// An operand that belongs to the operation rather than to the data that flow through it.
struct ParameterOperand {
  unsigned index;
  StringRef name;
  LeafKind kind;
};

SmallVector<ParameterOperand> getParameterOperands(Operation *op) {
  SmallVector<ParameterOperand> operands;
  auto add = [&](unsigned index, StringRef name, LeafKind kind) {
    if (index < op->getNumOperands())
      operands.push_back({index, name, kind});
  };
  if (auto layer = dyn_cast<CompressibleOpInterface>(op); layer && layer.isCompressible())
    add(layer.getWeightOperand().getOperandNumber(), "weight", LeafKind::Weight);
  if (isa<nn::LinearOp, nn::Conv2DOp>(op))
    add(2, "bias", LeafKind::Bias);
  if (isa<nn::BatchNormOp, nn::LayerNormOp, nn::RMSNormOp>(op))
    add(1, "scale", LeafKind::Scale);
  if (isa<nn::BatchNormOp, nn::LayerNormOp>(op))
    add(2, "bias", LeafKind::Bias);
  if (isa<nn::BatchNormOp>(op)) {
    add(3, "mean", LeafKind::Mean);
    add(4, "variance", LeafKind::Variance);
  }
  if (isa<FakeQuantizeOp>(op))
    add(1, "scales", LeafKind::Code);
  if (isa<nn::PReluOp>(op))
    add(1, "slope", LeafKind::Slope);
  return operands;
}

/// How a leaf is reached from operand `index` of a part of a weight expression.
struct Step {
  std::string suffix;
  bool isCode = false;
  unsigned factors = 1;
};

Step getStep(Operation *op, unsigned index) {
  if (isa<compress::DequantizeOp, FakeQuantizeOp>(op))
    return index > 0 ? Step{".scales", true} : Step{""};
  if (isa<compress::LookupOp>(op) && index > 0)
    return {".codebook", true};
  if (isa<compress::ScatterOp>(op))
    return {".values"};
  if (isa<nn::MatmulOp>(op))
    return {index == 0 ? ".left" : ".right", false, 2};
  if (op->getNumOperands() == 1 || isa<compress::LookupOp>(op))
    return {""};
  return {"." + std::to_string(index)};
}

class LeafFinder {
public:
  explicit LeafFinder(func::FuncOp network) : network(network) {
    for (const Layer &layer : getLayers(network))
      names[layer.op] = layer.name;
  }

  std::vector<Leaf> take() {
    network.walk([&](Operation *op) {
      // a product in a weight expression is no layer
      if (inside.contains(op) || (isa<CompressibleOpInterface>(op) && !isLayer(op)))
        return;
      for (const ParameterOperand &operand : getParameterOperands(op)) {
        OpOperand &use = op->getOpOperand(operand.index);
        if (isConstantExpression(use.get()))
          visit(use, {op, operand.index, operand.kind, getName(op) + "." + operand.name.str(), 1});
      }
    });
    return std::move(leaves);
  }

private:
  struct Path {
    Operation *layer;
    unsigned operand;
    LeafKind kind;
    std::string name;
    unsigned factors;
  };

  bool isLayer(Operation *op) const { return names.contains(op); }

  std::string getName(Operation *op) {
    auto [place, isNew] = names.try_emplace(op);
    if (isNew) {
      place->second = getLayerName(op->getLoc()).str();
      std::string kind = op->getName().stripDialect().str();
      if (place->second.empty())
        place->second = kind + "." + std::to_string(counts[kind]++);
    }
    return place->second;
  }

  void visit(OpOperand &use, const Path &path) {
    if (!visited.insert(&use).second)
      return;
    Operation *op = use.get().getDefiningOp();
    if (matchPattern(op, m_Constant()))
      return addLeaf(use, path);
    inside.insert(op);
    for (OpOperand &operand : op->getOpOperands()) {
      Step step = getStep(op, operand.getOperandNumber());
      visit(operand, {path.layer, path.operand, step.isCode ? LeafKind::Code : path.kind, path.name + step.suffix,
                      path.factors * step.factors});
    }
  }

  static bool canBeTrained(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !type.hasStaticShape() || type.getNumElements() == 0)
      return false;
    Type element = type.getElementType();
    return (element.isF32() || element.isF64() || element.isF16() || element.isBF16()) && getTensorConstant(value);
  }

  void addLeaf(OpOperand &use, const Path &path) {
    if (!canBeTrained(use.get()))
      return;
    Attribute attr;
    matchPattern(use.get(), m_Constant(&attr));
    if (isa<DenseResourceElementsAttr>(attr)) {
      auto [place, isNew] = stored.try_emplace(attr, leaves.size());
      if (!isNew) {
        leaves[place->second].uses.push_back(&use);
        return;
      }
    }
    std::string name = path.name;
    for (int64_t i = 1; !taken.insert(name).second; ++i)
      name = path.name + "#" + std::to_string(i);
    leaves.push_back({name, path.kind, path.layer, path.operand, use.get(), {&use}, path.factors});
  }

  func::FuncOp network;
  std::vector<Leaf> leaves;
  llvm::DenseMap<Operation *, std::string> names;
  llvm::StringMap<int64_t> counts;
  llvm::StringSet<> taken;
  /// The parts of weight expressions.
  llvm::DenseSet<Operation *> inside;
  llvm::DenseSet<OpOperand *> visited;
  llvm::DenseMap<Attribute, size_t> stored;
};

LogicalResult parseGlobs(Location loc, StringRef option, ArrayRef<std::string> texts,
                         std::vector<llvm::GlobPattern> &globs) {
  for (const std::string &text : texts) {
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text, /*MaxSubPatterns=*/1024);
    if (!glob)
      return emitError(loc) << option << ": '" << text << "' is no glob: " << llvm::toString(glob.takeError());
    globs.push_back(std::move(*glob));
  }
  return success();
}

} // namespace

std::vector<Leaf> train::findLeaves(func::FuncOp network) { return LeafFinder(network).take(); }

FailureOr<std::vector<Leaf>> train::findTrainableLeaves(func::FuncOp network, const LeafFilter &filter) {
  std::vector<llvm::GlobPattern> trainable, frozen;
  if (failed(parseGlobs(network.getLoc(), "trainable", filter.trainable, trainable)) ||
      failed(parseGlobs(network.getLoc(), "frozen", filter.frozen, frozen)))
    return failure();
  std::vector<Leaf> leaves = findLeaves(network);
  auto matches = [&](const Leaf &leaf) {
    auto match = [&](const llvm::GlobPattern &glob) { return glob.match(leaf.name); };
    return (trainable.empty() || llvm::any_of(trainable, match)) && llvm::none_of(frozen, match);
  };
  // frozen normalisations use the statistics that they have
  llvm::DenseSet<Operation *> trained;
  for (const Leaf &leaf : leaves)
    if (!leaf.isState() && matches(leaf))
      trained.insert(leaf.layer);
  llvm::erase_if(leaves, [&](const Leaf &leaf) {
    return leaf.isState()
               ? !trained.contains(leaf.layer) ||
                     llvm::any_of(frozen, [&](const llvm::GlobPattern &glob) { return glob.match(leaf.name); })
               : !matches(leaf);
  });
  return leaves;
}

RankedTensorType train::getParameterType(const Leaf &leaf) {
  RankedTensorType type = leaf.getType();
  bool isNarrow = type.getElementTypeBitWidth() < 32;
  return isNarrow ? RankedTensorType::get(type.getShape(), Float32Type::get(type.getContext())) : type;
}

func::FuncOp train::findFunction(ModuleOp module, StringRef name) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function)
    module.emitError() << "there is no function @" << name;
  else if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitError() << "@" << name << " must have a body of one block", func::FuncOp();
  return function;
}
