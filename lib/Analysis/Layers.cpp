// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The layers of a model.

#include "condense/Analysis/Layers.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace condense;

SmallVector<Layer> condense::getLayers(Operation *root) {
  SmallVector<Layer> layers;
  llvm::StringMap<int64_t> counts;
  llvm::StringSet<> names;
  root->walk([&](CompressibleOpInterface op) {
    if (!op.isCompressible())
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

/// The permutation of a transpose: result dimension `i` is input dimension `p[i]`.
static std::optional<SmallVector<int64_t>> getPermutation(Operation *op) {
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
