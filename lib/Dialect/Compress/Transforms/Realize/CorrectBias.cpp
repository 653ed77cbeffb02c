// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bias correction (Nagel et al., arXiv:1906.04721; Finkelstein et al., arXiv:1906.03193).

#include "ScaledLayers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_CORRECTBIASPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The operand that a bias is assigned to; empty where there is none yet.
static MutableOperandRange getBiasOperand(Operation *op) {
  if (auto linear = dyn_cast<nn::LinearOp>(op))
    return linear.getBiasMutable();
  return cast<nn::Conv2DOp>(op).getBiasMutable();
}

/// A recorded mean; empty when it is missing or damaged.
static std::vector<float> getMean(Operation *op, StringRef name) {
  auto attr = op->getAttrOfType<DenseFPElementsAttr>(name);
  if (!attr || !attr.getElementType().isF32())
    return {};
  auto values = attr.getValues<float>();
  return {values.begin(), values.end()};
}

namespace {
struct CorrectBiasPass : public condense::compress::impl::CorrectBiasPassBase<CorrectBiasPass> {
  void runOnOperation() override {
    for (Layer layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      if (!op->hasAttr(kInputMeanAttrName) && !op->hasAttr(kOutputMeanAttrName))
        continue;
      std::vector<float> input = getMean(op, kInputMeanAttrName), output = getMean(op, kOutputMeanAttrName);
      op->removeAttr(kInputMeanAttrName);
      op->removeAttr(kOutputMeanAttrName);
      if (StringRef obstacle = correct(layer, input, output); !obstacle.empty()) {
        remark::missed(op->getLoc(), getRemark(layer)) << remark::reason("{0}", obstacle.str());
        ++leftAlone;
      }
    }
  }

private:
  static remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name("correct-bias").category("compress").function(layer.name);
  }

  /// Corrects a layer, or says why it does not.
  StringRef correct(Layer layer, ArrayRef<float> input, ArrayRef<float> output) {
    Operation *op = layer.op;
    if (!isa<nn::LinearOp, nn::Conv2DOp>(op))
      return "is no nn.linear or nn.conv2d";
    MutableOperandRange operand = getBiasOperand(op);
    std::optional<TensorConstant> old;
    if (!operand.empty() && (!(old = getTensorConstant(operand[0].get())) || !old->getType().getElementType().isF32()))
      return "the bias is no constant of f32";
    FailureOr<std::vector<double>> now = multiplyWeight(layer.op, input);
    if (failed(now) || now->size() != output.size() || (old && old->as<float>().size() != output.size()))
      return "the weight is of another shape than when the means were recorded";
    std::vector<float> bias(output.size());
    double change = 0, norm = 0;
    for (size_t row = 0; row != bias.size(); ++row) {
      // As it was recorded, so that an unchanged weight gives exactly 0.
      double shift = double(output[row]) - static_cast<float>((*now)[row]);
      change += shift * shift;
      norm += double(output[row]) * output[row];
      bias[row] = static_cast<float>((old ? old->as<float>()[row] : 0.0f) + shift);
      if (!std::isfinite(bias[row]))
        return "the corrected bias is NaN or infinite";
    }
    if (change == 0)
      return "the weight did not change";
    setBias(layer, operand, bias, old ? old->getName() : StringRef());
    remark::passed(op->getLoc(), getRemark(layer))
        << remark::metric("MeanShift", norm > 0 ? std::sqrt(change / norm) : std::sqrt(change))
        << remark::metric("BytesAdded", old ? 0 : static_cast<int64_t>(bias.size() * sizeof(float)));
    ++corrected;
    return "";
  }

  static void setBias(const Layer &layer, MutableOperandRange operand, ArrayRef<float> bias, StringRef name) {
    Operation *op = layer.op;
    OpBuilder builder(op);
    auto type = RankedTensorType::get({static_cast<int64_t>(bias.size())}, builder.getF32Type());
    Value old = operand.empty() ? Value() : operand[0].get();
    Value constant = createTensorConstant<float>(builder, old ? old.getLoc() : op->getLoc(), type, bias,
                                                 name.empty() ? layer.name + ".bias" : name.str());
    operand.assign(constant);
    if (old && old.use_empty())
      old.getDefiningOp()->erase();
  }
};
} // namespace
