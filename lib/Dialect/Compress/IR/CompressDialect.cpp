// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the `compress` dialect, its attributes and operations.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace condense::compress;

#include "condense/Dialect/Compress/IR/CompressDialect.cpp.inc"
#include "condense/Dialect/Compress/IR/CompressEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/Compress/IR/CompressAttrs.cpp.inc"

void CompressDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "condense/Dialect/Compress/IR/CompressAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "condense/Dialect/Compress/IR/CompressOps.cpp.inc"
      >();
}
