// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors of integers narrower than a byte are stored with a byte per element, as single ones are.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENNARROWINTEGERSASBYTESPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

/// The buffer seen as bytes.
static Value asBytes(OpBuilder &builder, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Type bytes = MemRefType::Builder(type).setElementType(builder.getI8Type());
  return UnrealizedConversionCastOp::create(builder, buffer.getLoc(), bytes, buffer).getResult(0);
}

static VectorType asBytes(VectorType type) { return type.clone(IntegerType::get(type.getContext(), 8)); }

/// The lanes of `bytes` as `type`. A bool that a caller passes may be any byte but 0 for true.
static Value narrow(OpBuilder &builder, Value bytes, Type type) {
  Location loc = bytes.getLoc();
  if (!getElementTypeOrSelf(type).isInteger(1))
    return arith::TruncIOp::create(builder, loc, type, bytes);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(bytes.getType()));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, bytes, zero);
}

/// Zero-extended: LLVM relies on the other bits of the byte being 0.
static Value extend(OpBuilder &builder, Value value, Type type) {
  return arith::ExtUIOp::create(builder, value.getLoc(), type, value);
}

static Value readBytes(OpBuilder &builder, vector::TransferReadOp op) {
  Value padding = extend(builder, op.getPadding(), builder.getI8Type());
  return vector::TransferReadOp::create(builder, op.getLoc(), asBytes(op.getVectorType()),
                                        asBytes(builder, op.getBase()), op.getIndices(), op.getPermutationMapAttr(),
                                        padding, op.getMask(), op.getInBoundsAttr());
}

static void writeBytes(OpBuilder &builder, vector::TransferWriteOp op) {
  Value bytes = extend(builder, op.getVector(), asBytes(op.getVectorType()));
  vector::TransferWriteOp::create(builder, op.getLoc(), bytes, asBytes(builder, op.getBase()), op.getIndices(),
                                  op.getPermutationMapAttr(), op.getMask(), op.getInBoundsAttr());
}

static bool isNarrow(Value buffer) {
  auto type = dyn_cast<MemRefType>(buffer.getType());
  return type && type.getElementType().isInteger() && type.getElementTypeBitWidth() < 8;
}

namespace {

struct NarrowIntegersAsBytesPass
    : public condense::impl::CodegenNarrowIntegersAsBytesPassBase<NarrowIntegersAsBytesPass> {
  void runOnOperation() override {
    SmallVector<Operation *> changed;
    getOperation()->walk([&](Operation *op) {
      if (rewrite(op))
        changed.push_back(op);
    });
    for (Operation *op : changed)
      op->erase();
    numAccesses += changed.size();
  }

  bool rewrite(Operation *op) {
    OpBuilder builder(op);
    if (auto read = dyn_cast<vector::TransferReadOp>(op); read && isNarrow(read.getBase())) {
      op->getResult(0).replaceAllUsesWith(narrow(builder, readBytes(builder, read), read.getType()));
      return true;
    }
    if (auto load = dyn_cast<vector::LoadOp>(op); load && isNarrow(load.getBase())) {
      Value bytes = vector::LoadOp::create(builder, load.getLoc(), asBytes(load.getVectorType()),
                                           asBytes(builder, load.getBase()), load.getIndices());
      op->getResult(0).replaceAllUsesWith(narrow(builder, bytes, load.getType()));
      return true;
    }
    if (auto write = dyn_cast<vector::TransferWriteOp>(op); write && isNarrow(write.getBase())) {
      writeBytes(builder, write);
      return true;
    }
    if (auto store = dyn_cast<vector::StoreOp>(op); store && isNarrow(store.getBase())) {
      Value bytes = extend(builder, store.getValueToStore(), asBytes(store.getVectorType()));
      vector::StoreOp::create(builder, store.getLoc(), bytes, asBytes(builder, store.getBase()), store.getIndices());
      return true;
    }
    return false;
  }
};

} // namespace
