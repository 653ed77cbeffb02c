// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attaches the adjoints to the operations of `compress`. Codes, packed bytes and streams are integers, at which
// differentiation stops; rounding has the derivative 0 (a straight-through rule belongs to train.fake_quantize).

#include "condense/Dialect/Compress/Gradients/Gradients.h"

#include "Rules.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

Blocks::Blocks(ArrayRef<int64_t> tensor, ArrayRef<int64_t> blocks) {
  for (auto [size, number] : llvm::zip_equal(tensor, blocks)) {
    shape.append({number, size / number});
    perBlock.append({number, 1});
    inner.push_back(static_cast<int64_t>(shape.size()) - 1);
    count *= number;
  }
}

/// Marks a tensor, and changes nothing.
static LogicalResult differentiateObserve(ObserveOp op, nn::Adjoints &b) {
  b.set(0, b.of());
  return success();
}

/// A step function.
static LogicalResult differentiateQuantize(QuantizeOp, nn::Adjoints &) { return success(); }

template <typename OpTy> static LogicalResult rule(OpTy op, nn::Adjoints &b) { return differentiate(op, b); }

void condense::compress::registerCompressGradients(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, CompressDialect *) {
    DequantizeOp::attachInterface<nn::AdjointModel<DequantizeOp, rule<DequantizeOp>>>(*context);
    LookupOp::attachInterface<nn::AdjointModel<LookupOp, rule<LookupOp>>>(*context);
    ScatterOp::attachInterface<nn::AdjointModel<ScatterOp, rule<ScatterOp>>>(*context);
    ObserveOp::attachInterface<nn::AdjointModel<ObserveOp, differentiateObserve>>(*context);
    QuantizeOp::attachInterface<nn::AdjointModel<QuantizeOp, differentiateQuantize>>(*context);
    // Adjoints are operations of nn.
    context->getOrLoadDialect<nn::NNDialect>();
  });
}
