// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes visible how large what the layers compute is.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

namespace condense::train {
#define GEN_PASS_DEF_TRACELAYERSPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// max |x|, which is NaN if an element is.
static Value getLargest(ImplicitLocOpBuilder &b, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  Value largest = nn::AbsOp::create(b, value);
  if (!axes.empty())
    largest = nn::ReduceMaxOp::create(b, RankedTensorType::get({}, element), largest, axes, /*keep_dims=*/false);
  if (element.isF32())
    return largest;
  return nn::CastOp::create(b, RankedTensorType::get({}, b.getF32Type()), largest, b.getF32Type());
}

namespace {
struct TraceLayersPass : train::impl::TraceLayersPassBase<TraceLayersPass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network)
      return signalPassFailure();
    auto returns = cast<func::ReturnOp>(network.front().getTerminator());
    SmallVector<Operation *> ops;
    for (Operation &op : network.front().without_terminator())
      if (!matchPattern(&op, m_Constant()))
        ops.push_back(&op);
    for (Operation *op : ops) {
      auto type = op->getNumResults() ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
      if (!type || !isa<FloatType>(type.getElementType()))
        continue;
      ImplicitLocOpBuilder b(op->getLoc(), returns);
      Value largest = getLargest(b, op->getResult(0));
      std::string name = op->getName().getStringRef().str();
      if (StringRef layer = getLayerName(op->getLoc()); !layer.empty())
        name = layer.str() + " (" + name + ")";
      (void)network.insertResult(network.getNumResults(), largest.getType(),
                                 makeRole(&getContext(), Role::Metric, name));
      returns->insertOperands(returns.getNumOperands(), largest);
      ++numTraced;
    }
  }
};
} // namespace
