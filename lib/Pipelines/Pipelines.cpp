// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registers the stages by name.

#include "condense/Pipelines/Pipelines.h"

using namespace mlir;

void condense::registerPipelines() {
  PassPipelineRegistration<ImportCleanupOptions>(
      "condense-import-cleanup", "Bring an imported graph into its canonical form",
      [](OpPassManager &pm, const ImportCleanupOptions &options) { buildImportCleanupPipeline(pm, options); });
  PassPipelineRegistration<BuildStepOptions>(
      "condense-build-step", "Make the training step of a network",
      [](OpPassManager &pm, const BuildStepOptions &options) { buildBuildStepPipeline(pm, options); });
  PassPipelineRegistration<>("condense-lower-to-linalg", "Lower nn, compress and TOSA operations to linalg on tensors",
                             buildLowerToLinalgPipeline);
  PassPipelineRegistration<LowerToLLVMOptions>(
      "condense-lower-to-llvm", "Lower linalg on tensors to the LLVM dialect",
      [](OpPassManager &pm, const LowerToLLVMOptions &options) { buildLowerToLLVMPipeline(pm, options); });
}
