// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of two signed bytes, for an instruction whose first operand is
// unsigned.

#include "SignedActivation.h"
#include "DotProduct.h"
#include "condense/IR/TensorConstant.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// The constant below reshapes, which keep the order of its elements.
static std::optional<TensorConstant> getReshapedConstant(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(def))
      break;
    value = def->getOperand(0);
  }
  return getTensorConstant(value);
}

/// Whether every reduction moves both operands, so that each product of the
/// sum has one element of the weight, and the kernel can take four at a time.
static bool canTakeGroups(linalg::LinalgOp op, OpOperand &weight, OpOperand &activation) {
  AffineMap weights = op.getMatchingIndexingMap(&weight), inputs = op.getMatchingIndexingMap(&activation);
  AffineMap results = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weights.isProjectedPermutation() || !results.isProjectedPermutation() || inputs.getNumResults() == 0)
    return false;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [loop, iterator] : llvm::enumerate(iterators))
    if (iterator == utils::IteratorType::reduction ? !weights.isFunctionOfDim(loop) : !results.isFunctionOfDim(loop))
      return false;
  // Nothing but the extension sees the byte.
  auto extendsOnly = [](Operation *user) { return isa<arith::ExtSIOp>(user); };
  if (!llvm::all_of(op.getMatchingBlockArgument(&activation).getUsers(), extendsOnly))
    return false;
  auto last = dyn_cast<AffineDimExpr>(inputs.getResults().back());
  return last && iterators[last.getPosition()] == utils::IteratorType::reduction;
}

/// The sums of the elements at which the dimensions with `isKept` agree, modulo
/// 2^32, in row-major order of those dimensions.
static std::vector<uint32_t> sumCodes(ArrayRef<int8_t> codes, ArrayRef<int64_t> sizes, ArrayRef<bool> isKept) {
  SmallVector<int64_t> strides(sizes.size(), 0);
  int64_t count = 1;
  for (int64_t dim = sizes.size() - 1; dim >= 0; --dim)
    if (isKept[dim]) {
      strides[dim] = count;
      count *= sizes[dim];
    }
  std::vector<uint32_t> sums(count, 0);
  for (auto [index, code] : llvm::enumerate(codes)) {
    int64_t rest = index, at = 0;
    for (int64_t dim = sizes.size() - 1; dim >= 0; --dim) {
      at += rest % sizes[dim] * strides[dim];
      rest /= sizes[dim];
    }
    sums[at] += static_cast<uint32_t>(code);
  }
  return sums;
}

/// `-128 * sum(weight)` for each point of the parallel loops on which the
/// weight depends; `map` gets those loops.
static Value createCompensation(OpBuilder &builder, linalg::LinalgOp op, OpOperand &weight,
                                const TensorConstant &constant, AffineMap &map) {
  ArrayRef<int64_t> sizes = cast<RankedTensorType>(weight.get().getType()).getShape();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<AffineExpr> loops;
  SmallVector<int64_t> shape;
  SmallVector<bool> isKept;
  for (auto [expr, size] : llvm::zip_equal(op.getMatchingIndexingMap(&weight).getResults(), sizes)) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    isKept.push_back(iterators[loop] == utils::IteratorType::parallel);
    if (!isKept.back())
      continue;
    loops.push_back(expr);
    shape.push_back(size);
  }
  std::vector<uint32_t> sums = sumCodes(constant.as<int8_t>(), sizes, isKept);
  for (uint32_t &sum : sums)
    sum = -128 * sum;
  map = AffineMap::get(op.getNumLoops(), 0, loops, builder.getContext());
  return createTensorConstant<uint32_t>(builder, op.getLoc(), RankedTensorType::get(shape, builder.getI32Type()), sums,
                                        constant.getName().str() + ".sums");
}

/// `x + 128` as unsigned bytes: the sign bit is flipped. Before padding, if
/// there is some, where it becomes a part of what makes the codes.
Value condense::codegen::flipSigns(OpBuilder &builder, Location loc, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  Value sign = arith::ConstantIntOp::create(builder, loc, -128, 8);
  if (auto collapse = x.getDefiningOp<tensor::CollapseShapeOp>(); collapse && x.hasOneUse())
    return tensor::CollapseShapeOp::create(builder, loc, type, flipSigns(builder, loc, collapse.getSrc()),
                                           collapse.getReassociation());
  if (auto pad = x.getDefiningOp<tensor::PadOp>(); pad && x.hasOneUse() && pad.getConstantPaddingValue()) {
    Value value = arith::XOrIOp::create(builder, loc, pad.getConstantPaddingValue(), sign);
    return tensor::PadOp::create(builder, loc, type, flipSigns(builder, loc, pad.getSource()), pad.getMixedLowPad(),
                                 pad.getMixedHighPad(), value);
  }
  Value empty = tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, x), type.getElementType());
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto flip = linalg::GenericOp::create(builder, loc, type, x, empty, ArrayRef<AffineMap>{identity, identity},
                                        iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
                                          Value flipped = arith::XOrIOp::create(nested, loc, args[0], sign);
                                          linalg::YieldOp::create(nested, loc, flipped);
                                        });
  return flip.getResult(0);
}

/// The initial value plus the compensation, which depends on the loops `map`.
static Value addCompensation(OpBuilder &builder, linalg::LinalgOp op, Value compensation, AffineMap map) {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap initMap = op.getMatchingIndexingMap(init);
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(init->get().getType());
  SmallVector<AffineExpr> dims;
  for (AffineExpr loop : map.getResults())
    dims.push_back(builder.getAffineDimExpr(*initMap.getResultPosition(loop)));
  Value empty =
      tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, init->get()), type.getElementType());
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  AffineMap maps[] = {identity, AffineMap::get(type.getRank(), 0, dims, builder.getContext()), identity};
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto sum = linalg::GenericOp::create(builder, loc, type, ValueRange{init->get(), compensation}, empty, maps,
                                       iterators, [](OpBuilder &nested, Location loc, ValueRange args) {
                                         Value sum = arith::AddIOp::create(nested, loc, args[0], args[1]);
                                         linalg::YieldOp::create(nested, loc, sum);
                                       });
  return sum.getResult(0);
}

void condense::codegen::makeActivationUnsigned(RewriterBase &rewriter, linalg::LinalgOp op, OpOperand &weight) {
  OpOperand *activation = matchSignedFactor(op, weight);
  if (!activation || !canTakeGroups(op, weight, *activation))
    return;
  std::optional<TensorConstant> constant = getReshapedConstant(weight.get());
  if (!constant)
    return;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  AffineMap map;
  Value compensation = createCompensation(rewriter, op, weight, *constant, map);
  Value init = addCompensation(rewriter, op, compensation, map);
  Value flipped = flipSigns(rewriter, op.getLoc(), activation->get());
  rewriter.modifyOpInPlace(op, [&] {
    activation->set(flipped);
    op.getDpsInitOperand(0)->set(init);
    BlockArgument argument = op.getMatchingBlockArgument(activation);
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
      auto extend = cast<arith::ExtSIOp>(user);
      rewriter.setInsertionPoint(extend);
      rewriter.replaceOpWithNewOp<arith::ExtUIOp>(extend, extend.getType(), argument);
    }
  });
}
