// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Returns observed activations: calibration then needs no callback, it runs the
// compiled module and reads more results.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

namespace condense::compress {
#define GEN_PASS_DEF_LOWEROBSERVERSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {
/// What becomes an additional result.
struct Observed {
  std::string name;
  Attribute request;
  Value value;
  /// Of observed moments: the layer whose activation matrix is returned.
  CompressibleOpInterface layer;
};
} // namespace

static bool asksForMoments(Attribute request) {
  auto dictionary = dyn_cast_or_null<DictionaryAttr>(request);
  return dictionary && dictionary.get("moments");
}

/// Whether what cannot be observed is left out.
static bool isOptional(Attribute request) {
  auto dictionary = dyn_cast_or_null<DictionaryAttr>(request);
  return dictionary && dictionary.get("optional");
}

/// The layer whose activation passes through `observe`.
static CompressibleOpInterface findLayer(ObserveOp observe) {
  for (OpOperand &use : observe.getOutput().getUses()) {
    if (auto next = dyn_cast<ObserveOp>(use.getOwner()))
      if (CompressibleOpInterface layer = findLayer(next))
        return layer;
    auto layer = dyn_cast<CompressibleOpInterface>(use.getOwner());
    if (layer && &layer.getActivationOperand() == &use)
      return layer;
  }
  return {};
}

/// Removes the observers, in whose order the result is.
static FailureOr<SmallVector<Observed>> takeObservers(func::FuncOp function, ArrayRef<ObserveOp> observers) {
  SmallVector<Observed> result;
  for (ObserveOp observe : observers) {
    Attribute request = observe->getAttr(CompressDialect::kObserveAttrName);
    if (observe->getParentOp() != function && isOptional(request))
      continue;
    if (observe->getParentOp() != function)
      return observe.emitOpError("cannot be returned: it lies in a nested region");
    result.push_back({observe.getName().str(), request, observe.getInput(), {}});
    if (!asksForMoments(request))
      continue;
    result.back().layer = findLayer(observe);
    if (!result.back().layer)
      return observe.emitOpError("asks for the moments of a layer, but no layer reads it");
  }
  // only now, as a layer is found through the observers behind
  for (ObserveOp observe : observers) {
    for (Observed &other : result)
      if (other.value == observe.getOutput())
        other.value = observe.getInput();
    observe.getOutput().replaceAllUsesWith(observe.getInput());
  }
  for (ObserveOp observe : observers)
    observe.erase();
  return result;
}

/// Replaces the activations whose moments are asked for by activation matrices, so
/// that layers which read the same rows have the same value.
static LogicalResult buildMatrices(func::FuncOp function, SmallVectorImpl<Observed> &observed) {
  Operation *terminator = function.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  for (Observed &entry : observed) {
    if (!entry.layer)
      continue;
    FailureOr<Value> matrix = entry.layer.buildActivationMatrix(builder);
    if (failed(matrix) && !isOptional(entry.request))
      return entry.layer->emitOpError()
             << "'" << entry.name << "': the rows that its weight multiplies are not known for this operation, so "
             << "that statistics of second order cannot be measured; request an algorithm that needs none for it";
    entry.value = succeeded(matrix) ? *matrix : Value();
  }
  llvm::erase_if(observed, [](const Observed &entry) { return !entry.value; });
  unsigned first = terminator->getNumOperands();
  for (Observed &entry : observed) {
    // as an operand it survives the merging of what is equal
    terminator->insertOperands(terminator->getNumOperands(), entry.value);
  }
  IRRewriter rewriter(function.getContext());
  DominanceInfo dominance(function);
  eliminateCommonSubExpressions(rewriter, dominance, function);
  for (auto [index, entry] : llvm::enumerate(observed))
    entry.value = terminator->getOperand(first + index);
  terminator->eraseOperands(first, observed.size());
  return success();
}

/// One entry for all layers that share their rows, with the most that one asks for.
static SmallVector<Observed> mergeShared(MLIRContext *context, ArrayRef<Observed> observed) {
  SmallVector<Observed> result;
  Builder b(context);
  for (const Observed &entry : observed) {
    Observed *same = llvm::find_if(
        result, [&](const Observed &other) { return entry.layer && other.layer && other.value == entry.value; });
    if (same == result.end()) {
      result.push_back(entry);
      if (auto request = dyn_cast_or_null<DictionaryAttr>(entry.request); entry.layer)
        result.back().request = b.getDictionaryAttr(
            {b.getNamedAttr("layers", request.get("layers")), b.getNamedAttr("moments", request.get("moments"))});
      continue;
    }
    auto a = cast<DictionaryAttr>(same->request), c = cast<DictionaryAttr>(entry.request);
    SmallVector<Attribute> layers;
    for (DictionaryAttr request : {a, c})
      if (auto names = request.getAs<ArrayAttr>("layers"))
        llvm::append_range(layers, names);
    bool isGram = c.get("moments") == b.getStringAttr("gram");
    same->request = b.getDictionaryAttr(
        {b.getNamedAttr("layers", b.getArrayAttr(layers)), b.getNamedAttr("moments", (isGram ? c : a).get("moments"))});
  }
  return result;
}

/// Adds a result to the function for each observed value.
static LogicalResult returnObserved(func::FuncOp function, ArrayRef<Observed> observed) {
  Builder b(function.getContext());
  Operation *terminator = function.getBody().front().getTerminator();
  for (const Observed &entry : observed) {
    SmallVector<NamedAttribute> attrs{
        b.getNamedAttr(nn::NNDialect::kNameAttrName, b.getStringAttr("observe:" + entry.name))};
    if (entry.request)
      attrs.push_back(b.getNamedAttr(CompressDialect::kObserveAttrName, entry.request));
    if (failed(function.insertResult(function.getNumResults(), entry.value.getType(), b.getDictionaryAttr(attrs))))
      return failure();
    terminator->insertOperands(terminator->getNumOperands(), entry.value);
  }
  return success();
}

static LogicalResult lowerObservers(func::FuncOp function, ArrayRef<ObserveOp> observers) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("cannot return observed activations: requires a single block");
  FailureOr<SmallVector<Observed>> observed = takeObservers(function, observers);
  if (failed(observed))
    return failure();
  if (llvm::any_of(*observed, [](const Observed &entry) { return bool(entry.layer); }) &&
      failed(buildMatrices(function, *observed)))
    return failure();
  return returnObserved(function, mergeShared(function.getContext(), *observed));
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
      if (failed(lowerObservers(function, observers)))
        return signalPassFailure();
      lowered += observers.size();
    }
  }
};
} // namespace
