// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Replaces compress operations by their reference decomposition, and removes
// the casts between `uiN` and `iN` that meet or that a constant can absorb.

#include "condense/Conversion/CompressToLinalg/CompressToLinalg.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace condense {
#define GEN_PASS_DEF_CONVERTCOMPRESSTOLINALGPASS
#include "condense/Conversion/CompressToLinalg/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// What replaces the result of `op`; null for operations of other dialects.
static FailureOr<Value> decompose(Operation *op, OpBuilder &builder) {
  if (auto decompress = dyn_cast<DecompressOpInterface>(op))
    return decompress.decompose(builder);
  if (auto quantize = dyn_cast<QuantizeOp>(op))
    return quantize.decompose(builder);
  if (auto observe = dyn_cast<ObserveOp>(op))
    return observe.getInput();
  return Value();
}

/// The same constant with the type `type`, which differs in signedness only.
static TypedAttr withSignedness(Attribute value, ShapedType type) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.bitcast(type.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}

static bool isSignednessCast(UnrealizedConversionCastOp cast) {
  return cast.getNumOperands() == 1 && cast.getNumResults() == 1 &&
         isa<RankedTensorType>(cast.getOperand(0).getType()) &&
         getSignlessType(cast.getOperand(0).getType()) == getSignlessType(cast.getResult(0).getType());
}

static void foldCast(UnrealizedConversionCastOp cast) {
  Value source = cast.getOperand(0);
  auto type = dyn_cast<ShapedType>(cast.getResult(0).getType());
  if (auto inner = source.getDefiningOp<UnrealizedConversionCastOp>();
      inner && isSignednessCast(inner) && inner.getOperand(0).getType() == type) {
    cast.getResult(0).replaceAllUsesWith(inner.getOperand(0));
    cast.erase();
    return;
  }
  Attribute value;
  if (!matchPattern(source, m_Constant(&value)))
    return;
  TypedAttr typed = withSignedness(value, type);
  if (!typed)
    return;
  OpBuilder builder(cast);
  cast.getResult(0).replaceAllUsesWith(arith::ConstantOp::create(builder, source.getLoc(), typed));
  cast.erase();
  if (Operation *constant = source.getDefiningOp(); constant->use_empty())
    constant->erase();
}

namespace {
struct ConvertCompressToLinalgPass
    : public condense::impl::ConvertCompressToLinalgPassBase<ConvertCompressToLinalgPass> {
  void runOnOperation() override {
    // Consumers first: dequantize takes the bytes of the unpack that it reads.
    SmallVector<Operation *> operations;
    getOperation()->walk([&](Operation *op) {
      if (isa<CompressDialect>(op->getDialect()))
        operations.push_back(op);
    });
    for (Operation *op : llvm::reverse(operations)) {
      if (isOpTriviallyDead(op)) {
        op->erase();
        continue;
      }
      OpBuilder builder(op);
      FailureOr<Value> value = decompose(op, builder);
      if (failed(value) || !*value) {
        op->emitOpError("has no reference decomposition");
        return signalPassFailure();
      }
      op->getResult(0).replaceAllUsesWith(*value);
      op->erase();
      ++converted;
    }
    SmallVector<UnrealizedConversionCastOp> casts;
    getOperation()->walk([&](UnrealizedConversionCastOp cast) {
      if (isSignednessCast(cast))
        casts.push_back(cast);
    });
    // Consumers first: an inner cast is then without uses when its turn comes.
    for (UnrealizedConversionCastOp cast : llvm::reverse(casts)) {
      if (cast->use_empty())
        cast.erase();
      else
        foldCast(cast);
    }
  }
};
} // namespace
