// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The layers of a model.

#include "condense/Analysis/Layers.h"

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace condense;

/// Whether an operation may be part of a constant expression, whatever its operands are.
static bool mayBeConstant(Operation *op) {
  return op &&
         (matchPattern(op, m_Constant()) || (op->getNumOperands() != 0 && op->getNumRegions() == 0 && isPure(op)));
}

/// Visits each operation once, and not recursively: expressions may be deep, share their parts, and in a
/// graph region even depend on themselves.
static bool isConstantExpression(Value value, llvm::DenseMap<Operation *, bool> &known) {
  llvm::DenseSet<Operation *> entered;
  SmallVector<Operation *> pending{value.getDefiningOp()};
  while (!pending.empty()) {
    Operation *op = pending.back();
    if (!mayBeConstant(op) || known.contains(op)) {
      known.try_emplace(op, false);
      pending.pop_back();
      continue;
    }
    size_t before = pending.size();
    bool isConstant = true;
    for (Value operand : op->getOperands()) {
      auto found = known.find(operand.getDefiningOp());
      if (found == known.end())
        pending.push_back(operand.getDefiningOp());
      else
        isConstant &= found->second;
    }
    bool isComplete = pending.size() == before;
    if (isConstant && !isComplete && entered.insert(op).second)
      continue;
    pending.truncate(before - 1);
    known[op] = isConstant && isComplete;
  }
  return known.lookup(value.getDefiningOp());
}

bool condense::isConstantExpression(Value value) {
  llvm::DenseMap<Operation *, bool> known;
  return ::isConstantExpression(value, known);
}

/// The operations below `root` that the weights of others are computed by.
static llvm::DenseSet<Operation *> findWeightExpressions(Operation *root) {
  llvm::DenseMap<Operation *, bool> known;
  llvm::DenseSet<Operation *> inside;
  SmallVector<Operation *> pending;
  root->walk([&](CompressibleOpInterface op) {
    Value weight = op.isCompressible() ? op.getWeightOperand().get() : Value();
    if (weight && ::isConstantExpression(weight, known))
      pending.push_back(weight.getDefiningOp());
  });
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val();
    if (!inside.insert(op).second)
      continue;
    for (Value operand : op->getOperands())
      pending.push_back(operand.getDefiningOp());
  }
  return inside;
}

SmallVector<Layer> condense::getLayers(Operation *root) {
  SmallVector<Layer> layers;
  llvm::StringMap<int64_t> counts;
  llvm::StringSet<> names;
  llvm::DenseSet<Operation *> inside = findWeightExpressions(root);
  root->walk([&](CompressibleOpInterface op) {
    if (!op.isCompressible() || inside.contains(op))
      return;
    std::string name = getLayerName(op.getLoc()).str();
    if (name.empty()) {
      std::string kind = op->getName().stripDialect().str();
      name = kind + "." + std::to_string(counts[kind]++);
    }
    std::string unique = name;
    for (int64_t i = 1; !names.insert(unique).second; ++i)
      unique = name + "#" + std::to_string(i);
    layers.push_back({op, unique});
  });
  return layers;
}

std::optional<SmallVector<int64_t>> condense::getPermutation(Operation *op) {
  if (auto transpose = dyn_cast<nn::TransposeOp>(op))
    return SmallVector<int64_t>(transpose.getPermutation());
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
    return SmallVector<int64_t>(transpose.getPermutation());
  if (auto transpose = dyn_cast<tosa::TransposeOp>(op))
    return SmallVector<int64_t>(transpose.getPerms());
  return std::nullopt;
}

std::optional<WeightSource> condense::findWeightSource(CompressibleOpInterface layer) {
  OpOperand *use = &layer.getWeightOperand();
  auto type = dyn_cast<RankedTensorType>(use->get().getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  WeightSource source;
  source.dims = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  while (true) {
    source.path.push_back(use);
    Operation *producer = use->get().getDefiningOp();
    if (!producer)
      return std::nullopt;
    if (matchPattern(producer, m_Constant())) {
      source.constant = use->get();
      return source;
    }
    std::optional<SmallVector<int64_t>> permutation = getPermutation(producer);
    if (!permutation)
      return std::nullopt;
    SmallVector<int64_t> dims(source.dims.size());
    for (auto [result, input] : llvm::enumerate(*permutation))
      dims[input] = source.dims[result];
    source.dims = dims;
    use = &producer->getOpOperand(0);
  }
}

namespace {
/// Finds the targets behind a use, which has the dimensions `dims` of the weight.
struct TargetFinder {
  /// Uses that are followed. What has more is not a sum or product of a few weights: it has no targets.
  static constexpr int64_t kMaxUses = 4096;

  SmallVector<WeightTarget> targets;
  SmallVector<OpOperand *> path;
  int64_t uses = 0;

  void visit(OpOperand &use, SmallVector<int64_t> dims) {
    if (++uses > kMaxUses)
      return;
    path.push_back(&use);
    visit(use.get(), std::move(dims));
    path.pop_back();
  }

  void visit(Value value, SmallVector<int64_t> dims) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    Operation *op = value.getDefiningOp();
    if (!op || !type || !type.hasStaticShape() || !isa<FloatType>(type.getElementType()))
      return;
    if (isTarget(op)) {
      targets.push_back({value, std::move(dims), path});
    } else if (std::optional<SmallVector<int64_t>> permutation = getPermutation(op)) {
      SmallVector<int64_t> before(dims.size());
      for (auto [result, input] : llvm::enumerate(*permutation))
        before[input] = dims[result];
      visit(op->getOpOperand(0), std::move(before));
    } else if (isa<nn::AddOp, nn::SubOp>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        if (operand.get().getType() == type)
          visit(operand, dims);
    } else if (isa<nn::MatmulOp>(op) && type.getRank() == 2 && !llvm::is_contained(dims, -1)) {
      visit(op->getOpOperand(0), {dims[0], -1});
      visit(op->getOpOperand(1), {-1, dims[1]});
    }
  }

  static bool isTarget(Operation *op) {
    if (auto scatter = dyn_cast<compress::ScatterOp>(op))
      return matchPattern(scatter.getValues(), m_Constant());
    return matchPattern(op, m_Constant());
  }
};
} // namespace

SmallVector<WeightTarget> condense::findWeightTargets(CompressibleOpInterface layer) {
  OpOperand &weight = layer.getWeightOperand();
  auto type = dyn_cast<RankedTensorType>(weight.get().getType());
  if (!type)
    return {};
  TargetFinder finder;
  finder.visit(weight, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
  if (finder.uses > TargetFinder::kMaxUses)
    return {};
  return finder.targets;
}
