// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rewrites elementwise linalg operations into vector loops.

#include "KernelDriver.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENVECTORIZEELEMENTWISEPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

namespace {

struct VectorizeElementwisePass : condense::impl::CodegenVectorizeElementwisePassBase<VectorizeElementwisePass> {
  using CodegenVectorizeElementwisePassBase::CodegenVectorizeElementwisePassBase;

  void runOnOperation() override {
    codegen::VectorTarget target{vectorBits};
    target.permute = permute;
    codegen::KernelCounts counts = codegen::vectorizeOperations(
        getOperation(), target, [](linalg::LinalgOp op) { return op.getNumReductionLoops() == 0; });
    numKernels += counts.kernels;
    numSkipped += counts.skipped;
  }
};

} // namespace
