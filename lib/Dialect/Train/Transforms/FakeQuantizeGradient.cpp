// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The adjoint of train.fake_quantize: clipped straight-through for the tensor, learned
// step size (LSQ) for the scales.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/NN/Gradients/AdjointBuilder.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Gradients.h"
#include "mlir/IR/DialectRegistry.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {
/// Blocks as dimensions of their own: `x` of [n, k] with scales [n, k / b] is [n, k / b, b], and the
/// scales are [n, k / b, 1]. Then each scale broadcasts to its block.
class BlockView {
public:
  explicit BlockView(FakeQuantizeOp op) {
    for (auto [size, count] :
         llvm::zip_equal(op.getInput().getType().getShape(), op.getScales().getType().getShape())) {
      bool isSplit = count != 1 && count != size;
      elements.push_back(isSplit ? count : size);
      blocks.push_back(count);
      if (!isSplit)
        continue;
      hasSplits = true;
      elements.push_back(size / count);
      blocks.push_back(1);
    }
  }

  Value ofElements(nn::Adjoints &b, Value value) const { return hasSplits ? b.reshape(value, elements) : value; }
  Value ofBlocks(nn::Adjoints &b, Value value) const { return hasSplits ? b.reshape(value, blocks) : value; }
  bool isStatic() const { return !ShapedType::isDynamicShape(elements); }
  double getElementsPerScale() const {
    return static_cast<double>(ShapedType::getNumElements(elements)) / ShapedType::getNumElements(blocks);
  }

private:
  SmallVector<int64_t> elements, blocks;
  bool hasSplits = false;
};
} // namespace

/// The smallest and largest code as numbers.
static std::pair<double, double> getRange(Type storage) {
  if (auto type = dyn_cast<FloatType>(storage)) {
    double largest = llvm::APFloat::getLargest(type.getFloatSemantics()).convertToDouble();
    return {-largest, largest};
  }
  compress::CodeRange range = compress::getCodeRange(storage);
  return {range.low, range.high};
}

/// The number that code `code` stands for, for each scale.
static Value decode(nn::Adjoints &b, double code, Value scales, Value zeroPoints) {
  if (!zeroPoints)
    return b.mul(scales, code);
  return b.mul(scales, b.sub(b.constant(scales, code), zeroPoints));
}

/// With `x` in range the scale's share is `(y - x) / s`, outside `y / s`.
static LogicalResult adjoint(FakeQuantizeOp op, nn::Adjoints &b) {
  BlockView view(op);
  if (!view.isStatic())
    return op.emitOpError("has no adjoint for tensors of dynamic shape: run train-set-batch first");
  auto [lowest, highest] = getRange(op.getStorage());
  Value x = view.ofElements(b, op.getInput()), scales = view.ofBlocks(b, op.getScales()), zeroPoints;
  if (op.getZeroPoints())
    zeroPoints = view.ofBlocks(b, b.cast(op.getZeroPoints(), op.getScales().getType().getElementType()));
  Value isAbove = b.compare(nn::Comparison::GE, x, decode(b, lowest, scales, zeroPoints));
  Value isBelow = b.compare(nn::Comparison::LE, x, decode(b, highest, scales, zeroPoints));
  auto withinRange = [&](Value value) { return b.select(isAbove, b.select(isBelow, value)); };
  Value dy = view.ofElements(b, b.of());
  if (b.needs(0))
    b.set(0, b.reshapeLike(withinRange(dy), op.getInput()));
  if (b.needs(1)) {
    Value rounded = b.sub(view.ofElements(b, op.getOutput()), withinRange(x));
    Value change = b.div(b.sumLike(b.mul(dy, rounded), scales), scales);
    double weight = 1 / std::sqrt(view.getElementsPerScale() * highest);
    b.set(1, b.reshapeLike(b.mul(change, weight), op.getScales()));
  }
  return success();
}

void train::registerTrainGradients(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TrainDialect *) {
    FakeQuantizeOp::attachInterface<nn::AdjointModel<FakeQuantizeOp, adjoint>>(*context);
  });
}
