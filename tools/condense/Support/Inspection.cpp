// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads sizes and schemes off weight expressions.

#include "Inspection.h"

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace condense;
using namespace condense::compress;
using namespace condense::tool;
using namespace mlir;

namespace {
std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// "per tensor", "per channel" or "block 1x32", as the shapes say.
std::string describeBlock(ShapedType codes, ShapedType scales) {
  SmallVector<int64_t> block;
  int64_t scaled = 0, whole = 0;
  for (auto [size, count] : llvm::zip(codes.getShape(), scales.getShape())) {
    block.push_back(count ? size / count : 0);
    scaled += count == size && size > 1;
    whole += count == 1;
  }
  int64_t rank = codes.getRank();
  if (whole == rank)
    return "per tensor";
  if (scaled == 1 && whole == rank - 1)
    return "per channel";
  return "block " + llvm::join(llvm::map_range(block,
                                               [](int64_t size) {
                                                 return std::to_string(size);
                                               }),
                               "x");
}

std::string describeScheme(CompressibleOpInterface op) {
  Value weight = op.getWeightOperand().get();
  Operation *decompress = findDecompressOp(weight);
  auto dequantize = dyn_cast_or_null<DequantizeOp>(decompress);
  if (!dequantize)
    return decompress ? decompress->getName().getStringRef().str()
                      : print(getElementTypeOrSelf(weight.getType()));
  auto codes = cast<ShapedType>(dequantize.getCodes().getType());
  auto scales = cast<ShapedType>(dequantize.getScales().getType());
  std::string scheme = print(codes.getElementType()) + " " +
                       describeBlock(codes, scales) + ", scale " +
                       print(scales.getElementType());
  auto activation =
      op.getActivationOperand().get().getDefiningOp<DequantizeOp>();
  if (activation && activation.getCodes().getDefiningOp<QuantizeOp>())
    scheme += ", input " +
              print(getElementTypeOrSelf(activation.getCodes().getType()));
  return scheme;
}

std::optional<double> getRecordedError(CompressibleOpInterface op) {
  Operation *decompress = findDecompressOp(op.getWeightOperand().get());
  if (!decompress)
    return 0.0;
  auto error = decompress->getAttrOfType<FloatAttr>(
      CompressDialect::kRelativeErrorAttrName);
  if (!error)
    return std::nullopt;
  return error.getValueAsDouble();
}

/// The values of a layer's weight, transposes between it and its constants
/// left out: both models have the same.
FailureOr<std::vector<float>> evaluate(CompressibleOpInterface op) {
  if (Operation *decompress = findDecompressOp(op.getWeightOperand().get()))
    return evaluateWeight(decompress->getResult(0));
  std::optional<WeightSource> source = findWeightSource(op);
  if (!source)
    return failure();
  return evaluateWeight(source->constant);
}

std::optional<double> computeError(CompressibleOpInterface op,
                                   CompressibleOpInterface reference) {
  FailureOr<std::vector<float>> values = evaluate(op);
  FailureOr<std::vector<float>> originals = evaluate(reference);
  if (failed(values) || failed(originals) ||
      values->size() != originals->size())
    return std::nullopt;
  double difference = 0, norm = 0;
  for (auto [value, original] : llvm::zip(*values, *originals)) {
    double delta = double(value) - double(original);
    difference += delta * delta;
    norm += double(original) * double(original);
  }
  return difference == 0 ? 0 : std::sqrt(difference / norm);
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

  /// The weight without the transposes between it and its constants.
  static Value getWeightRoot(CompressibleOpInterface op) {
    Value weight = op.getWeightOperand().get();
    if (Operation *decompress = findDecompressOp(weight))
      return decompress->getResult(0);
    std::optional<WeightSource> source = findWeightSource(op);
    return source ? source->constant : weight;
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
    else if (auto original = originals.find(layer.name);
             original != originals.end())
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
