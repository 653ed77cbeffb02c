// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// First stage: the graph as an importer makes it becomes the graph that techniques work on.

#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "condense/Pipelines/Pipelines.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void condense::buildImportCleanupPipeline(OpPassManager &pm, const ImportCleanupOptions &options) {
  // nn, compress, arith.constant, func; TOSA or linalg if they were imported
  pm.addPass(createCanonicalizerPass());
  pm.addPass(nn::createFoldConstantsPass());
  // first, so that a normalisation after a matrix product finds a dense layer
  pm.addPass(nn::createFuseBiasPass());
  if (options.foldBatchNorm)
    pm.addPass(nn::createFoldBatchNormPass());
  // after it, as what it makes of a normalisation is no part of these
  pm.addPass(nn::createRaiseLayerNormPass());
  pm.addPass(nn::createRaiseRMSNormPass());
  pm.addPass(nn::createRaiseGeluPass());
  pm.addPass(nn::createRaiseSiluPass());
  // what follows sees one weight per layer
  pm.addPass(compress::createMergeAdaptersPass());
  // last, so that weights are compressed in the layout that they are read in
  pm.addPass(nn::createChannelsLastPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSymbolDCEPass());
}
