// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates the operations that kernels cannot fuse, so that what is left of a weight
// expression is constants and what is read element by element.

#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Conversion/CompressToLinalg/CompressToLinalg.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/Packing.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace condense {
#define GEN_PASS_DEF_FOLDDECODERSPASS
#include "condense/Conversion/CompressToLinalg/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Whether kernels cannot compute single elements of the result.
static bool decodesAsAWhole(Operation *op) { return isa<EntropyDecodeOp, JoinPlanesOp, ScatterOp>(op); }

/// A name for the constant: that of a leaf.
static std::string getConstantName(Operation *op) {
  FailureOr<SmallVector<Value>> leaves = getWeightLeaves(op->getResult(0));
  for (Value leaf : leaves.value_or(SmallVector<Value>()))
    if (std::optional<TensorConstant> constant = getTensorConstant(leaf); constant && !constant->getName().empty())
      return constant->getName().str();
  return getLayerName(op->getLoc()).str();
}

/// The tensor as kernels read it: codes that are no bytes are packed.
static Value createConstant(OpBuilder &builder, Location loc, const HostTensor &tensor, StringRef name) {
  RankedTensorType type = tensor.getType();
  Type element = type.getElementType();
  std::vector<char> bytes = tensor.getBytes().vec();
  bool isByteCode = isWeightStorage(element) && !element.isSignlessInteger(8);
  if (!isByteCode)
    return createTensorConstant(builder, loc, type, std::move(bytes), name);
  unsigned width = getCodeWidth(element);
  std::vector<char> packed(numerics::getPackedSize(bytes.size(), width));
  numerics::packCodes({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}, width,
                      {reinterpret_cast<uint8_t *>(packed.data()), packed.size()});
  auto packedType = RankedTensorType::get(packed.size(), builder.getI8Type());
  Value constant = createTensorConstant(builder, loc, packedType, std::move(packed), name);
  return UnpackOp::create(builder, loc, type, constant);
}

/// Erases `op` and what only it used.
static void eraseWithOperands(Operation *op) {
  SmallVector<Operation *> pending{op};
  while (!pending.empty()) {
    Operation *next = pending.pop_back_val();
    if (!next || !isOpTriviallyDead(next))
      continue;
    SmallVector<Value> operands(next->getOperands());
    next->erase();
    for (Value operand : operands)
      if (!llvm::is_contained(pending, operand.getDefiningOp()))
        pending.push_back(operand.getDefiningOp());
  }
}

namespace {
struct FoldDecodersPass : public condense::impl::FoldDecodersPassBase<FoldDecodersPass> {
  void runOnOperation() override {
    // Consumers first: what is evaluated inside of an expression needs no constant of its own.
    while (Operation *op = findOutermost())
      if (failed(fold(op)))
        return signalPassFailure();
  }

private:
  Operation *findOutermost() {
    Operation *last = nullptr;
    getOperation()->walk([&](Operation *op) {
      if (decodesAsAWhole(op) && isConstantExpression(op->getResult(0)))
        last = op;
    });
    return last;
  }

  LogicalResult fold(Operation *op) {
    FailureOr<HostTensor> value = evaluateExpression(op->getResult(0));
    if (failed(value))
      return op->emitOpError("cannot be decoded: its constants are damaged, or do not belong together; "
                             "compress the model again");
    bytesBefore += getStoredBytes(op->getResult(0)).value_or(0);
    OpBuilder builder(op);
    Value constant = createConstant(builder, op->getLoc(), *value, getConstantName(op));
    bytesAfter += getStoredBytes(constant).value_or(0);
    op->getResult(0).replaceAllUsesWith(constant);
    eraseWithOperands(op);
    ++folded;
    return success();
  }
};
} // namespace
