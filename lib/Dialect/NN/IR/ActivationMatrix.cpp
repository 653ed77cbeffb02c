// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rows that a layer's weight multiplies, [groups, rows, columns]: for dense
// layers the activation reshaped, for convolutions its windows (im2col).

#include "condense/Dialect/NN/IR/NN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

/// [..., columns] as [1, rows, columns]. `columns` is what the weight says, as the
/// activation's last dimension may be dynamic.
static FailureOr<Value> flattenRows(ImplicitLocOpBuilder &b, Value input, int64_t columns) {
  auto type = cast<RankedTensorType>(input.getType());
  if (!isa<FloatType>(type.getElementType()) || ShapedType::isDynamic(columns))
    return failure();
  int64_t rank = type.getRank();
  if (type.isDynamicDim(rank - 1)) {
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = columns;
    type = type.clone(shape);
    input = tensor::CastOp::create(b, type, input);
  }
  if (rank == 1)
    return tensor::ExpandShapeOp::create(b, type.clone({1, 1, columns}), input,
                                         ArrayRef<ReassociationIndices>{{0, 1, 2}})
        .getResult();
  if (rank > 2) {
    ReassociationIndices rows = llvm::to_vector<2>(llvm::seq<int64_t>(0, rank - 1));
    input = tensor::CollapseShapeOp::create(b, input, ArrayRef<ReassociationIndices>{rows, {rank - 1}});
    type = cast<RankedTensorType>(input.getType());
  }
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), input);
  sizes.insert(sizes.begin(), b.getIndexAttr(1));
  return tensor::ExpandShapeOp::create(b, type.clone({1, type.getDimSize(0), columns}), input,
                                       ArrayRef<ReassociationIndices>{{0, 1}, {2}}, sizes)
      .getResult();
}

FailureOr<Value> LinearOp::buildActivationMatrix(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  return flattenRows(b, getInput(), cast<RankedTensorType>(getWeight().getType()).getDimSize(1));
}

FailureOr<Value> MatmulOp::buildActivationMatrix(OpBuilder &builder) {
  ArrayRef<int64_t> weight = cast<RankedTensorType>(getRhs().getType()).getShape();
  // A stack of weights would multiply different rows each.
  if (weight.size() > 2 && llvm::any_of(weight.drop_back(2), [](int64_t size) { return size != 1; }))
    return failure();
  ImplicitLocOpBuilder b(getLoc(), builder);
  return flattenRows(b, getLhs(), weight[std::max<int64_t>(weight.size(), 2) - 2]);
}

static Value padWithZeros(ImplicitLocOpBuilder &b, Value image, ArrayRef<int64_t> pads, int64_t firstDim) {
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return image;
  Type element = cast<RankedTensorType>(image.getType()).getElementType();
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(element));
  SmallVector<OpFoldResult> low(4, b.getIndexAttr(0)), high = low;
  for (int64_t dim : {0, 1}) {
    low[firstDim + dim] = b.getIndexAttr(pads[dim]);
    high[firstDim + dim] = b.getIndexAttr(pads[dim + 2]);
  }
  return tensor::PadOp::create(b, Type(), image, low, high, zero);
}

/// The windows of a padded image: [groups, batch, height, width, then channels,
/// kernel height and kernel width in the order of the filter].
static Value copyWindows(ImplicitLocOpBuilder &b, Conv2DOp op, Value image, ArrayRef<OpFoldResult> sizes) {
  bool channelsFirst = op.getLayout() == Layout::NCHW;
  SmallVector<AffineExpr> loops;
  for (unsigned i = 0; i < 7; ++i)
    loops.push_back(b.getAffineDimExpr(i));
  AffineExpr channel = loops[channelsFirst ? 4 : 6];
  AffineExpr kernelHeight = loops[channelsFirst ? 5 : 4], kernelWidth = loops[channelsFirst ? 6 : 5];
  if (op.getGroups() != 1) {
    int64_t perGroup = cast<RankedTensorType>(op.getFilter().getType()).getDimSize(channelsFirst ? 1 : 3);
    channel = loops[0] * perGroup + channel;
  }
  AffineExpr row = loops[2] * op.getStrides()[0] + kernelHeight * op.getDilations()[0];
  AffineExpr column = loops[3] * op.getStrides()[1] + kernelWidth * op.getDilations()[1];
  SmallVector<AffineExpr> source = channelsFirst ? SmallVector<AffineExpr>{loops[1], channel, row, column}
                                                 : SmallVector<AffineExpr>{loops[1], row, column, channel};
  AffineMap maps[] = {AffineMap::get(7, 0, source, b.getContext()), b.getMultiDimIdentityMap(7)};
  SmallVector<utils::IteratorType> iterators(7, utils::IteratorType::parallel);
  Type element = cast<RankedTensorType>(image.getType()).getElementType();
  Value empty = tensor::EmptyOp::create(b, sizes, element);
  return linalg::GenericOp::create(
             b, empty.getType(), image, empty, maps, iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) { linalg::YieldOp::create(nested, loc, args[0]); })
      .getResult(0);
}

/// `builder` must be behind the convolution, whose result says how many windows an
/// image of dynamic size has.
FailureOr<Value> Conv2DOp::buildActivationMatrix(OpBuilder &builder) {
  auto filter = cast<RankedTensorType>(getFilter().getType());
  auto type = cast<RankedTensorType>(getInput().getType());
  if (!isa<FloatType>(type.getElementType()) || !filter.hasStaticShape())
    return failure();
  ImplicitLocOpBuilder b(getLoc(), builder);
  bool channelsFirst = getLayout() == Layout::NCHW;
  int64_t firstDim = channelsFirst ? 2 : 1;
  Value image = padWithZeros(b, getInput(), getPads(), firstDim);
  SmallVector<OpFoldResult> result = tensor::getMixedSizes(b, getLoc(), getOutput());
  OpFoldResult batch = tensor::getMixedSize(b, getLoc(), getInput(), 0);
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(getGroups()), batch, result[firstDim], result[firstDim + 1]};
  for (int64_t size : filter.getShape().drop_front())
    sizes.push_back(b.getIndexAttr(size));
  Value windows = copyWindows(b, *this, image, sizes);
  return tensor::CollapseShapeOp::create(b, windows, ArrayRef<ReassociationIndices>{{0}, {1, 2, 3}, {4, 5, 6}})
      .getResult();
}
