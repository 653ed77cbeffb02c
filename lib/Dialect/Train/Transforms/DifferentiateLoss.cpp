// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Differentiates the loss with respect to the parameters.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Differentiate.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_DIFFERENTIATELOSSPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {
struct DifferentiateLossPass : train::impl::DifferentiateLossPassBase<DifferentiateLossPass> {
  void runOnOperation() override {
    func::FuncOp loss = findFunction(getOperation(), "loss");
    if (!loss)
      return signalPassFailure();
    SmallVector<unsigned> parameters = getArgsOfRole(loss, Role::Parameter);
    if (parameters.empty() || getResultsOfRole(loss, Role::Loss) != SmallVector<unsigned>{0}) {
      loss.emitError() << "@loss has " << parameters.size()
                       << " parameters: expected some, and the loss as first result; see train-outline-parameters and "
                          "train-attach-loss";
      return signalPassFailure();
    }
    unsigned first = loss.getNumResults();
    FailureOr<func::FuncOp> gradient = nn::differentiate(loss, parameters, "loss_gradient");
    if (failed(gradient))
      return signalPassFailure();
    for (unsigned i = 0, e = parameters.size(); i != e; ++i)
      gradient->setResultAttr(first + i, TrainDialect::kRoleAttrName, RoleAttr::get(&getContext(), Role::Gradient));
    loss.erase();
    numGradients += parameters.size();
  }
};
} // namespace
