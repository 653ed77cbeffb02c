// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decodes 8-bit floats by integer arithmetic: no CPU target converts them.

#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/FloatDecoding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENEXPANDFLOAT8PASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

static bool isNarrow(Type type) {
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  return element && element.getWidth() <= 8;
}

static bool isDecodable(Type type) { return isa<Float8E4M3FNType, Float8E5M2Type, Float8E8M0FNUType>(type); }

/// Bits may move; computing with them is another matter.
static bool movesBits(Operation *op) { return isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp>(op); }

/// An arithmetic operation that reads or makes floats of at most 8 bits.
static Type findNarrowFloat(Operation *op) {
  if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) || movesBits(op))
    return {};
  for (Type type : op->getOperandTypes())
    if (isNarrow(type))
      return getElementTypeOrSelf(type);
  for (Type type : op->getResultTypes())
    if (isNarrow(type))
      return getElementTypeOrSelf(type);
  return {};
}

namespace {

struct ExpandFloat8Pass : condense::impl::CodegenExpandFloat8PassBase<ExpandFloat8Pass> {
  void runOnOperation() override {
    SmallVector<Operation *> operations;
    getOperation().walk([&](Operation *op) {
      if (findNarrowFloat(op))
        operations.push_back(op);
    });
    for (Operation *op : operations)
      if (failed(expand(op)))
        return signalPassFailure();
  }

  LogicalResult expand(Operation *op) {
    auto extension = dyn_cast<arith::ExtFOp>(op);
    if (!extension || !isDecodable(extension.getIn().getType()))
      return op->emitOpError() << "computes with " << findNarrowFloat(op)
                               << ", which compiled models store but cannot compute with: convert it from "
                                  "f8E4M3FN, f8E5M2 or f8E8M0FNU first, and to codes by compress.quantize";
    OpBuilder builder(op);
    ImplicitLocOpBuilder b(op->getLoc(), builder);
    extension.replaceAllUsesWith(compress::buildNumber(b, extension.getIn(), extension.getType()));
    extension.erase();
    ++numExpanded;
    return success();
  }
};

} // namespace
