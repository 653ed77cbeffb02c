// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Third stage, first half: every operation on tensors becomes linalg. TOSA and linalg that came
// from other compilers take the same way.

#include "condense/Codegen/CPU/Passes.h"
#include "condense/Conversion/CompressToLinalg/CompressToLinalg.h"
#include "condense/Conversion/NNToLinalg/NNToLinalg.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "condense/Pipelines/Pipelines.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

static void addTosaPasses(OpPassManager &pm) {
  // linalg, tensor, arith, math, scf, tosa: control flow first, as its regions are converted next
  pm.addNestedPass<func::FuncOp>(createTosaToSCFPass());

  // linalg, tensor, arith, math, scf, tosa where it has no named linalg operation: constants, reshapes
  tosa::addTosaToLinalgPasses(pm, TosaToLinalgOptions(), TosaToLinalgNamedOptions(),
                              /*validationOptions=*/std::nullopt);
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createTosaToTensorPass());
  // last, as the others create constants and rescales
  TosaToArithPassOptions rescale;
  rescale.includeApplyRescale = true;
  functions.addPass(createTosaToArithPass(rescale));
}

void condense::buildLowerToLinalgPipeline(OpPassManager &pm) {
  // nn, compress, TOSA or linalg: products that are left are not built again in every run
  pm.addPass(compress::createSplitProductsPass());

  // nn, compress, tosa: attention is one operation; not earlier, as techniques follow channels through its parts
  pm.addPass(nn::createRaiseRotaryPass());
  pm.addPass(nn::createRaiseAttentionPass());
  // transposes meet, and angles are transposed once for all layers
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(nn::createFoldConstantsPass());

  // nn, compress, tosa: what kernels cannot decode is constants
  pm.addPass(createFoldDecodersPass());

  // linalg, tensor, arith, math, scf, compress, tosa: early, while the graph still shows which
  // dynamic sizes are the same
  ConvertNNToLinalgPassOptions lowering;
  // the scores of 32 queries stay in the level-2 cache up to 8192 keys
  lowering.queryBlock = 32;
  pm.addPass(createConvertNNToLinalgPass(lowering));

  // linalg, tensor, arith, math, scf, tosa: weight expressions are linalg now
  pm.addNestedPass<func::FuncOp>(createCodegenDecodeLargeCodebooksPass());
  pm.addNestedPass<func::FuncOp>(createCodegenWidenOddCodesPass());
  pm.addPass(createConvertCompressToLinalgPass());
  // before anything moves between the table and its reader
  pm.addNestedPass<func::FuncOp>(createCodegenInlineLookUpsPass());
  // what is left of reads from memory would keep kernels from being vectors
  pm.addNestedPass<func::FuncOp>(createCodegenSelectCodebookEntriesPass());

  addTosaPasses(pm);

  // linalg, tensor, arith, math, scf, func: nothing else, and arithmetic on scalars only
  pm.addPass(createConvertElementwiseToLinalgPass());
  // on scalars, before kernels are made of them
  pm.addNestedPass<func::FuncOp>(createCodegenExpandFloat8Pass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
