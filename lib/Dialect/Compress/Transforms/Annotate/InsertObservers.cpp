// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Observes the activations whose range calibration has to find.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h"

namespace condense::compress {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "condense/Dialect/Compress/Transforms/Annotate/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {
struct InsertObserversPass : public condense::compress::impl::InsertObserversPassBase<InsertObserversPass> {
  void runOnOperation() override {
    for (Layer layer : getLayers(getOperation())) {
      auto scheme = layer.op->getAttrOfType<ActivationSchemeAttr>(CompressDialect::kActivationSchemeAttrName);
      OpOperand &activation = layer.op.getActivationOperand();
      if (!scheme || scheme.getLow() || activation.get().getDefiningOp<ObserveOp>())
        continue;
      OpBuilder builder(layer.op);
      auto observe = ObserveOp::create(builder, layer.op->getLoc(), activation.get(),
                                       builder.getStringAttr(layer.name + ".input"));
      observe->setAttr(CompressDialect::kObserveAttrName, scheme);
      activation.set(observe);
      ++inserted;
    }
  }
};
} // namespace
