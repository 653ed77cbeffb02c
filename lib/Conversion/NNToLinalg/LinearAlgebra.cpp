// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products. The bias is what the sum starts from.

#include "Structured.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

Value lowering::createAccumulator(ImplicitLocOpBuilder &b, Value bias, ArrayRef<OpFoldResult> sizes, int64_t biasDim,
                                  Type type) {
  if (!bias)
    return createFilled(b, sizes, createConstant(b, type, 0));
  bias = convertTensor(b, bias, type);
  Value init = createEmpty(b, sizes, type);
  SmallVector<int64_t> dims = makeRange(sizes.size());
  dims.erase(dims.begin() + biasDim);
  return linalg::BroadcastOp::create(b, bias, init, dims)->getResult(0);
}

Value lowering::createMultiplyAdd(ImplicitLocOpBuilder &b, ValueRange args, bool lhsIsUnsigned, bool rhsIsUnsigned) {
  Type type = args[2].getType();
  Value lhs = convertScalar(b, args[0], type, lhsIsUnsigned, false);
  Value rhs = convertScalar(b, args[1], type, rhsIsUnsigned, false);
  return createAdd(b, args[2], createMul(b, lhs, rhs));
}

namespace {

struct LinearLowering : Lowering<LinearOp> {
  using Lowering::Lowering;

  Value lower(LinearOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Value input = adaptor.getInput(), weight = adaptor.getWeight();
    int64_t rank = type.getRank();
    Sizes sizes = getSizes(b, input);
    sizes.back() = getSize(b, weight, 0);
    Type sum = getComputeType(type.getElementType());
    Value init = createAccumulator(b, adaptor.getBias(), sizes, rank - 1, sum);

    // The space is (m..., n, k).
    SmallVector<int64_t> outputDims = makeRange(rank), inputDims = outputDims;
    inputDims.back() = rank;
    bool inputIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getInput()));
    bool weightIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getWeight()));
    Value result = createGeneric(b, {input, weight}, init, rank + 1, {inputDims, {rank - 1, rank}, outputDims},
                                 [&](ImplicitLocOpBuilder &in, ValueRange args) {
                                   return createMultiplyAdd(in, args, inputIsUnsigned, weightIsUnsigned);
                                 });
    return convertTensor(b, result, type.getElementType());
  }
};

/// The space of a general matrix product: batches..., m, n, k, of which m or n
/// is missing where an operand is a vector.
struct MatmulLowering : Lowering<MatmulOp> {
  using Lowering::Lowering;

  Value lower(MatmulOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, RankedTensorType type) const override {
    Type sum = getComputeType(type.getElementType());
    Value result = lowerNamed(op, adaptor, b, sum);
    if (!result)
      result = lowerGeneric(op, adaptor, b, sum);
    return convertTensor(b, result, type.getElementType());
  }

  /// Plain products of floats have an operation of their own.
  static Value lowerNamed(MatmulOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, Type sum) {
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    auto lhsType = cast<RankedTensorType>(lhs.getType());
    auto rhsType = cast<RankedTensorType>(rhs.getType());
    int64_t rank = lhsType.getRank();
    bool batched = rank == 3 && !lhsType.isDynamicDim(0) && lhsType.getDimSize(0) == rhsType.getDimSize(0);
    if (!isa<FloatType>(sum) || rank != rhsType.getRank() || (rank != 2 && !batched))
      return {};
    Sizes sizes = getSizes(b, lhs);
    sizes.back() = getSize(b, rhs, rank - 1);
    Value init = createFilled(b, sizes, createConstant(b, sum, 0));
    if (batched)
      return linalg::BatchMatmulOp::create(b, ValueRange{lhs, rhs}, init).getResult(0);
    return linalg::MatmulOp::create(b, ValueRange{lhs, rhs}, init).getResult(0);
  }

  static Value lowerGeneric(MatmulOp op, Adaptor adaptor, ImplicitLocOpBuilder &b, Type sum) {
    int64_t lhsRank = op.getLhs().getType().getRank();
    int64_t rhsRank = op.getRhs().getType().getRank();
    bool hasRow = lhsRank > 1, hasColumn = rhsRank > 1;
    Broadcasted operands = broadcast(b, op->getOperands(), adaptor.getOperands(), {hasRow ? 2 : 1, hasColumn ? 2 : 1});
    Value lhs = operands.operands[0], rhs = operands.operands[1];
    int64_t row = operands.sizes.size(), column = row + hasRow;
    int64_t reduced = column + hasColumn;
    Sizes sizes = operands.sizes;
    if (hasRow)
      sizes.push_back(getSize(b, lhs, getRank(lhs) - 2));
    if (hasColumn)
      sizes.push_back(getSize(b, rhs, getRank(rhs) - 1));

    SmallVector<int64_t> lhsLoops{reduced}, rhsLoops{reduced};
    if (hasRow)
      lhsLoops.insert(lhsLoops.begin(), row);
    if (hasColumn)
      rhsLoops.push_back(column);
    SmallVector<int64_t> lhsDims = getLoops(b, lhs, operands.sizes, lhsLoops);
    SmallVector<int64_t> rhsDims = getLoops(b, rhs, operands.sizes, rhsLoops);
    Value init = createFilled(b, sizes, createConstant(b, sum, 0));
    bool lhsIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getLhs()));
    bool rhsIsUnsigned = isUnsigned(getElementTypeOrSelf(op.getRhs()));
    return createGeneric(b, {lhs, rhs}, init, reduced + 1, {lhsDims, rhsDims, makeRange(reduced)},
                         [&](ImplicitLocOpBuilder &in, ValueRange args) {
                           return createMultiplyAdd(in, args, lhsIsUnsigned, rhsIsUnsigned);
                         });
  }

  static int64_t getRank(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getRank(); }

  /// The loops that index an operand, of which batch dimensions that stretch
  /// are dropped, and whose last dimensions are indexed by `last`.
  static SmallVector<int64_t> getLoops(ImplicitLocOpBuilder &b, Value &operand, ArrayRef<OpFoldResult> batchSizes,
                                       ArrayRef<int64_t> last) {
    int64_t batches = batchSizes.size();
    Sizes sizes(batchSizes);
    llvm::append_range(sizes, ArrayRef(getSizes(b, operand)).take_back(last.size()));
    SmallVector<int64_t> dims = dropStretched(b, operand, sizes);
    for (int64_t &dim : dims)
      dim = dim < batches ? dim : last[dim - batches];
    return dims;
  }
};

} // namespace

void lowering::populateLinearAlgebraPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LinearLowering, MatmulLowering>(converter, patterns.getContext());
}
