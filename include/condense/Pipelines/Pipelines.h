// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The stages of Condense as pass pipelines. Each is also registered by its name for condense-opt.

#ifndef CONDENSE_PIPELINES_PIPELINES_H
#define CONDENSE_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include <memory>

namespace condense {

class WeightBlob;

/// Options of condense-lower-to-llvm.
struct LowerToLLVMOptions : public mlir::PassPipelineOptions<LowerToLLVMOptions> {
  Option<bool> threads{*this, "threads", llvm::cl::init(true), llvm::cl::desc("Split large loops over OpenMP threads")};
  Option<std::string> cpu{*this, "cpu", llvm::cl::init("host"),
                          llvm::cl::desc("CPU to generate code for: host, x86-64-v3, znver4, ...")};
  Option<std::string> weightsFile{*this, "weights-file", llvm::cl::init(""),
                                  llvm::cl::desc("Move the constants to this file; empty: leave them in the module")};
};

/// Options of condense-import-cleanup.
struct ImportCleanupOptions : public mlir::PassPipelineOptions<ImportCleanupOptions> {
  Option<bool> foldBatchNorm{*this, "fold-batch-norm", llvm::cl::init(true),
                             llvm::cl::desc("Fold batch normalisation into the layers before it; training wants it")};
};

/// condense-import-cleanup: nn as an importer makes it -> clean nn.
void buildImportCleanupPipeline(mlir::OpPassManager &pm, const ImportCleanupOptions &options = {});

/// condense-lower-to-linalg: nn + compress or TOSA -> linalg on tensors.
void buildLowerToLinalgPipeline(mlir::OpPassManager &pm);

/// condense-lower-to-llvm: linalg on tensors -> LLVM dialect. If `weights` is given, the constants
/// are moved there instead of to the option's file.
void buildLowerToLLVMPipeline(mlir::OpPassManager &pm, const LowerToLLVMOptions &options,
                              std::shared_ptr<WeightBlob> weights = nullptr);

/// Options of condense-build-step.
struct BuildStepOptions : public mlir::PassPipelineOptions<BuildStepOptions> {
  Option<int64_t> batch{*this, "batch", llvm::cl::init(32), llvm::cl::desc("Samples of a step")};
  Option<std::string> loss{*this, "loss", llvm::cl::init("cross-entropy"),
                           llvm::cl::desc("cross-entropy or mse; with a function @teacher distill is added")};
  Option<std::string> optimizer{*this, "optimizer", llvm::cl::init("sgd"), llvm::cl::desc("sgd or adamw")};
  Option<double> learningRate{*this, "learning-rate", llvm::cl::init(0.01), llvm::cl::desc("Learning rate")};
};

/// condense-build-step: a clean network @main (and @teacher) -> its training step @step.
void buildBuildStepPipeline(mlir::OpPassManager &pm, const BuildStepOptions &options);

/// Registers the pipelines by name.
void registerPipelines();

} // namespace condense

#endif // CONDENSE_PIPELINES_PIPELINES_H
