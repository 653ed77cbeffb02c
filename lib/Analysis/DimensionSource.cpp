// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Follows the size of a dimension back through the graph.
//
// Two dynamic sizes that come from one place are equal, so that operands need
// not be prepared for one of them being 1 at run time.

#include "condense/Analysis/DimensionSource.h"

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

using Source = std::optional<DimensionSource>;

namespace {
/// What is known of one graph. Both operands of a sum are followed, so without it a chain of residual
/// additions would be walked along each of its paths.
class SourceFinder {
public:
  DimensionSource find(Value tensor, int64_t dim);

private:
  Source getBroadcastSource(ValueRange operands, int64_t rank, int64_t dim);
  Source getMatmulSource(MatmulOp op, int64_t dim);
  Source getStep(Value value, int64_t dim);

  llvm::DenseMap<std::pair<Value, int64_t>, DimensionSource> known;
};
} // namespace

static ArrayRef<int64_t> getShape(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// The one operand that decides the size of dimension `dim` of a broadcast.
Source SourceFinder::getBroadcastSource(ValueRange operands, int64_t rank, int64_t dim) {
  Source source;
  for (Value operand : operands) {
    int64_t operandDim = dim - (rank - getShape(operand).size());
    if (operandDim < 0 || getShape(operand)[operandDim] == 1)
      continue;
    DimensionSource candidate = find(operand, operandDim);
    if (source && *source != candidate)
      return std::nullopt;
    source = candidate;
  }
  return source;
}

/// Sizes that are copied, and what remains when only one size is unknown.
static Source getReshapeSource(ReshapeOp op, int64_t dim) {
  ArrayRef<int64_t> input = getShape(op.getInput());
  if (op.getShape()[dim] == 0)
    return DimensionSource{op.getInput(), dim};
  if (llvm::count_if(input, ShapedType::isDynamic) != 1 ||
      llvm::count_if(op.getType().getShape(), ShapedType::isDynamic) != 1)
    return std::nullopt;
  auto countStatic = [](ArrayRef<int64_t> shape) {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= ShapedType::isDynamic(size) ? 1 : size;
    return count;
  };
  if (countStatic(input) != countStatic(op.getType().getShape()))
    return std::nullopt;
  int64_t source = llvm::find_if(input, ShapedType::isDynamic) - input.begin();
  return DimensionSource{op.getInput(), source};
}

static Source getReductionSource(Value input, ArrayRef<int64_t> axes, bool keepDims, int64_t dim) {
  if (keepDims)
    return DimensionSource{input, dim};
  for (int64_t axis : axes)
    dim += axis <= dim;
  return DimensionSource{input, dim};
}

Source SourceFinder::getMatmulSource(MatmulOp op, int64_t dim) {
  int64_t rank = op.getType().getRank();
  int64_t lhsRank = getShape(op.getLhs()).size();
  int64_t rhsRank = getShape(op.getRhs()).size();
  bool hasRow = lhsRank > 1, hasColumn = rhsRank > 1;
  if (hasColumn && dim == rank - 1)
    return DimensionSource{op.getRhs(), rhsRank - 1};
  if (hasRow && dim == rank - 1 - hasColumn)
    return DimensionSource{op.getLhs(), lhsRank - 2};
  // A batch dimension, if one operand alone has it.
  if (lhsRank <= 2)
    return DimensionSource{op.getRhs(), dim + rhsRank - rank - !hasRow};
  if (rhsRank <= 2)
    return DimensionSource{op.getLhs(), dim};
  int64_t batches = rank - 2;
  int64_t lhsDim = dim - (batches - (lhsRank - 2));
  int64_t rhsDim = dim - (batches - (rhsRank - 2));
  if (rhsDim < 0 || getShape(op.getRhs())[rhsDim] == 1)
    return DimensionSource{op.getLhs(), lhsDim};
  if (lhsDim < 0 || getShape(op.getLhs())[lhsDim] == 1)
    return DimensionSource{op.getRhs(), rhsDim};
  DimensionSource lhs = find(op.getLhs(), lhsDim);
  DimensionSource rhs = find(op.getRhs(), rhsDim);
  return lhs == rhs ? Source(lhs) : std::nullopt;
}

static Source getGatherSource(GatherOp op, int64_t dim) {
  int64_t axis = op.getAxis(), indices = getShape(op.getIndices()).size();
  if (dim < axis)
    return DimensionSource{op.getInput(), dim};
  if (dim < axis + indices)
    return DimensionSource{op.getIndices(), dim - axis};
  return DimensionSource{op.getInput(), dim - indices + 1};
}

/// One step back.
Source SourceFinder::getStep(Value value, int64_t dim) {
  Operation *op = value.getDefiningOp();
  int64_t rank = getShape(value).size();
  return TypeSwitch<Operation *, Source>(op)
      .Case<AddOp, SubOp, MulOp, DivOp, PowOp, MaxOp, MinOp, RemOp, ModOp, PReluOp, AndOp, OrOp, XorOp, ShiftLeftOp,
            ShiftRightOp, CompareOp, SelectOp>(
          [&](Operation *) { return getBroadcastSource(op->getOperands(), rank, dim); })
      .Case<BatchNormOp, LayerNormOp, RMSNormOp, SoftmaxOp, LogSoftmaxOp, CumSumOp, TriluOp, compress::QuantizeOp,
            compress::DequantizeOp, compress::ObserveOp, CastOp, IsNaNOp, IsInfOp>(
          [&](Operation *) { return DimensionSource{op->getOperand(0), dim}; })
      .Case<ReduceSumOp, ReduceMeanOp, ReduceProdOp, ReduceMaxOp, ReduceMinOp>([&](auto reduction) {
        return getReductionSource(reduction.getInput(), reduction.getAxes(), reduction.getKeepDims(), dim);
      })
      .Case([&](ReshapeOp reshape) { return getReshapeSource(reshape, dim); })
      .Case([&](MatmulOp matmul) { return getMatmulSource(matmul, dim); })
      .Case([&](GatherOp gather) { return getGatherSource(gather, dim); })
      .Case([&](AttentionOp attention) {
        return DimensionSource{dim == 3 ? attention.getValue() : attention.getQuery(), dim};
      })
      .Case([&](RotaryOp rotary) { return DimensionSource{rotary.getInput(), dim}; })
      .Case([&](IotaOp iota) { return DimensionSource{iota.getLike(), static_cast<int64_t>(iota.getDim())}; })
      .Case(
          [&](TransposeOp transpose) { return DimensionSource{transpose.getInput(), transpose.getPermutation()[dim]}; })
      .Case([&](EmbeddingOp embedding) {
        if (dim == rank - 1)
          return DimensionSource{embedding.getTable(), 1};
        return DimensionSource{embedding.getIds(), dim};
      })
      .Case([&](LinearOp linear) {
        if (dim == rank - 1)
          return DimensionSource{linear.getWeight(), 0};
        return DimensionSource{linear.getInput(), dim};
      })
      .Case<Conv2DOp, MaxPool2DOp, AvgPool2DOp>(
          [&](Operation *) { return dim == 0 ? Source(DimensionSource{op->getOperand(0), 0}) : std::nullopt; })
      .Case([&](ConcatOp concat) {
        bool along = dim == static_cast<int64_t>(concat.getAxis());
        return along ? std::nullopt : Source(DimensionSource{concat.getInputs()[0], dim});
      })
      .Case([&](SliceOp slice) {
        bool whole = slice.getStarts()[dim] == 0 && slice.getEnds()[dim] == INT64_MAX && slice.getSteps()[dim] == 1;
        return whole ? Source(DimensionSource{slice.getInput(), dim}) : std::nullopt;
      })
      .Case([&](PadOp pad) {
        bool kept = pad.getLow()[dim] == 0 && pad.getHigh()[dim] == 0;
        return kept ? Source(DimensionSource{pad.getInput(), dim}) : std::nullopt;
      })
      .Case<BroadcastLikeOp, SumLikeOp, ReshapeLikeOp>([&](auto like) { return DimensionSource{like.getLike(), dim}; })
      .Case<Conv2DInputGradientOp, MaxPool2DGradientOp, AvgPool2DGradientOp, GatherGradientOp, GatherElementsGradientOp,
            SliceGradientOp>([&](auto gradient) { return DimensionSource{gradient.getInput(), dim}; })
      .Case([&](Conv2DFilterGradientOp gradient) { return DimensionSource{gradient.getFilter(), dim}; })
      .Case([&](BatchNormTrainingOp norm) {
        bool isOutput = value == norm.getOutput();
        return DimensionSource{isOutput ? norm.getInput() : norm.getScale(), dim};
      })
      .Default([&](Operation *) -> Source {
        if (op->hasTrait<OpTrait::Elementwise>() && op->getNumOperands() == 1)
          return DimensionSource{op->getOperand(0), dim};
        return std::nullopt;
      });
}

DimensionSource SourceFinder::find(Value tensor, int64_t dim) {
  DimensionSource current{tensor, dim};
  if (auto found = known.find({tensor, dim}); found != known.end())
    return found->second;
  while (Operation *op = current.value.getDefiningOp()) {
    if (!isa<NNDialect, compress::CompressDialect>(op->getDialect()))
      break;
    Source next = getStep(current.value, current.dim);
    if (!next)
      break;
    current = *next;
  }
  known.insert({{tensor, dim}, current});
  return current;
}

DimensionSource condense::getDimensionSource(Value tensor, int64_t dim) { return SourceFinder().find(tensor, dim); }
