// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of scatter: loops that insert one value after the other into
// a flat tensor of zeros. Indices are limited, so that positions that are wrong cannot
// write or read outside of a tensor.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include "condense/Numerics/Pruning.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// Builds the loops of one scatter.
class ScatterBuilder {
public:
  ScatterBuilder(ScatterOp op, OpBuilder &builder)
      : op(op), layout(op), b(op.getLoc(), builder), values(toSignless(op.getValues())),
        positions(toSignless(op.getPositions())), count(op.getValues().getType().getNumElements()) {}

  Value build() {
    auto type = cast<RankedTensorType>(getSignlessType(op.getOutput().getType()));
    auto flat = RankedTensorType::get({type.getNumElements()}, type.getElementType());
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(flat.getElementType()));
    Value empty = tensor::EmptyOp::create(b, flat.getShape(), flat.getElementType());
    Value result = linalg::FillOp::create(b, zero, empty).getResult(0);
    if (count != 0 && type.getNumElements() != 0)
      result = op.getLayout().getFormat() == PositionFormat::Bitmap ? scatterBitmap(result) : scatterFields(result);
    return castTo(op.getOutput().getType(), reshape(result, type));
  }

private:
  Value castTo(Type type, Value value) {
    return value.getType() == type ? value : UnrealizedConversionCastOp::create(b, type, value).getResult(0);
  }
  Value toSignless(Value value) { return castTo(getSignlessType(value.getType()), value); }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulIOp::create(b, x, y); }
  Value div(Value x, int64_t y) { return arith::DivUIOp::create(b, x, index(y)); }
  Value rem(Value x, int64_t y) { return arith::RemUIOp::create(b, x, index(y)); }
  Value limit(Value x, int64_t size) { return arith::MinUIOp::create(b, x, index(size - 1)); }

  Value reshape(Value flat, RankedTensorType type) {
    if (type.getRank() == 1)
      return flat;
    if (type.getRank() == 0)
      return tensor::CollapseShapeOp::create(b, type, flat, ArrayRef<ReassociationIndices>{});
    ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    return tensor::ExpandShapeOp::create(b, type, flat, ArrayRef<ReassociationIndices>{all});
  }

  using Body = llvm::function_ref<SmallVector<Value>(Value, ValueRange)>;

  /// A loop over `0 ... size - 1` that carries values.
  SmallVector<Value> loop(Value size, ValueRange carried, Body body) {
    auto loop = scf::ForOp::create(b, index(0), size, index(1), carried);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> results = body(loop.getInductionVar(), loop.getRegionIterArgs());
    if (!carried.empty())
      scf::YieldOp::create(b, results);
    return loop.getResults();
  }

  /// Inserts value `next` at the element `place`, and counts it.
  SmallVector<Value> insert(Value result, Value next, Value place) {
    Value element = tensor::ExtractOp::create(b, values, limit(next, count));
    Value updated = tensor::InsertOp::create(b, element, result, place);
    return {updated, add(next, index(1))};
  }

  /// Inserts the next values at the block numbered `block`; carried: tensor, next value.
  SmallVector<Value> insertBlock(Value result, Value next, Value block) {
    block = limit(block, layout.getNumBlocks());
    if (layout.getBlockRows() == 1 && layout.getBlockColumns() == 1)
      return insert(result, next, block);
    int64_t rows = layout.getBlockRows(), columns = layout.getBlockColumns();
    Value row = mul(div(block, layout.getBlocksAcross()), index(rows));
    Value column = mul(rem(block, layout.getBlocksAcross()), index(columns));
    Value height = arith::MinUIOp::create(b, arith::SubIOp::create(b, index(layout.getRows()), row), index(rows));
    Value width =
        arith::MinUIOp::create(b, arith::SubIOp::create(b, index(layout.getColumns()), column), index(columns));
    return loop(height, {result, next}, [&](Value i, ValueRange outer) {
      return loop(width, outer, [&](Value j, ValueRange carried) {
        Value place = add(mul(add(row, i), index(layout.getColumns())), add(column, j));
        return insert(carried[0], carried[1], place);
      });
    });
  }

  Value scatterBitmap(Value zeros) {
    Type i8 = b.getI8Type();
    return loop(index(layout.getNumBlocks()), {zeros, index(0)}, [&](Value block, ValueRange carried) {
      Value byte = tensor::ExtractOp::create(b, positions, div(block, 8));
      Value shift = arith::IndexCastOp::create(b, i8, rem(block, 8));
      Value bit = arith::TruncIOp::create(b, b.getI1Type(), arith::ShRUIOp::create(b, byte, shift));
      auto branch = scf::IfOp::create(b, TypeRange(carried), bit, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, insertBlock(carried[0], carried[1], block));
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, carried);
      return SmallVector<Value>(branch.getResults());
    })[0];
  }

  /// The block of field `k`; `last` is the block before plus one.
  Value getBlock(Value k, Value field, Value last) {
    if (op.getLayout().getFormat() == PositionFormat::Relative)
      return add(last, field);
    if (op.getLayout().getFormat() == PositionFormat::List)
      return field;
    // As many values in each row, `n` in each group but the last.
    int64_t perRow = layout.getNumGroupValues() / layout.getRows();
    Value row = div(k, perRow), group = div(rem(k, perRow), op.getLayout().getN());
    Value column = limit(add(mul(group, index(op.getLayout().getM())), field), layout.getColumns());
    return add(mul(row, index(layout.getColumns())), column);
  }

  Value scatterFields(Value zeros) {
    Value size = index(op.getPositions().getType().getNumElements());
    return loop(size, {zeros, index(0), index(0)}, [&](Value k, ValueRange carried) {
      Value field = tensor::ExtractOp::create(b, positions, k);
      if (getCodeWidth(field.getType()) < 32)
        field = arith::ExtUIOp::create(b, b.getI32Type(), field);
      Value block = getBlock(k, arith::IndexCastUIOp::create(b, b.getIndexType(), field), carried[2]);
      SmallVector<Value> results = insertBlock(carried[0], carried[1], block);
      results.push_back(add(block, index(1)));
      return results;
    })[0];
  }

  ScatterOp op;
  ScatterLayout layout;
  ImplicitLocOpBuilder b;
  Value values, positions;
  int64_t count;
};

} // namespace

FailureOr<Value> ScatterOp::decompose(OpBuilder &builder) { return ScatterBuilder(*this, builder).build(); }
