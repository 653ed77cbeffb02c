// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verification and inference of the `compress` operations.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace condense::compress;

#define GET_OP_CLASSES
#include "condense/Dialect/Compress/IR/CompressOps.cpp.inc"
