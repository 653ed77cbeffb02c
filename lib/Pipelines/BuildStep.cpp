// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Training: a network becomes the step that trains it. condense train runs the same passes with the options of a
// recipe.

#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/Pipelines/Pipelines.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace condense;

void condense::buildBuildStepPipeline(OpPassManager &pm, const BuildStepOptions &options) {
  // nn, compress, train: @main and perhaps @teacher; with one batch size, as buffers are planned
  for (const char *function : {"main", "teacher"}) {
    train::SetBatchPassOptions batch;
    batch.function = function;
    batch.batch = options.batch;
    batch.optional = StringRef(function) == "teacher";
    pm.addPass(train::createSetBatchPass(batch));
  }
  pm.addPass(train::createOutlineParametersPass());
  pm.addPass(train::createBatchNormPass());

  // @loss beside @main, which stays; the teacher is part of it
  train::AttachLossPassOptions loss;
  loss.kind = options.loss;
  pm.addPass(train::createAttachLossPass(loss));
  train::AttachLossPassOptions distill;
  distill.kind = "distill";
  distill.optional = true;
  pm.addPass(train::createAttachLossPass(distill));

  // @loss_gradient, then @step alone
  pm.addPass(train::createDifferentiateLossPass());
  train::ApplyOptimizerPassOptions optimizer;
  optimizer.kind = options.optimizer;
  optimizer.learningRate = options.learningRate;
  pm.addPass(train::createApplyOptimizerPass(optimizer));

  // nn, compress: after differentiation fake quantization is only what it computes
  pm.addPass(train::createDecomposeFakeQuantizePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
