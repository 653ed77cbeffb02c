// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `compress` dialect: include this to use its attributes and operations.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_COMPRESS_H
#define CONDENSE_DIALECT_COMPRESS_IR_COMPRESS_H

#include "condense/Interfaces/DecompressOpInterface.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "condense/Dialect/Compress/IR/CompressDialect.h.inc"
#include "condense/Dialect/Compress/IR/CompressEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/Compress/IR/CompressAttrs.h.inc"

#define GET_OP_CLASSES
#include "condense/Dialect/Compress/IR/CompressOps.h.inc"

#endif // CONDENSE_DIALECT_COMPRESS_IR_COMPRESS_H
