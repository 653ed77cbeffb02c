//===- Losses.cpp - ONNX losses -------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// loss[n, d...] = -weight[t] * input[n, t, d...] with the class t =
// target[n, d...]; 0 where t is ignore_index. The mean divides by the sum of
// the weights that were used.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
Shape getAllAxes(Value value) { return makeRange(0, getTensorType(value).getRank()); }

/// What the target chooses: the class (0 where ignored), and the weight of each
/// element; no weight if all count alike.
struct Targets {
  Value classes, weights;
};

std::optional<Targets> readTargets(NodeImporter &importer, Type type) {
  Targets targets;
  targets.classes = importer.getInput(1);
  if (!targets.classes)
    return std::nullopt;
  Type indexType = getTensorType(targets.classes).getElementType();
  Value isIgnored;
  if (importer.hasAttribute("ignore_index")) {
    auto equal = nn::ComparisonAttr::get(importer.builder.getContext(), nn::Comparison::EQ);
    auto index = static_cast<double>(importer.getInt("ignore_index", 0));
    isIgnored = importer.create<nn::CompareOp>({targets.classes, importer.createScalar(indexType, index)},
                                               importer.attr("kind", mlir::Attribute(equal)));
    targets.classes = importer.create<nn::SelectOp>({isIgnored, importer.createScalar(indexType, 0), targets.classes});
  }
  if (importer.hasInput(2))
    targets.weights =
        importer.create<nn::GatherOp>({importer.getInput(2), targets.classes}, importer.attr("axis", int64_t{0}));
  if (isIgnored)
    targets.weights =
        importer.create<nn::SelectOp>({isIgnored, importer.createScalar(type, 0),
                                       targets.weights ? targets.weights : importer.createScalar(type, 1)});
  return targets;
}

LogicalResult createLoss(NodeImporter &importer, Value logProbabilities) {
  std::string reduction = importer.getString("reduction", "mean");
  if (!logProbabilities)
    return failure();
  RankedTensorType type = getTensorType(logProbabilities);
  RankedTensorType targetType = importer.getInputType(1);
  if (!targetType)
    return failure();
  if (type.getRank() < 2 || targetType.getRank() != type.getRank() - 1)
    return importer.reject("the target's shape does not fit the scores");
  std::optional<Targets> targets = readTargets(importer, type.getElementType());
  if (!targets)
    return failure();
  Shape widened = {0, -1}, narrowed = {0};
  for (int64_t dim = 1; dim < targetType.getRank(); ++dim)
    widened.push_back(dim), narrowed.push_back(dim + 1);
  Value picked = importer.create<nn::GatherElementsOp>(
      {logProbabilities, importer.rearrange(targets->classes, widened)}, importer.attr("axis", int64_t{1}));
  Value loss = importer.create<nn::NegOp>(importer.rearrange(picked, narrowed));
  if (targets->weights)
    loss = importer.create<nn::MulOp>({loss, targets->weights});
  if (reduction == "none")
    return importer.setOutput(0, loss);
  if (!loss || (reduction != "sum" && reduction != "mean"))
    return importer.reject("attribute 'reduction' must be none, sum or mean");
  Shape axes = getAllAxes(loss);
  if (reduction == "mean" && !targets->weights)
    return importer.setOutput(0, importer.reduce<nn::ReduceMeanOp>(loss, axes, false));
  Value sum = importer.reduce<nn::ReduceSumOp>(loss, axes, false);
  if (reduction == "mean")
    sum = importer.create<nn::DivOp>({sum, importer.reduce<nn::ReduceSumOp>(targets->weights, axes, false)});
  return importer.setOutput(0, sum);
}

LogicalResult importNegativeLogLikelihoodLoss(NodeImporter &importer) {
  return createLoss(importer, importer.getInput(0));
}

LogicalResult importSoftmaxCrossEntropyLoss(NodeImporter &importer) {
  Value logProbabilities = importer.create<nn::LogSoftmaxOp>(importer.getInput(0), importer.attr("axis", int64_t{1}));
  if (importer.hasOutput(1) && failed(importer.setOutput(1, logProbabilities)))
    return failure();
  return createLoss(importer, logProbabilities);
}
} // namespace

void condense::onnx::registerLosses(HandlerTable &table) {
  table["NegativeLogLikelihoodLoss"] = {12, importNegativeLogLikelihoodLoss};
  table["SoftmaxCrossEntropyLoss"] = {12, importSoftmaxCrossEntropyLoss};
}
