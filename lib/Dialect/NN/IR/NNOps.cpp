// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The generated part of the `nn` operations. What each family infers,
// verifies and folds is in the file named after it.

#include "Inference.h"

using namespace mlir;
using namespace condense::nn;

#define GET_OP_CLASSES
#include "condense/Dialect/NN/IR/NNOps.cpp.inc"
