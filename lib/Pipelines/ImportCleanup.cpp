// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// First stage: the graph as an importer makes it becomes the graph that techniques work on.

#include "condense/Pipelines/Pipelines.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void condense::buildImportCleanupPipeline(OpPassManager &pm) {
  // nn, compress, arith.constant, func; TOSA or linalg if they were imported
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSymbolDCEPass());
}
