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

static bool isConstantExpression(Value value, llvm::DenseMap<Operation *, bool> &known) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (matchPattern(op, m_Constant()))
    return true;
  if (auto found = known.find(op); found != known.end())
    return found->second;
  bool result = op->getNumOperands() != 0 && op->getNumRegions() == 0 && isPure(op) &&
                llvm::all_of(op->getOperands(), [&](Value operand) { return isConstantExpression(operand, known); });
  known[op] = result;
  return result;
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
  SmallVector<WeightTarget> targets;
  SmallVector<OpOperand *> path;

  void visit(OpOperand &use, SmallVector<int64_t> dims) {
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
  return finder.targets;
}
