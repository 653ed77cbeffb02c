// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of attention and of what belongs to it. The probabilities are computed again from queries and keys,
// as they are larger than all operands together (Dao et al., arXiv:2205.14135, section 3.1).

#include "Families.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static int64_t getHeads(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getDimSize(2); }

namespace {
/// The tensors of one attention, as matrices for each batch and head: [b, h, s, d] and so on.
class Attention {
public:
  Attention(AttentionOp op, Adjoints &b);
  void setAdjoints();

private:
  Value toHeads(Value tensor) { return b.transpose(tensor, {0, 2, 1, 3}); }
  Value repeat(Value tensor) { return groupIndices ? GatherOp::create(b, tensor, groupIndices, 2) : tensor; }
  Value fold(Value adjoint, Value like);
  Value createScores();
  Value multiply(Value lhs, Value rhs) { return MatmulOp::create(b, lhs, rhs); }

  AttentionOp op;
  Adjoints &b;
  double scale;
  Value groupIndices; // which head of the keys serves each head of the queries; null: its own
  Value query, key, value, probabilities;
};
} // namespace

Attention::Attention(AttentionOp op, Adjoints &b) : op(op), b(b), scale(op.getScale().convertToDouble()) {
  int64_t heads = getHeads(op.getQuery()), groups = getHeads(op.getKey());
  if (heads != groups) {
    SmallVector<int64_t> indices;
    for (int64_t head = 0; head < heads; ++head)
      indices.push_back(head / (heads / groups));
    auto type = RankedTensorType::get(heads, b.getI64Type());
    groupIndices = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<int64_t>(indices)));
  }
  query = toHeads(op.getQuery());
  key = toHeads(repeat(op.getKey()));
  value = toHeads(repeat(op.getValue()));
  Value scores = createScores();
  probabilities = SoftmaxOp::create(b, scores, /*axis=*/3);
  if (!op.getMask())
    return;
  // A query without any key results in zeros, whatever it is multiplied with.
  Value largest = ReduceMaxOp::create(b, scores, 3, /*keep_dims=*/true);
  Value hasKey = b.compare(Comparison::GT, largest, -std::numeric_limits<double>::infinity());
  probabilities = b.select(hasKey, probabilities);
}

/// The scores with the mask, excluded keys having minus infinity.
Value Attention::createScores() {
  Value scores = b.mul(multiply(query, b.transposeMatrix(key)), scale);
  Value lowest = b.constant(scores, -std::numeric_limits<double>::infinity());
  if (Value mask = op.getMask())
    scores = isa<FloatType>(getElementTypeOrSelf(mask)) ? b.add(scores, mask) : b.select(mask, scores, lowest);
  if (!op.getCausal())
    return scores;
  int64_t column[] = {-1, 1};
  Value row = ReshapeOp::create(b, IotaOp::create(b, op.getQuery(), 1), column);
  Value isBefore = b.compare(Comparison::GE, row, IotaOp::create(b, op.getKey(), 1));
  return b.select(isBefore, scores, lowest);
}

/// Back to [b, t, g, d]: heads that shared one sum up.
Value Attention::fold(Value adjoint, Value like) {
  adjoint = toHeads(adjoint);
  return groupIndices ? GatherGradientOp::create(b, adjoint, groupIndices, like, /*axis=*/2, /*clamped=*/false)
                      : adjoint;
}

/// With P the probabilities: dV = P^T dO, dP = dO V^T, dS = P (dP - sum(dP P)), dQ = dS K scale, dK = dS^T Q scale.
void Attention::setAdjoints() {
  Value adjoint = toHeads(b.of());
  if (b.needs(2))
    b.set(2, fold(multiply(b.transposeMatrix(probabilities), adjoint), op.getValue()));
  bool needsMask = op.getMask() && b.needs(3);
  if (!b.needs(0) && !b.needs(1) && !needsMask)
    return;
  Value weighted = b.mul(multiply(adjoint, b.transposeMatrix(value)), probabilities);
  Value scores = b.sub(weighted, b.mul(probabilities, b.sum(weighted, 3, /*keepDims=*/true)));
  if (needsMask)
    b.set(3, b.sumLike(scores, op.getMask()));
  if (b.needs(0))
    b.set(0, toHeads(b.mul(multiply(scores, key), scale)));
  if (b.needs(1))
    b.set(1, fold(b.mul(multiply(b.transposeMatrix(scores), query), scale), op.getKey()));
}

static LogicalResult adjoint(AttentionOp op, Adjoints &b) {
  Attention(op, b).setAdjoints();
  return success();
}

/// `[first, second]` along the last dimension as `[-second, first]`, or with `back` as `[second, -first]`.
static Value turn(Adjoints &b, Value tensor, bool back) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank(), half = type.getShape().back() / 2;
  SmallVector<int64_t> starts(rank, 0), ends(rank, INT64_MAX), steps(rank, 1);
  ends.back() = half;
  Value first = SliceOp::create(b, tensor, starts, ends, steps);
  starts.back() = half;
  ends.back() = 2 * half;
  Value second = SliceOp::create(b, tensor, starts, ends, steps);
  SmallVector<Value> parts{back ? second : b.neg(second), back ? b.neg(first) : first};
  return ConcatOp::create(b, parts, rank - 1);
}

/// y = x cos + turn(x) sin, and turn is a rotation, whose adjoint turns back.
static LogicalResult adjoint(RotaryOp op, Adjoints &b) {
  Value dy = b.of();
  if (b.needs(0))
    b.set(0, b.add(b.mul(dy, op.getCos()), turn(b, b.mul(dy, op.getSin()), /*back=*/true)));
  if (b.needs(1))
    b.set(1, b.sumLike(b.mul(dy, op.getInput()), op.getCos()));
  if (b.needs(2))
    b.set(2, b.sumLike(b.mul(dy, turn(b, op.getInput(), /*back=*/false)), op.getSin()));
  return success();
}

void gradients::attachAttention(MLIRContext *context) {
  AttentionOp::attachInterface<AdjointModel<AttentionOp, adjoint>>(*context);
  RotaryOp::attachInterface<AdjointModel<RotaryOp, adjoint>>(*context);
}
