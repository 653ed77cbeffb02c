// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes padding around what is padded, so that whoever computes that can write it where it is read: bufferization
// would fill the whole buffer and copy into it.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

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

  Value expand(Value padding) {
    Value whole = tensor::EmptyOp::create(builder, loc, outer, op.getResultType().getElementType());
    for (const Slab &slab : getBorder())
      whole = fill(padding, whole, slab);
    Sizes ones(inner.size(), builder.getIndexAttr(1));
    whole = tensor::InsertSliceOp::create(builder, loc, op.getSource(), whole, low, inner, ones);
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

struct ExpandPadsPass : public condense::impl::CodegenExpandPadsPassBase<ExpandPadsPass> {
  void runOnOperation() override {
    SmallVector<tensor::PadOp> pads;
    getOperation()->walk([&](tensor::PadOp op) { pads.push_back(op); });
    for (tensor::PadOp op : pads) {
      Value padding = op.getConstantPaddingValue();
      if (!padding)
        continue;
      OpBuilder builder(op);
      op.replaceAllUsesWith(PadExpander(builder, op).expand(padding));
      op.erase();
      ++numExpanded;
    }
  }
};

} // namespace
