// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// x = codebook[block][index]: an entry gets the sum of dx over the elements that read it (the cluster gradient of
// Deep Compression, Han et al., arXiv:1510.00149, section 3.3).

#include "Rules.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static Value createInteger(nn::Adjoints &b, Type type, int64_t value) {
  auto tensor = RankedTensorType::get({}, type);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(tensor, b.getIntegerAttr(type, value)));
}

/// The number in the flat codebooks of the entry that each element reads, as i32 in blocks.
static Value createPositions(LookupOp op, nn::Adjoints &b, const Blocks &blocks, int64_t entries) {
  Type i32 = b.getI32Type();
  Value index = nn::CastOp::create(b, op.getIndices(), i32);
  unsigned width = getCodeWidth(getElementTypeOrSelf(op.getIndices()));
  // Indices are unsigned, whatever the sign of their type; the last entry serves those beyond.
  if (width < 32)
    index = nn::AndOp::create(b, index, createInteger(b, i32, (int64_t(1) << width) - 1));
  index = nn::MinOp::create(b, index, createInteger(b, i32, entries - 1));
  index = nn::ReshapeOp::create(b, index, blocks.shape);
  if (blocks.count == 1)
    return index;
  SmallVector<int32_t> starts;
  for (int64_t block = 0; block < blocks.count; ++block)
    starts.push_back(block * entries);
  auto type = RankedTensorType::get(blocks.perBlock, i32);
  Value start = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<int32_t>(starts)));
  return nn::AddOp::create(b, index, start);
}

LogicalResult condense::compress::differentiate(LookupOp op, nn::Adjoints &b) {
  RankedTensorType type = op.getOutput().getType(), book = op.getCodebook().getType();
  if (!b.needs(1))
    return success();
  if (!type.hasStaticShape() || !book.hasStaticShape())
    return op.emitOpError("has no adjoint for a tensor of unknown shape");
  int64_t entries = book.getShape().back(), elements = type.getNumElements();
  Blocks blocks(type.getShape(), book.getShape().drop_back());
  Value positions = nn::ReshapeOp::create(b, createPositions(op, b, blocks, entries), ArrayRef<int64_t>(elements));
  Value adjoint = b.reshape(b.of(), elements);
  auto flat = RankedTensorType::get(blocks.count * entries, type.getElementType());
  Value like = arith::ConstantOp::create(b, b.getZeroAttr(flat));
  Value sums = nn::GatherGradientOp::create(b, adjoint, positions, like, /*axis=*/0, /*clamped=*/true);
  b.set(1, b.cast(b.reshape(sums, book.getShape()), book.getElementType()));
  return success();
}
