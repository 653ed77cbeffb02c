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

/// The observer called `name` that the layer's activation passes through, or null.
static ObserveOp findObserver(Layer layer, StringRef name) {
  Value value = layer.op.getActivationOperand().get();
  while (auto observe = value.getDefiningOp<ObserveOp>()) {
    if (observe.getName() == name)
      return observe;
    value = observe.getInput();
  }
  return {};
}

/// Puts an observer with the request `what` on the layer's activation.
static void insertObserver(Layer layer, StringRef name, Attribute what) {
  OpBuilder builder(layer.op);
  OpOperand &activation = layer.op.getActivationOperand();
  auto observe = ObserveOp::create(builder, layer.op->getLoc(), activation.get(), builder.getStringAttr(name));
  observe->setAttr(CompressDialect::kObserveAttrName, what);
  activation.set(observe);
}

/// The request for the moments of a layer: which ones, and whose they are. One that
/// stands for no request of the layer is optional.
static Attribute makeMomentsRequest(Layer layer, Moments moments, bool isOptional) {
  Builder b(layer.op->getContext());
  SmallVector<NamedAttribute> members{
      b.getNamedAttr("layers", b.getStrArrayAttr({layer.name})),
      b.getNamedAttr("moments", b.getStringAttr(moments == Moments::Gram ? "gram" : "channels"))};
  if (isOptional)
    members.push_back(b.getNamedAttr("optional", b.getUnitAttr()));
  return b.getDictionaryAttr(members);
}

/// Observes what is not observed yet; an observer of less is told to observe more.
static bool observeMoments(Layer layer, Moments moments, bool isOptional) {
  std::string name = layer.name + ".moments";
  Attribute request = makeMomentsRequest(layer, moments, isOptional);
  ObserveOp observe = findObserver(layer, name);
  if (!observe) {
    insertObserver(layer, name, request);
    return true;
  }
  if (moments == Moments::Gram)
    observe->setAttr(CompressDialect::kObserveAttrName, request);
  return false;
}

static bool observeRange(Layer layer, ActivationSchemeAttr scheme) {
  std::string name = layer.name + ".input";
  if (!scheme || !scheme.needsRange() || findObserver(layer, name))
    return false;
  insertObserver(layer, name, scheme);
  return true;
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

  /// What the requests need that the option names.
  Moments getRequestedMoments(Operation *op) {
    Moments needed = Moments::None;
    for (Attribute request : getRequests(op))
      if (requests.empty() || llvm::is_contained(requests, getRequestKind(request)))
        needed = std::max(needed, getNeededMoments(request));
    return needed;
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
      if (ranges)
        inserted += observeRange(
            layer, layer.op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName));
      Moments needed = getRequestedMoments(layer.op);
      bool isOptional = needed == Moments::None;
      if (*least > needed && filter->matches(layer))
        needed = *least;
      if (needed != Moments::None)
        inserted += observeMoments(layer, needed, isOptional);
    }
  }
};
} // namespace
