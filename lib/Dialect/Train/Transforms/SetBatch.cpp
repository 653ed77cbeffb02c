// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fixes the batch size of a network.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_SETBATCHPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// A reshape of one sample names its batch: that becomes the new one.
static void setBatchOfReshape(nn::ReshapeOp reshape, int64_t batch) {
  SmallVector<int64_t> shape(reshape.getShape());
  auto input = cast<RankedTensorType>(reshape.getInput().getType());
  if (shape.empty() || shape.front() < 1)
    return;
  int64_t elements = 1;
  for (auto [dim, size] : llvm::enumerate(shape))
    elements *= size > 0 ? size : size == 0 ? input.getDimSize(dim) : 1;
  bool isWhole = !llvm::is_contained(shape, -1) && elements == input.getNumElements();
  if (isWhole)
    return;
  // samples follow each other in row-major order
  shape.front() *= batch;
  reshape.setShape(shape);
}

/// The types of the results for operands of new types.
static LogicalResult inferTypes(Operation *op, SmallVectorImpl<Type> &types) {
  if (auto infer = dyn_cast<InferTypeOpInterface>(op))
    return infer.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(), op->getAttrDictionary(),
                                  op->getPropertiesStorage(), op->getRegions(), types);
  // of the shape of their first operand
  if (!isa<compress::QuantizeOp, compress::DequantizeOp, compress::LookupOp, compress::ObserveOp>(op))
    return op->emitOpError() << "has a type that does not follow from those of its operands: the batch size cannot be "
                                "fixed; give a network of nn operations";
  auto input = cast<RankedTensorType>(op->getOperand(0).getType());
  auto output = cast<RankedTensorType>(op->getResult(0).getType());
  types.push_back(output.clone(input.getShape()));
  return success();
}

namespace {
struct SetBatchPass : train::impl::SetBatchPassBase<SetBatchPass> {
  using Base::Base;

  void runOnOperation() override {
    if (optional && !getOperation().lookupSymbol(function))
      return;
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network || failed(setInputs(network)) || failed(propagate(network)))
      return signalPassFailure();
    network.setFunctionType(FunctionType::get(&getContext(), network.front().getArgumentTypes(),
                                              network.front().getTerminator()->getOperandTypes()));
  }

private:
  LogicalResult setInputs(func::FuncOp network) {
    if (batch < 1)
      return network.emitError() << "batch: " << int64_t(batch) << " is not positive";
    for (BlockArgument argument : network.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type || type.getRank() == 0)
        continue;
      SmallVector<int64_t> shape(type.getShape());
      isRebatched |= shape.front() == 1 && batch != 1;
      if (ShapedType::isDynamic(shape.front()) || shape.front() == 1)
        shape.front() = batch;
      if (llvm::is_contained(shape, ShapedType::kDynamic))
        return network.emitError() << "argument " << argument.getArgNumber() << " of type " << type
                                   << " has a dynamic dimension besides the batch; export the model with a fixed one";
      argument.setType(type.clone(shape));
    }
    return success();
  }

  LogicalResult propagate(func::FuncOp network) {
    llvm::DenseSet<Value> varying(network.args_begin(), network.args_end());
    for (Operation &op : network.front().without_terminator()) {
      if (llvm::none_of(op.getOperands(), [&](Value operand) { return varying.contains(operand); }))
        continue;
      varying.insert(op.result_begin(), op.result_end());
      if (auto reshape = dyn_cast<nn::ReshapeOp>(op); reshape && isRebatched)
        setBatchOfReshape(reshape, batch);
      SmallVector<Type> types;
      if (failed(inferTypes(&op, types)))
        return failure();
      for (auto [result, type] : llvm::zip_equal(op.getResults(), types))
        result.setType(type);
    }
    return isRebatched ? checkOutputs(network) : success();
  }

  /// What was made for one sample must not have mixed up several.
  LogicalResult checkOutputs(func::FuncOp network) {
    for (auto [index, type] : llvm::enumerate(network.front().getTerminator()->getOperandTypes())) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || tensor.getRank() == 0 || tensor.getDimSize(0) != batch)
        return network.emitError() << "result " << index << " would be " << type << " for a batch of " << int64_t(batch)
                                   << ": the model is made for one sample; export it with a dynamic batch";
    }
    return success();
  }

  bool isRebatched = false;
};
} // namespace
