// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the `nn` dialect, its attributes and operations.

#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/DialectImplementation.h"

using namespace condense::nn;

#include "condense/Dialect/NN/IR/NNDialect.cpp.inc"
#include "condense/Dialect/NN/IR/NNEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/NN/IR/NNAttrs.cpp.inc"

void NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "condense/Dialect/NN/IR/NNAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "condense/Dialect/NN/IR/NNOps.cpp.inc"
      >();
}
