// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Returns observed activations: calibration then needs no callback, it runs the
// compiled module and reads more results.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace condense::compress {
#define GEN_PASS_DEF_LOWEROBSERVERSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Adds a result to the function for each observer, in their order.
static LogicalResult returnObserved(func::FuncOp function, ArrayRef<ObserveOp> observers) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("cannot return observed activations: requires a single block");
  OpBuilder builder(function.getContext());
  Operation *terminator = function.getBody().front().getTerminator();
  for (ObserveOp observe : observers) {
    if (observe->getParentOp() != function)
      return observe.emitOpError("cannot be returned: it lies in a nested region");
    SmallVector<NamedAttribute> attrs{builder.getNamedAttr(
        nn::NNDialect::kNameAttrName, builder.getStringAttr("observe:" + observe.getName()))};
    if (Attribute scheme = observe->getAttr(CompressDialect::kObserveAttrName))
      attrs.push_back(builder.getNamedAttr(CompressDialect::kObserveAttrName, scheme));
    if (failed(function.insertResult(function.getNumResults(), observe.getInput().getType(),
                                     builder.getDictionaryAttr(attrs))))
      return failure();
    terminator->insertOperands(terminator->getNumOperands(), observe.getInput());
    observe.getOutput().replaceAllUsesWith(observe.getInput());
    observe.erase();
  }
  return success();
}

namespace {
struct LowerObserversPass : public condense::compress::impl::LowerObserversPassBase<LowerObserversPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    getOperation()->walk([&](func::FuncOp function) { functions.push_back(function); });
    for (func::FuncOp function : functions) {
      SmallVector<ObserveOp> observers;
      function.walk([&](ObserveOp observe) { observers.push_back(observe); });
      if (observers.empty())
        continue;
      if (failed(returnObserved(function, observers)))
        return signalPassFailure();
      lowered += observers.size();
    }
  }
};
} // namespace
