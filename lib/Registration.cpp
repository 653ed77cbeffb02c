// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything that Condense adds to MLIR, registered in one place.

#include "condense/Registration.h"

#include "condense/Codegen/Buffers/Passes.h"
#include "condense/Codegen/CPU/Passes.h"
#include "condense/Conversion/CompressToLinalg/CompressToLinalg.h"
#include "condense/Conversion/NNToLinalg/NNToLinalg.h"
#include "condense/Dialect/Compress/Gradients/Gradients.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Passes.h"
#include "condense/Dialect/NN/Gradients/Gradients.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Gradients.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/ExternalModels/ExternalModels.h"
#include "condense/Pipelines/Pipelines.h"
#include "mlir/IR/DialectRegistry.h"

void condense::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<nn::NNDialect, compress::CompressDialect, train::TrainDialect>();
  registerLLVMExternalModels(registry);
  registerLinalgExternalModels(registry);
  registerTosaExternalModels(registry);
  nn::registerNNGradients(registry);
  compress::registerCompressGradients(registry);
  train::registerTrainGradients(registry);
}

void condense::registerPasses() {
  nn::registerNNPasses();
  compress::registerCompressPasses();
  train::registerTrainPasses();
  registerCodegenCPUPasses();
  registerCompressToLinalgPasses();
  registerCodegenBuffersPasses();
  registerPipelines();
  registerNNToLinalgPasses();
}
