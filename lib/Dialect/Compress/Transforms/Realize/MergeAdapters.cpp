// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Merges low-rank adapters that were exported beside their layer into its weight.
//
//   x W^T + s (x A^T) B^T = x (W + s B A)^T

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/LowRank.h"
#include "mlir/IR/Remarks.h"

namespace condense::compress {
#define GEN_PASS_DEF_MERGEADAPTERSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// `scale * up(down(input))`
struct Adapter {
  Value input;
  nn::LinearOp down, up;
  double scale = 1;
};

} // namespace

/// The number that a constant of one element holds.
static std::optional<double> getScalar(Value value) {
  std::optional<HostTensor> tensor = HostTensor::get(value);
  if (!tensor || tensor->getNumElements() != 1 || !isa<FloatType>(tensor->getType().getElementType()))
    return std::nullopt;
  FailureOr<std::vector<float>> numbers = tensor->toFloats();
  return succeeded(numbers) ? std::optional<double>(numbers->front()) : std::nullopt;
}

/// Looks through multiplications with numbers, which are gathered in `scale`.
static Value skipScaling(Value value, double &scale) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<nn::MulOp, nn::DivOp>(op) || !op->hasOneUse())
      break;
    std::optional<double> right = getScalar(op->getOperand(1)), left;
    if (isa<nn::MulOp>(op) && !right)
      left = getScalar(op->getOperand(0));
    std::optional<double> factor = right ? right : left;
    Value input = op->getOperand(right ? 0 : 1);
    if (!factor || input.getType() != value.getType() || (isa<nn::DivOp>(op) && *factor == 0))
      break;
    scale = isa<nn::DivOp>(op) ? scale / *factor : scale * *factor;
    value = input;
  }
  return value;
}

/// Recognises an adapter whose result is `value`.
static std::optional<Adapter> matchAdapter(Value value) {
  Adapter adapter;
  adapter.up = skipScaling(value, adapter.scale).getDefiningOp<nn::LinearOp>();
  if (!adapter.up || !adapter.up->hasOneUse())
    return std::nullopt;
  adapter.down = skipScaling(adapter.up.getInput(), adapter.scale).getDefiningOp<nn::LinearOp>();
  if (!adapter.down || !adapter.down->hasOneUse())
    return std::nullopt;
  adapter.input = adapter.down.getInput();
  return adapter;
}

/// The layer that reads what the adapter reads; the adapter may scale it first.
static bool readsSameInput(nn::LinearOp layer, Adapter &adapter) {
  if (layer.getInput() == adapter.input)
    return true;
  double scale = 1;
  if (skipScaling(adapter.input, scale) != layer.getInput())
    return false;
  adapter.input = layer.getInput();
  adapter.scale *= scale;
  return true;
}

/// A dense constant matrix of floats.
static std::optional<HostTensor> getMatrix(Value value) {
  std::optional<HostTensor> tensor = HostTensor::get(value);
  if (!tensor || tensor->getType().getRank() != 2 || !isa<FloatType>(tensor->getType().getElementType()))
    return std::nullopt;
  return tensor;
}

/// Why an adapter cannot be merged; empty if it can.
static StringRef getObstacle(nn::LinearOp layer, Adapter adapter) {
  if (!layer->hasOneUse())
    return "the layer's result is also used without the adapter";
  if (adapter.down.getBias() || adapter.up.getBias())
    return "the adapter has a bias";
  if (!getMatrix(adapter.down.getWeight()) || !getMatrix(adapter.up.getWeight()))
    return "a factor of the adapter is no dense constant";
  if (!getMatrix(layer.getWeight()))
    return "the layer's weight is no dense constant";
  if (!layer.getWeight().hasOneUse())
    return "the layer's weight is also used without the adapter";
  return "";
}

namespace {
struct MergeAdaptersPass : public condense::compress::impl::MergeAdaptersPassBase<MergeAdaptersPass> {
  void runOnOperation() override {
    llvm::DenseMap<Operation *, std::string> names;
    for (const Layer &layer : getLayers(getOperation()))
      names[layer.op] = layer.name;
    SmallVector<nn::AddOp> sums;
    getOperation()->walk([&](nn::AddOp sum) { sums.push_back(sum); });
    for (nn::AddOp sum : sums)
      if (!visit(sum, sum.getLhs(), sum.getRhs(), names))
        visit(sum, sum.getRhs(), sum.getLhs(), names);
  }

private:
  /// Whether the operands are a layer and its adapter.
  bool visit(nn::AddOp sum, Value base, Value delta, const llvm::DenseMap<Operation *, std::string> &names) {
    auto layer = base.getDefiningOp<nn::LinearOp>();
    if (!layer || base.getType() != sum.getType() || delta.getType() != sum.getType())
      return false;
    std::optional<Adapter> adapter = matchAdapter(delta);
    if (!adapter || !readsSameInput(layer, *adapter))
      return false;
    std::string name = names.lookup(layer);
    auto options = remark::RemarkOpts::name("merge-adapters").category("compress").function(name);
    if (StringRef obstacle = getObstacle(layer, *adapter); !obstacle.empty()) {
      remark::missed(layer.getLoc(), options) << remark::reason("{0}", obstacle.str());
      ++leftAlone;
      return true;
    }
    int64_t rank = cast<RankedTensorType>(adapter->down.getWeight().getType()).getDimSize(0);
    remark::passed(layer.getLoc(), options) << remark::metric("Rank", rank) << remark::metric("Scale", adapter->scale);
    merge(sum, layer, *adapter);
    ++merged;
    return true;
  }

  void merge(nn::AddOp sum, nn::LinearOp layer, Adapter adapter) {
    Value oldWeight = layer.getWeight();
    auto type = cast<RankedTensorType>(oldWeight.getType());
    FailureOr<std::vector<float>> weight = getMatrix(oldWeight)->toFloats();
    FailureOr<std::vector<float>> up = getMatrix(adapter.up.getWeight())->toFloats();
    FailureOr<std::vector<float>> down = getMatrix(adapter.down.getWeight())->toFloats();
    int64_t rows = type.getDimSize(0), columns = type.getDimSize(1), rank = up->size() / std::max<int64_t>(rows, 1);
    numerics::addProduct(rows, rank, columns, adapter.scale, *up, *down, *weight);
    HostTensor merged = HostTensor::fromFloats(type, *weight);
    OpBuilder builder(layer);
    std::optional<TensorConstant> constant = getTensorConstant(oldWeight);
    Value newWeight = createTensorConstant(builder, oldWeight.getLoc(), type, merged.getBytes().vec(),
                                           constant ? constant->getName() : "");
    layer.getWeightMutable().assign(newWeight);
    sum.replaceAllUsesWith(layer.getResult());
    eraseDead(sum);
    eraseDead(oldWeight.getDefiningOp());
  }

  static void eraseDead(Operation *op) {
    if (!op || !isOpTriviallyDead(op))
      return;
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      eraseDead(operand.getDefiningOp());
  }
};
} // namespace
