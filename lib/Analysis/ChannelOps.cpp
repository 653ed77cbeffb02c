// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How single operations carry channels from operands to results and back.

#include "ChannelOps.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense;

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// f(s x) = s f(x) for s > 0, element by element.
static bool isHomogeneous(Operation *op) { return isa<nn::ReluOp, nn::LeakyReluOp, nn::AbsOp, nn::NegOp>(op); }

std::optional<ChannelMap> condense::mapBack(Operation *op, const ChannelMap &map) {
  ArrayRef<int64_t> shape = getShape(op->getOperand(0));
  if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
    SmallVector<int64_t> inverse(shape.size());
    for (auto [result, operand] : llvm::enumerate(transpose.getPermutation()))
      inverse[operand] = result;
    return map.transpose(inverse);
  }
  if (isa<nn::ReshapeOp>(op))
    return map.reshape(shape);
  if (!isa<nn::ReduceMeanOp, nn::ReduceSumOp, nn::ReduceMaxOp, nn::ReduceMinOp>(op))
    return map.withShape(shape);
  // A reduced dimension is free; without keep_dims the result lacks it.
  auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  bool keepsDims = op->hasAttr("keep_dims");
  SmallVector<ChannelMap> parts;
  int64_t next = 0;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    bool isReduced = llvm::is_contained(axes, static_cast<int64_t>(dim));
    parts.push_back(isReduced ? ChannelMap::getFree(size) : map.getDim(next));
    next += !isReduced || keepsDims;
  }
  return ChannelMap::join(parts);
}

std::optional<ChannelMap> condense::mapForward(Operation *op, const ChannelMap &map) {
  ArrayRef<int64_t> shape = getShape(op->getResult(0));
  if (auto transpose = dyn_cast<nn::TransposeOp>(op))
    return map.transpose(transpose.getPermutation());
  if (isa<nn::ReshapeOp>(op))
    return map.reshape(shape);
  if (!isa<nn::ReduceMeanOp, nn::ReduceSumOp, nn::ReduceMaxOp, nn::ReduceMinOp>(op))
    return map.withShape(shape);
  auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  SmallVector<ChannelMap> parts;
  for (int64_t dim = 0; dim != map.getRank(); ++dim) {
    bool isReduced = llvm::is_contained(axes, dim);
    if (isReduced && !map.isFree(dim))
      return std::nullopt;
    if (!isReduced)
      parts.push_back(map.getDim(dim));
    else if (op->hasAttr("keep_dims"))
      parts.push_back(ChannelMap::getFree(1));
  }
  return ChannelMap::join(parts);
}

bool condense::keepsChannels(Operation *op, const ChannelMap &map) {
  if (isHomogeneous(op) || isa<nn::TransposeOp, nn::ReshapeOp, nn::MaxPool2DOp, nn::AvgPool2DOp, nn::ReduceMeanOp,
                               nn::ReduceSumOp, nn::ReduceMaxOp, nn::ReduceMinOp>(op))
    return true;
  if (auto slice = dyn_cast<nn::SliceOp>(op))
    return llvm::all_of(llvm::enumerate(slice.getSteps()), [&](auto step) {
      int64_t dim = step.index();
      return map.isFree(dim) || (step.value() == 1 && getShape(slice.getInput())[dim] == getShape(slice)[dim]);
    });
  auto pad = dyn_cast<nn::PadOp>(op);
  if (!pad || (pad.getValueAttr() && !matchPattern(Attribute(pad.getValueAttr()), m_AnyZeroFloat()) &&
               !matchPattern(Attribute(pad.getValueAttr()), m_Zero())))
    return false;
  return llvm::all_of(llvm::seq<int64_t>(0, map.getRank()), [&](int64_t dim) {
    return map.isFree(dim) || (pad.getLow()[dim] == 0 && pad.getHigh()[dim] == 0);
  });
}

std::optional<ChannelMap> condense::mapRightFactor(nn::MatmulOp op, const ChannelMap &map) {
  ArrayRef<int64_t> shape = getShape(op.getRhs());
  int64_t rank = shape.size(), resultRank = map.getRank();
  if (rank < 2 || getShape(op.getLhs()).size() < 2 || !map.isFree(resultRank - 2))
    return std::nullopt;
  return map.getOperand(shape);
}
