// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rewrites linalg operations with reductions into register-blocked vector
// loops.

#include "KernelDriver.h"
#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENVECTORIZECONTRACTIONSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

namespace {

struct VectorizeContractionsPass : condense::impl::CodegenVectorizeContractionsPassBase<VectorizeContractionsPass> {
  using CodegenVectorizeContractionsPassBase::CodegenVectorizeContractionsPassBase;

  void runOnOperation() override {
    codegen::VectorTarget target{vectorBits, registers, vnni, permute};
    codegen::KernelCounts counts = codegen::vectorizeOperations(
        getOperation(), target, [](linalg::LinalgOp op) { return op.getNumReductionLoops() > 0; });
    numKernels += counts.kernels;
    numSkipped += counts.skipped;
  }
};

} // namespace
