// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes fake quantization as what it computes.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_DECOMPOSEFAKEQUANTIZEPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {
struct DecomposeFakeQuantizePass : train::impl::DecomposeFakeQuantizePassBase<DecomposeFakeQuantizePass> {
  void runOnOperation() override {
    getOperation().walk([&](FakeQuantizeOp op) {
      OpBuilder builder(op);
      op.getOutput().replaceAllUsesWith(op.decompose(builder));
      op.erase();
      ++numDecomposed;
    });
  }
};
} // namespace
