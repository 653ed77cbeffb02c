// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes padding around what is padded, so that whoever computes that can write it where it is read: bufferization
// would fill the whole buffer and copy into it.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENEXPANDPADSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

namespace {

using Sizes = SmallVector<OpFoldResult>;

/// A part of a tensor.
struct Slab {
  Sizes offsets, sizes;
};

class PadExpander {
public:
  PadExpander(OpBuilder &builder, tensor::PadOp op)
      : builder(builder), op(op), loc(op.getLoc()), low(op.getMixedLowPad()), high(op.getMixedHighPad()),
        inner(tensor::getMixedSizes(builder, loc, op.getSource())) {
    AffineExpr a, b, c;
    bindDims(builder.getContext(), a, b, c);
    for (auto [size, before, after] : llvm::zip_equal(inner, low, high))
      outer.push_back(affine::makeComposedFoldedAffineApply(builder, loc, a + b + c, {size, before, after}));
  }

  /// All but the source.
  Value buildBorder(Value padding) {
    // Not an empty tensor, which would be merged with those of other pads, and their borders too.
    SmallVector<int64_t> shape;
    SmallVector<Value> sizes;
    dispatchIndexOpFoldResults(outer, sizes, shape);
    auto type = RankedTensorType::get(shape, op.getResultType().getElementType());
    Value whole = bufferization::AllocTensorOp::create(builder, loc, type, sizes);
    for (const Slab &slab : getBorder())
      whole = fill(padding, whole, slab);
    return whole;
  }

  Value insertSource(Value border) {
    Sizes ones(inner.size(), builder.getIndexAttr(1));
    Value whole = tensor::InsertSliceOp::create(builder, loc, op.getSource(), border, low, inner, ones);
    if (whole.getType() != op.getType())
      whole = tensor::CastOp::create(builder, loc, op.getType(), whole);
    return whole;
  }

private:
  bool isPadded(int64_t dim) const { return !isZeroInteger(low[dim]) || !isZeroInteger(high[dim]); }

  /// Slabs that cover all but the source. Where the innermost dimension is padded they would be thin: the whole is one.
  SmallVector<Slab> getBorder() {
    int64_t rank = inner.size();
    Slab rest{Sizes(rank, builder.getIndexAttr(0)), outer};
    if (rank == 0 || isPadded(rank - 1))
      return {rest};
    SmallVector<Slab> border;
    for (int64_t dim = 0; dim < rank; ++dim) {
      Slab slab = rest;
      slab.sizes[dim] = low[dim];
      if (!isZeroInteger(low[dim]))
        border.push_back(slab);
      slab.sizes[dim] = high[dim];
      AffineExpr a, b;
      bindDims(builder.getContext(), a, b);
      slab.offsets[dim] = affine::makeComposedFoldedAffineApply(builder, loc, a + b, {low[dim], inner[dim]});
      if (!isZeroInteger(high[dim]))
        border.push_back(slab);
      rest.offsets[dim] = low[dim];
      rest.sizes[dim] = inner[dim];
    }
    return border;
  }

  Value fill(Value padding, Value whole, const Slab &slab) {
    Sizes ones(slab.sizes.size(), builder.getIndexAttr(1));
    Value part = tensor::ExtractSliceOp::create(builder, loc, whole, slab.offsets, slab.sizes, ones);
    Value filled = linalg::FillOp::create(builder, loc, padding, part).getResult(0);
    return tensor::InsertSliceOp::create(builder, loc, filled, whole, slab.offsets, slab.sizes, ones);
  }

  OpBuilder &builder;
  tensor::PadOp op;
  Location loc;
  Sizes low, high, inner, outer;
};

} // namespace

/// The first of the operations in this block that write the parts of `tensor`, one after the other, or null.
static Operation *findFirstWriter(Value tensor) {
  Operation *first = nullptr;
  Block *block = tensor.getParentBlock();
  while (Operation *def = tensor.getDefiningOp()) {
    if (def->getBlock() != block)
      break;
    auto result = cast<OpResult>(tensor);
    if (auto loop = dyn_cast<scf::ForOp>(def))
      tensor = loop.getInitArgs()[result.getResultNumber()];
    else if (auto op = dyn_cast<linalg::LinalgOp>(def))
      tensor = op.getTiedOpOperand(result)->get();
    else
      break;
    first = def;
  }
  return first;
}

/// Other uses of the source read it in `padded`.
static void readFromPadded(OpBuilder &builder, tensor::PadOp op, Value padded) {
  Sizes sizes = tensor::getMixedSizes(builder, op.getLoc(), op.getSource());
  Sizes ones(sizes.size(), builder.getIndexAttr(1));
  auto slice = tensor::ExtractSliceOp::create(builder, op.getLoc(), op.getSourceType(), padded, op.getMixedLowPad(),
                                              sizes, ones);
  op.getSource().replaceUsesWithIf(slice, [&](OpOperand &use) {
    return use.getOwner() != op && !isa<tensor::DimOp, tensor::InsertSliceOp>(use.getOwner());
  });
}

namespace {

struct ExpandPadsPass : public condense::impl::CodegenExpandPadsPassBase<ExpandPadsPass> {
  void runOnOperation() override {
    SmallVector<tensor::PadOp> pads;
    getOperation()->walk([&](tensor::PadOp op) { pads.push_back(op); });
    for (tensor::PadOp op : pads) {
      Value padding = op.getConstantPaddingValue();
      if (!padding)
        continue;
      expand(op, padding);
      op.erase();
      ++numExpanded;
    }
  }

  /// The border is written before the source is, if its size is known, and the source inserted at once: whoever writes
  /// the source can write it there, and what else reads it finds it there.
  void expand(tensor::PadOp op, Value padding) {
    OpBuilder builder(op);
    bool isStatic = op.getType().hasStaticShape() && op.getSourceType().hasStaticShape() && op.getLow().empty() &&
                    op.getHigh().empty() && matchPattern(padding, m_Constant());
    Operation *writer = isStatic ? findFirstWriter(op.getSource()) : nullptr;
    if (writer) {
      builder.setInsertionPoint(writer);
      padding = builder.clone(*padding.getDefiningOp())->getResult(0);
    }
    PadExpander expander(builder, op);
    Value padded = expander.buildBorder(padding);
    if (writer)
      builder.setInsertionPointAfter(op.getSource().getDefiningOp());
    padded = expander.insertSource(padded);
    if (writer && !op.getSource().hasOneUse())
      readFromPadded(builder, op, padded);
    op.replaceAllUsesWith(padded);
  }
};

} // namespace
