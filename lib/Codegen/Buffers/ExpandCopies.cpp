// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes copies between strided buffers as loops: over memcpy where the innermost elements lie one
// after the other in both (the rows of an image that is padded, for example), else over elements.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENEXPANDCOPIESPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// Whether the elements lie one after the other: LLVM lowers such a copy to memcpy.
static bool isContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && (memref.getLayout().isIdentity() ||
                    (memref.hasStaticShape() && memref.areTrailingDimsContiguous(memref.getRank())));
}

/// Number of innermost dimensions that are known and contiguous in both buffers; 0 if they hold too
/// few elements for a memcpy.
static int64_t countRowDims(MemRefType source, MemRefType target) {
  int64_t limit = std::min(source.getNumContiguousTrailingDims(), target.getNumContiguousTrailingDims());
  int64_t dims = 0, elements = 1;
  while (dims < limit) {
    int64_t d = source.getRank() - dims - 1;
    if (source.isDynamicDim(d) || target.isDynamicDim(d))
      break;
    elements *= source.getDimSize(d);
    ++dims;
  }
  return elements >= 16 ? dims : 0;
}

/// The innermost `dims` dimensions of `buffer` at the outer indices `at`.
static Value getRow(OpBuilder &builder, Location loc, Value buffer, ValueRange at, int64_t dims) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<OpFoldResult> offsets = getAsOpFoldResult(at), sizes, strides;
  offsets.resize(type.getRank(), builder.getIndexAttr(0));
  strides.resize(type.getRank(), builder.getIndexAttr(1));
  sizes.resize(at.size(), builder.getIndexAttr(1));
  ArrayRef<int64_t> shape = type.getShape().take_back(dims);
  for (int64_t size : shape)
    sizes.push_back(builder.getIndexAttr(size));
  auto rowType = memref::SubViewOp::inferRankReducedResultType(shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(builder, loc, cast<MemRefType>(rowType), buffer, offsets, sizes, strides);
}

/// Copies row by row. Returns false if the rows are not contiguous.
static bool copyRows(OpBuilder &builder, memref::CopyOp op) {
  auto source = dyn_cast<MemRefType>(op.getSource().getType());
  auto target = dyn_cast<MemRefType>(op.getTarget().getType());
  int64_t dims = source && target ? countRowDims(source, target) : 0;
  if (dims == 0)
    return false;
  Location loc = op.getLoc();
  SmallVector<Value> indices;
  for (int64_t d = 0; d < source.getRank() - dims; ++d) {
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value size = memref::DimOp::create(builder, loc, op.getSource(), d);
    auto loop = scf::ForOp::create(builder, loc, zero, size, one);
    indices.push_back(loop.getInductionVar());
    builder.setInsertionPointToStart(loop.getBody());
  }
  memref::CopyOp::create(builder, loc, getRow(builder, loc, op.getSource(), indices, dims),
                         getRow(builder, loc, op.getTarget(), indices, dims));
  return true;
}

namespace {

struct ExpandCopiesPass : public condense::impl::CodegenExpandCopiesPassBase<ExpandCopiesPass> {
  void runOnOperation() override {
    SmallVector<memref::CopyOp> copies;
    getOperation()->walk([&](memref::CopyOp op) {
      if (!isContiguous(op.getSource().getType()) || !isContiguous(op.getTarget().getType()))
        copies.push_back(op);
    });
    for (memref::CopyOp op : copies) {
      OpBuilder builder(op);
      if (!copyRows(builder, op))
        linalg::makeMemRefCopyOp(builder, op.getLoc(), op.getSource(), op.getTarget());
      op.erase();
      ++numExpanded;
    }
  }
};

} // namespace
