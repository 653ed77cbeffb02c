// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes arguments of the leaves that are trained.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_OUTLINEPARAMETERSPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// Gives a role to every argument, or result, that has none.
static void setRoles(func::FuncOp network) {
  auto role = [&](Role role) { return RoleAttr::get(network.getContext(), role); };
  for (unsigned i = 0, e = network.getNumArguments(); i != e; ++i)
    if (!getArgRole(network, i))
      network.setArgAttr(i, TrainDialect::kRoleAttrName, role(Role::Input));
  for (unsigned i = 0, e = network.getNumResults(); i != e; ++i)
    if (!getResultRole(network, i))
      network.setResultAttr(i, TrainDialect::kRoleAttrName, role(Role::Output));
}

namespace {
struct OutlineParametersPass : train::impl::OutlineParametersPassBase<OutlineParametersPass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network)
      return signalPassFailure();
    LeafFilter filter{{trainable.begin(), trainable.end()}, {frozen.begin(), frozen.end()}};
    FailureOr<std::vector<Leaf>> leaves = findTrainableLeaves(network, filter);
    if (failed(leaves))
      return signalPassFailure();
    bool hasParameters = llvm::any_of(*leaves, [](const Leaf &leaf) { return !leaf.isState(); });
    if (!hasParameters) {
      network.emitError() << "there is nothing to train in @" << function
                          << ": expected a layer with a constant weight of floats that is not frozen";
      return signalPassFailure();
    }
    numFrozen += findLeaves(network).size() - leaves->size();
    setRoles(network);
    for (bool states : {false, true})
      for (const Leaf &leaf : *leaves)
        if (leaf.isState() == states)
          outline(network, leaf);
  }

private:
  void outline(func::FuncOp network, const Leaf &leaf) {
    RankedTensorType type = getParameterType(leaf);
    unsigned index = network.getNumArguments();
    DictionaryAttr attributes = makeRole(&getContext(), leaf.isState() ? Role::State : Role::Parameter, leaf.name);
    (void)network.insertArgument(index, type, attributes, leaf.value.getLoc());
    if (leaf.kind != LeafKind::Weight && !leaf.isState())
      network.setArgAttr(index, TrainDialect::kNoDecayAttrName, UnitAttr::get(&getContext()));
    Value argument = network.getArgument(index);
    if (type != leaf.getType()) {
      OpBuilder builder = OpBuilder::atBlockBegin(&network.front());
      Type element = leaf.getType().getElementType();
      argument = nn::CastOp::create(builder, leaf.value.getLoc(), leaf.getType(), argument, element);
    }
    for (OpOperand *use : leaf.uses)
      use->set(argument);
    if (Operation *constant = leaf.value.getDefiningOp(); constant->use_empty())
      constant->erase();
    numParameters += !leaf.isState();
    numElements += leaf.isState() ? 0 : type.getNumElements();
  }
};
} // namespace
