// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables of 16 numbers of 32 bits as one wide integer.

#include "RowTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

static constexpr unsigned kEntries = 16, kEntryBits = 32;

IntegerType condense::codegen::getRowTableType(MLIRContext *context) {
  return IntegerType::get(context, kEntries * kEntryBits);
}

bool condense::codegen::isRowTable(Type type) { return type.isInteger(kEntries * kEntryBits); }

Value condense::codegen::buildRowTableEntry(ImplicitLocOpBuilder &b, Value table, Value number) {
  Type type = table.getType();
  Value width = arith::ConstantOp::create(b, b.getIntegerAttr(type, kEntryBits));
  Value offset = arith::MulIOp::create(b, arith::ExtUIOp::create(b, type, number), width);
  Value bits = arith::TruncIOp::create(b, b.getI32Type(), arith::ShRUIOp::create(b, table, offset));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

std::optional<std::pair<Value, Value>> condense::codegen::matchRowTableBits(Operation *op) {
  auto truncate = dyn_cast<arith::TruncIOp>(op);
  auto shift = truncate ? truncate.getIn().getDefiningOp<arith::ShRUIOp>() : nullptr;
  auto offset = shift && isRowTable(shift.getType()) ? shift.getRhs().getDefiningOp<arith::MulIOp>() : nullptr;
  auto extend = offset ? offset.getLhs().getDefiningOp<arith::ExtUIOp>() : nullptr;
  if (!extend || !truncate.getType().isInteger(kEntryBits))
    return std::nullopt;
  return std::pair(shift.getLhs(), extend.getIn());
}

Value condense::codegen::createRowTableLookup(OpBuilder &builder, Location loc, Value table, Value numbers) {
  auto words = VectorType::get(kEntries, builder.getI32Type());
  Value whole = vector::BroadcastOp::create(builder, loc, VectorType::get(1, table.getType()), table);
  Value entries = vector::BitCastOp::create(builder, loc, words, whole);
  Value index = arith::ExtUIOp::create(builder, loc, words, numbers);
  return LLVM::CallIntrinsicOp::create(builder, loc, TypeRange(words),
                                       builder.getStringAttr("llvm.x86.avx512.permvar.si.512"),
                                       ValueRange{entries, index}, LLVM::FastmathFlagsAttr())
      .getResults();
}
