// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Third stage, second half: linalg on tensors becomes loops over buffers and then the LLVM dialect.

#include "condense/Codegen/Buffers/Passes.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "condense/Codegen/CPU/Passes.h"
#include "condense/Pipelines/Pipelines.h"
#include "condense/Target/Cpu.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

/// Small floating-point types are stored; arithmetic is done in f32.
static void addNarrowFloatPasses(OpPassManager &pm) {
  arith::ArithEmulateUnsupportedFloatsOptions options;
  options.sourceTypeStrs = {"bf16"};
  options.targetTypeStr = "f32";
  pm.addPass(math::createMathExtendToSupportedTypes());
  pm.addPass(arith::createArithEmulateUnsupportedFloats(options));
}

static void addCleanupPasses(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// Loops over vectors of the size that `cpu` has.
static void addKernelPasses(OpPassManager &pm, const condense::target::Cpu &cpu) {
  condense::CodegenPackWeightsPassOptions packing;
  packing.vnni = !cpu.dotProduct().empty();
  condense::CodegenVectorizeContractionsPassOptions contractions;
  contractions.vectorBits = cpu.vectorBits();
  contractions.registers = cpu.vectorRegisters();
  contractions.vnni = packing.vnni;
  contractions.permute = cpu.vectorBits() == 512;
  condense::CodegenVectorizeElementwisePassOptions elementwise;
  elementwise.vectorBits = cpu.vectorBits();
  elementwise.permute = cpu.vectorBits() == 512;
  condense::CodegenVectorizeTransposesPassOptions transposes;
  transposes.vectorBits = cpu.vectorBits();
  condense::CodegenChooseSparseKernelsPassOptions sparse;
  sparse.vectorBits = cpu.vectorBits();
  sparse.vnni = cpu.has("avx512vnni");
  sparse.permute = cpu.vectorBits() == 512;
  OpPassManager &functions = pm.nest<func::FuncOp>();
  // dimensions of size 1 hide which one is contiguous; only generic operations can lose them
  functions.addPass(createLinalgGeneralizeNamedOpsPass());
  functions.addPass(condense::createCodegenDropUnitDimsPass());
  functions.addPass(createCanonicalizerPass());
  // before weights are stored in the order of dense kernels
  functions.addPass(condense::createCodegenChooseSparseKernelsPass(sparse));
  // before fusion, which would change the form of the weights' expressions
  functions.addPass(condense::createCodegenPackWeightsPass(packing));
  addCleanupPasses(functions);
  // then, so that a kernel finds all that follows it in one operation
  functions.addPass(condense::createCodegenFuseElementwisePass());
  addCleanupPasses(functions);
  functions.addPass(condense::createCodegenTransposeOperandsPass());
  functions.addPass(condense::createCodegenVectorizeContractionsPass(contractions));
  // borders are filled by kernels too
  functions.addPass(condense::createCodegenExpandPadsPass());
  // before those that read elements one by one
  functions.addPass(condense::createCodegenVectorizeTransposesPass(transposes));
  functions.addPass(condense::createCodegenVectorizeElementwisePass(elementwise));
  if (contractions.vnni && cpu.dotProduct() != "vpdpbusd")
    functions.addPass(condense::createCodegenLowerDotProductsPass({cpu.dotProduct().str()}));
  addCleanupPasses(functions);
  // what a kernel computes per tile does not belong into its loops
  functions.addPass(createLoopInvariantCodeMotionPass());
}

static void addBufferizationPasses(OpPassManager &pm) {
  pm.addPass(condense::createCodegenProtectArgumentsPass());
  pm.addPass(condense::createCodegenSeparateDestinationsPass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(bufferization::createEmptyTensorToAllocTensorPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.allowReturnAllocsFromLoops = true;
  options.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // gives the caller a buffer of its own for every result, copying if it must
  bufferization::buildBufferDeallocationPipeline(pm);
  // a buffer lives until its last use instead of to the end of the function
  pm.addNestedPass<func::FuncOp>(bufferization::createOptimizeAllocationLivenessPass());
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(condense::createCodegenNarrowIntegersAsBytesPass());
}

static void addLoopPasses(OpPassManager &pm, bool threads) {
  pm.addPass(condense::createCodegenExpandCopiesPass());
  if (!threads) {
    pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
    pm.addPass(createForallToForLoopPass());
  } else {
    pm.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
    pm.addPass(createForallToParallelLoopPass());
    pm.addNestedPass<func::FuncOp>(condense::createCodegenParallelizeKernelsPass());
    pm.addNestedPass<func::FuncOp>(condense::createCodegenMapToThreadsPass());
  }
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // from here on, one function for each kernel: what follows is linear in their number
  pm.addPass(condense::createCodegenOutlineKernelsPass());
  if (threads)
    pm.addPass(createConvertSCFToOpenMPPass());
}

static void addScalarPasses(OpPassManager &pm) {
  pm.addPass(createConvertVectorToSCFPass(VectorTransferToSCFOptions().enableFullUnroll()));
  pm.addPass(condense::createCodegenApproximateMathPass());
  addNarrowFloatPasses(pm);
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  math::MathExpandOpsPassOptions clamp;
  clamp.opMnemonics = {"clampf"};
  pm.addPass(math::createMathExpandOpsPass(clamp));
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void addLLVMPasses(OpPassManager &pm) {
  pm.addPass(createSCFToControlFlowPass());
  ConvertMathToLLVMPassOptions math;
  math.approximateLog1p = false;
  pm.addPass(createConvertMathToLLVMPass(math));
  // what LLVM has no intrinsic for; before vectors are lowered, as it takes them apart
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  FinalizeMemRefToLLVMConversionPassOptions memrefs;
  memrefs.useGenericFunctions = true; // those of the runtime, which can report exhaustion
  memrefs.useAlignedAlloc = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memrefs));
  // after memref: it would lower allocations too, to malloc
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void condense::buildLowerToLLVMPipeline(OpPassManager &pm, const LowerToLLVMOptions &options,
                                        std::shared_ptr<WeightBlob> weights) {
  // linalg, tensor, arith, math, scf, affine, vector: an unknown CPU (the caller reports it) gets the
  // kernels of the host
  llvm::Expected<target::Cpu> cpu = target::resolveCpu(options.cpu);
  if (!cpu) {
    llvm::consumeError(cpu.takeError());
    cpu = target::resolveCpu("host");
  }
  addKernelPasses(pm, *cpu);

  // linalg, memref, arith, math, scf, affine, vector: tensors are buffers
  addBufferizationPasses(pm);
  if (weights)
    pm.addPass(createCodegenOutlineConstantsPass(std::move(weights)));
  else
    pm.addPass(createCodegenOutlineConstantsPass(CodegenOutlineConstantsPassOptions{options.weightsFile}));

  // memref, arith, math, scf, affine, vector, omp: linalg is loops
  addLoopPasses(pm, options.threads);

  // memref, arith, scf, vector, omp, cf, and the math that the C library computes
  addScalarPasses(pm);

  // llvm, omp
  addLLVMPasses(pm);
}
