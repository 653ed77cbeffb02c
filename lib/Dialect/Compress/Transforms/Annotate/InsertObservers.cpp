// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observes the activations whose range or moments calibration has to find.

#include "LayerFilter.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"

namespace condense::compress {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Whether the layer's activation passes through an observer called `name`.
static bool isObserved(Layer layer, StringRef name) {
  Value value = layer.op.getActivationOperand().get();
  while (auto observe = value.getDefiningOp<ObserveOp>()) {
    if (observe.getName() == name)
      return true;
    value = observe.getInput();
  }
  return false;
}

/// Puts an observer with the request `what` on the layer's activation; false if it has one.
static bool insertObserver(Layer layer, StringRef suffix, Attribute what) {
  std::string name = layer.name + suffix.str();
  if (isObserved(layer, name))
    return false;
  OpBuilder builder(layer.op);
  OpOperand &activation = layer.op.getActivationOperand();
  auto observe = ObserveOp::create(builder, layer.op->getLoc(), activation.get(), builder.getStringAttr(name));
  observe->setAttr(CompressDialect::kObserveAttrName, what);
  activation.set(observe);
  return true;
}

/// The request for the moments of a layer: which ones, and whose they are.
static Attribute makeMomentsRequest(Layer layer, Moments moments) {
  Builder b(layer.op->getContext());
  return b.getDictionaryAttr(
      {b.getNamedAttr("layers", b.getStrArrayAttr({layer.name})),
       b.getNamedAttr("moments", b.getStringAttr(moments == Moments::Gram ? "gram" : "channels"))});
}

namespace {
struct InsertObserversPass : public condense::compress::impl::InsertObserversPassBase<InsertObserversPass> {
  using Base::Base;

  FailureOr<Moments> getLeastMoments(Location loc) {
    if (moments == "none")
      return Moments::None;
    if (moments == "channels")
      return Moments::Channels;
    if (moments == "gram")
      return Moments::Gram;
    return emitError(loc) << "moments: unknown '" << moments << "'; expected none, channels or gram", failure();
  }

  void runOnOperation() override {
    Location loc = getOperation()->getLoc();
    FailureOr<Moments> least = getLeastMoments(loc);
    FailureOr<LayerFilter> filter = LayerFilter::create(loc, layers, ops, /*minElements=*/0);
    if (failed(least) || failed(filter))
      return signalPassFailure();
    for (Layer layer : getLayers(getOperation())) {
      // what reads a table by integers has neither
      if (!isa<FloatType>(getElementTypeOrSelf(layer.op.getActivationOperand().get())))
        continue;
      auto scheme = layer.op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
      if (scheme && !scheme.getLow())
        inserted += insertObserver(layer, ".input", scheme);
      Moments needed = getNeededMoments(layer.op);
      if (*least > needed && filter->matches(layer))
        needed = *least;
      if (needed != Moments::None)
        inserted += insertObserver(layer, ".moments", makeMomentsRequest(layer, needed));
    }
  }
};
} // namespace
