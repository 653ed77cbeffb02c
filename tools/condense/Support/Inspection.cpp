// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads sizes and schemes off weight expressions.

#include "Inspection.h"

#include "SchemeText.h"
#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseSet.h"

using namespace condense;
using namespace condense::compress;
using namespace condense::tool;
using namespace mlir;

namespace {
/// The weight without the transposes between it and its expression.
Value getWeightRoot(CompressibleOpInterface op) {
  Value weight = op.getWeightOperand().get();
  while (Operation *producer = weight.getDefiningOp()) {
    if (!getPermutation(producer))
      break;
    weight = producer->getOperand(0);
  }
  return weight;
}

std::optional<double> getRecordedError(CompressibleOpInterface op) {
  Operation *root = getWeightRoot(op).getDefiningOp();
  if (!root || matchPattern(root, m_Constant()))
    return 0.0;
  auto error = root->getAttrOfType<FloatAttr>(CompressDialect::kRelativeErrorAttrName);
  if (!error)
    return std::nullopt;
  return error.getValueAsDouble();
}

std::optional<double> computeError(CompressibleOpInterface op, CompressibleOpInterface reference) {
  Value weight = op.getWeightOperand().get();
  Value original = reference.getWeightOperand().get();
  if (weight.getType() != original.getType())
    return std::nullopt;
  FailureOr<HostTensor> after = evaluateExpression(weight);
  FailureOr<HostTensor> before = evaluateExpression(original);
  if (failed(after) || failed(before))
    return std::nullopt;
  FailureOr<std::vector<float>> values = after->toFloats();
  FailureOr<std::vector<float>> originals = before->toFloats();
  if (failed(values) || failed(originals))
    return std::nullopt;
  return getRelativeError(*originals, *values);
}

class Inspector {
public:
  Inspector(ModuleOp module, ModuleOp reference) : module(module) {
    if (!reference)
      return;
    hasReference = true;
    for (const Layer &layer : getLayers(reference))
      originals[layer.name] = layer.op;
  }

  ModelReport run() {
    for (const Layer &layer : getLayers(module))
      add(layer);
    module.walk([&](Operation *op) {
      if (op->getNumResults() == 1 && matchPattern(op, m_Constant()))
        if (!counted.contains(op->getResult(0)))
          report.otherBytes += getBytes(op->getResult(0));
    });
    return std::move(report);
  }

private:
  static int64_t getBytes(Value value) {
    auto type = dyn_cast<ShapedType>(value.getType());
    return type && type.hasStaticShape() ? getDenseBytes(type) : 0;
  }

  void add(const Layer &layer) {
    CompressibleOpInterface op = layer.op;
    Value weight = op.getWeightOperand().get();
    FailureOr<SmallVector<Value>> leaves = getWeightLeaves(getWeightRoot(op));
    auto type = dyn_cast<RankedTensorType>(weight.getType());
    if (failed(leaves) || !type || !type.hasStaticShape())
      return;
    LayerReport entry;
    entry.name = layer.name;
    entry.op = op->getName().getStringRef();
    entry.shape.assign(type.getShape().begin(), type.getShape().end());
    entry.scheme = describeScheme(op);
    entry.denseBytes = getDenseBytes(type);
    bool isNew = false;
    for (Value leaf : *leaves) {
      entry.storedBytes += getBytes(leaf);
      if (!counted.insert(leaf).second)
        continue;
      isNew = true;
      report.storedBytes += getBytes(leaf);
    }
    if (isNew)
      report.denseBytes += entry.denseBytes;
    if (!hasReference)
      entry.relativeError = getRecordedError(op);
    else if (auto original = originals.find(layer.name); original != originals.end())
      entry.relativeError = computeError(op, original->second);
    report.layers.push_back(std::move(entry));
  }

  ModuleOp module;
  bool hasReference = false;
  llvm::StringMap<CompressibleOpInterface> originals;
  llvm::DenseSet<Value> counted;
  ModelReport report;
};
} // namespace

ModelReport condense::tool::inspectModule(ModuleOp module, ModuleOp reference) {
  return Inspector(module, reference).run();
}
