// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Asks every operation of a function how the indices of its operands and results correspond.

#include "condense/Analysis/ChannelGroups.h"

#include "IndexRelations.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/OpDefinition.h"

using namespace mlir;
using namespace condense;

/// A constant can be cut if its elements can be read.
static bool relateConstant(Operation *op, IndexRelations &relations) {
  if (!op->hasTrait<OpTrait::ConstantLike>())
    return false;
  if (!getTensorConstant(op->getResult(0)))
    relations.keepAll(op->getResults(), "has elements that cannot be read");
  return true;
}

static void relate(Operation *op, IndexRelations &relations, const ChannelGroupOptions &options) {
  if (relateConstant(op, relations) || relateElementwise(op, relations) || relateProducts(op, relations) ||
      relateImages(op, relations) || relateNormalisation(op, relations, options.acrossNormalisation) ||
      relateReductions(op, relations, options.acrossNormalisation) || relateSlicing(op, relations) ||
      relateTranspose(op, relations))
    return;
  StringRef reason =
      op->hasTrait<OpTrait::IsTerminator>() ? "is the interface of the model" : "is not known to keep channels apart";
  relations.keepAll(op->getOperands(), reason);
  relations.keepAll(op->getResults(), reason);
}

std::vector<ChannelGroup> condense::findChannelGroups(Operation *function, const ChannelGroupOptions &options) {
  IndexRelations relations;
  relations.setOperation(function);
  std::vector<Operation *> reshapes;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments()) {
          relations.add(argument);
          relations.keepAll(argument, "has it as an input");
        }
    for (Value result : op->getResults())
      relations.add(result);
  });
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == function)
      return;
    relations.setOperation(op);
    if (isReshape(op))
      reshapes.push_back(op);
    else
      relate(op, relations, options);
  });
  for (Operation *op : reshapes) {
    relations.setOperation(op);
    relateReshape(op, relations);
  }
  return relations.getGroups();
}
