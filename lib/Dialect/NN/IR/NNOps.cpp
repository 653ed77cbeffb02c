// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verification and inference of the `nn` operations.

#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace condense::nn;

#define GET_OP_CLASSES
#include "condense/Dialect/NN/IR/NNOps.cpp.inc"
