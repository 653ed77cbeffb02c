// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Keeps the mean input and output of layers before their weights are compressed.

#include "ScaledLayers.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/Remarks.h"

namespace condense::compress {
#define GEN_PASS_DEF_RECORDMEANSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static DenseElementsAttr makeAttr(MLIRContext *context, ArrayRef<int64_t> shape, ArrayRef<float> values) {
  return DenseElementsAttr::get(RankedTensorType::get(shape, Float32Type::get(context)), values);
}

/// Whether the layer computes in f32 with an f32 weight of static shape and takes a bias.
static bool canHaveBias(CompressibleOpInterface layer) {
  auto type = dyn_cast<RankedTensorType>(layer.getWeightOperand().get().getType());
  auto output = dyn_cast<RankedTensorType>(layer->getResult(0).getType());
  return isa<nn::LinearOp, nn::Conv2DOp>(layer.getOperation()) && type && type.hasStaticShape() && output &&
         output.getElementType().isF32();
}

namespace {
struct RecordMeansPass : public condense::compress::impl::RecordMeansPassBase<RecordMeansPass> {
  using Base::Base;

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    std::optional<llvm::GlobPattern> glob = parseLayerGlob(loc, layers);
    std::optional<LayerStatistics> measured = glob ? requireStatistics(loc, statisticsFile) : std::nullopt;
    if (!measured)
      return signalPassFailure();
    for (Layer layer : getLayers(getOperation()))
      if (glob->match(layer.name) && (all || !getRequests(layer.op).empty()))
        if (failed(record(layer, *measured)))
          return signalPassFailure();
  }

private:
  void leaveAlone(Layer layer, StringRef reason) {
    remark::missed(layer.op->getLoc(),
                   remark::RemarkOpts::name("record-means").category("compress").function(layer.name))
        << remark::reason("{0}", reason.str());
    ++leftAlone;
  }

  LogicalResult record(Layer layer, const LayerStatistics &measured) {
    if (!canHaveBias(layer.op)) {
      leaveAlone(layer, "is no nn.linear or nn.conv2d of f32");
      return success();
    }
    WeightMatrix matrix = getWholeMatrix(layer.op);
    const LayerMoments *moments = findMoments(measured, layer, matrix, statisticsFile);
    if (!moments)
      return failure();
    FailureOr<std::vector<double>> output = multiplyWeight(layer.op, moments->mean);
    if (failed(output)) {
      leaveAlone(layer, "the weight is not computed from constants");
      return success();
    }
    std::vector<float> rounded(output->begin(), output->end());
    layer.op->setAttr(kInputMeanAttrName, makeAttr(&getContext(), {moments->groups, moments->columns}, moments->mean));
    layer.op->setAttr(kOutputMeanAttrName, makeAttr(&getContext(), {static_cast<int64_t>(rounded.size())}, rounded));
    ++recorded;
    return success();
  }
};
} // namespace
