// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Batch normalisation in training mode, with running statistics.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/LossFunction.h"
#include "condense/Dialect/Train/Transforms/Passes.h"

namespace condense::train {
#define GEN_PASS_DEF_BATCHNORMPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// The number of the argument with the role state that a value is.
static std::optional<unsigned> getState(func::FuncOp network, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &network.front() ||
      getArgRole(network, argument.getArgNumber()) != Role::State)
    return std::nullopt;
  return argument.getArgNumber();
}

/// momentum * running + (1 - momentum) * correction * batch
static Value blend(ImplicitLocOpBuilder &b, Value running, Value batch, double momentum, double correction) {
  Type type = running.getType(), element = getElementTypeOrSelf(type);
  Value kept = nn::MulOp::create(b, type, running, createScalar(b, element, momentum));
  Value added = nn::MulOp::create(b, type, batch, createScalar(b, element, (1 - momentum) * correction));
  return nn::AddOp::create(b, type, kept, added);
}

namespace {
struct BatchNormPass : train::impl::BatchNormPassBase<BatchNormPass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network || failed(checkMomentum(network)))
      return signalPassFailure();
    SmallVector<nn::BatchNormOp> ops;
    network.walk([&](nn::BatchNormOp op) {
      if (getState(network, op.getMean()) && getState(network, op.getVariance()))
        ops.push_back(op);
    });
    for (nn::BatchNormOp op : ops)
      if (failed(convert(network, op)))
        return signalPassFailure();
  }

private:
  LogicalResult checkMomentum(func::FuncOp network) {
    if (momentum >= 0 && momentum <= 1)
      return success();
    return network.emitError() << "momentum: " << momentum << " is not from 0 to 1";
  }

  LogicalResult convert(func::FuncOp network, nn::BatchNormOp op) {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    if (!type.hasStaticShape())
      return op.emitOpError() << "has a batch of unknown size; fix it with train-set-batch first";
    int64_t population = type.getNumElements() / std::max<int64_t>(1, type.getDimSize(op.getAxis()));
    if (population < 2)
      return op.emitOpError()
             << "has one element per channel in a batch, which has no variance: expected a larger batch";
    ImplicitLocOpBuilder b(op.getLoc(), op);
    auto training = nn::BatchNormTrainingOp::create(
        b, TypeRange{op.getType(), op.getMean().getType(), op.getVariance().getType()}, op.getInput(), op.getScale(),
        op.getBias(), op.getAxisAttr(), op.getEpsilonAttr());
    Value mean = blend(b, op.getMean(), training.getMean(), momentum, 1);
    Value variance = blend(b, op.getVariance(), training.getVariance(), momentum, population / (population - 1.0));
    addState(network, *getState(network, op.getMean()), mean);
    addState(network, *getState(network, op.getVariance()), variance);
    op.getOutput().replaceAllUsesWith(training.getOutput());
    op.erase();
    ++numConverted;
    return success();
  }

  /// Statistics that two normalisations share are blended twice: the last result counts.
  void addState(func::FuncOp network, unsigned argument, Value value) {
    auto returns = cast<func::ReturnOp>(network.front().getTerminator());
    StringRef name = getArgName(network, argument);
    for (unsigned result : getResultsOfRole(network, Role::State))
      if (getResultName(network, result) == name)
        return returns.setOperand(result, value);
    (void)network.insertResult(network.getNumResults(), value.getType(), makeRole(&getContext(), Role::State, name));
    returns->insertOperands(returns.getNumOperands(), value);
  }
};
} // namespace
