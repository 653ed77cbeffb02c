// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types, folds and canonicalization of reshape, transpose and broadcast.

#include "Inference.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// Copies the sizes that 0 asks for and leaves -1; at most one -1 is allowed.
static FailureOr<SmallVector<int64_t>> copySizes(Inference inference, ArrayRef<int64_t> input,
                                                 ArrayRef<int64_t> request) {
  SmallVector<int64_t> shape(request);
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (size < -1)
      return inference.error("requires sizes of -1 or more, found ", printShape(request));
    if (size == 0 && dim >= input.size())
      return inference.error("copies dimension ", dim, ", which its input lacks: ", printShape(input));
    if (size == 0)
      size = input[dim];
  }
  if (llvm::count(request, -1) > 1)
    return inference.error("requires at most one size of -1, found ", printShape(request));
  return shape;
}

/// The product of the sizes but for those of `request` that are copied (0) or
/// inferred (-1); unknown when one of the rest is, or it overflows.
static std::optional<int64_t> countRest(ArrayRef<int64_t> shape, ArrayRef<int64_t> request) {
  int64_t product = 1;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (dim < request.size() && request[dim] == 0)
      continue;
    if (ShapedType::isDynamic(size) || llvm::MulOverflow(product, size, product))
      return std::nullopt;
  }
  return product;
}

/// The copied dimensions cancel, so that the sizes of the rest decide what -1
/// is and whether the request fits, even when copied ones are dynamic.
static LogicalResult resolveRest(Inference inference, ArrayRef<int64_t> input, ArrayRef<int64_t> request,
                                 SmallVectorImpl<int64_t> &shape) {
  std::optional<int64_t> have = countRest(input, request);
  SmallVector<int64_t> known(shape.begin(), shape.end());
  auto *inferred = llvm::find(shape, -1);
  bool hasInferred = llvm::is_contained(request, -1);
  if (hasInferred)
    known[inferred - shape.begin()] = 1;
  std::optional<int64_t> need = countRest(known, request);
  // What -1 stands for is open where the others are empty.
  bool fits = !have || !need || (hasInferred ? *need != 0 && *have % *need == 0 : *have == *need);
  if (!fits)
    return inference.error("cannot reshape ", printShape(input), " to ", printShape(request));
  if (hasInferred)
    *inferred = have && need && *need != 0 ? *have / *need : ShapedType::kDynamic;
  return success();
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = nn::getShape(adaptor.getInput());
  FailureOr<SmallVector<int64_t>> shape = copySizes(inference, input, adaptor.getShape());
  if (failed(shape) || failed(resolveRest(inference, input, adaptor.getShape(), *shape)))
    return failure();
  return inference.result(*shape, getElementTypeOrSelf(adaptor.getInput()));
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  // Equal types with two dynamic sizes may still exchange elements.
  RankedTensorType type = getInput().getType();
  if (type == getType() && type.getNumDynamicDims() <= 1)
    return getInput();
  // A size of 0 means the inner result's, which would be lost.
  auto inner = getInput().getDefiningOp<ReshapeOp>();
  if (!inner || llvm::is_contained(getShape(), 0))
    return {};
  getInputMutable().assign(inner.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  ArrayRef<int64_t> input = nn::getShape(adaptor.getInput());
  SmallVector<int64_t> sorted(adaptor.getPermutation());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, input.size())))
    return inference.error("requires a permutation of the ", input.size(), " dimensions, found ",
                           printShape(adaptor.getPermutation()));
  SmallVector<int64_t> shape;
  for (int64_t dim : adaptor.getPermutation())
    shape.push_back(input[dim]);
  return inference.result(shape, getElementTypeOrSelf(adaptor.getInput()));
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  bool identity = llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size()));
  return identity && getInput().getType() == getType() ? getInput() : Value();
}

namespace {
/// transpose(transpose(x)) is one transpose.
struct ComposeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is no transpose");
    SmallVector<int64_t> permutation;
    for (int64_t dim : op.getPermutation())
      permutation.push_back(inner.getPermutation()[dim]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getInput(), permutation);
    return success();
  }
};
} // namespace

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ComposeTransposes>(context);
}

//===----------------------------------------------------------------------===//
// Broadcast
//===----------------------------------------------------------------------===//

LogicalResult BroadcastToOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                              SmallVectorImpl<Type> &types) {
  Inference inference(location, getOperationName(), types);
  if (failed(inference.checkArray("sizes", adaptor.getShape(), adaptor.getShape().size(), 0, INT64_MAX)))
    return failure();
  SmallVector<int64_t> shape(nn::getShape(adaptor.getInput()));
  if (failed(inference.broadcast(shape, adaptor.getShape())))
    return failure();
  return inference.result(shape, getElementTypeOrSelf(adaptor.getInput()));
}

OpFoldResult BroadcastToOp::fold(FoldAdaptor) {
  RankedTensorType type = getInput().getType();
  return type == getType() && type.hasStaticShape() ? getInput() : Value();
}
