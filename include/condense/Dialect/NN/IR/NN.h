// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `nn` dialect: include this to use its attributes and operations.

#ifndef CONDENSE_DIALECT_NN_IR_NN_H
#define CONDENSE_DIALECT_NN_IR_NN_H

#include "condense/Interfaces/CompressibleOpInterface.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "condense/Dialect/NN/IR/NNDialect.h.inc"
#include "condense/Dialect/NN/IR/NNEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/NN/IR/NNAttrs.h.inc"

namespace condense::nn {
/// Whether two lists of tensor types agree in element types, and in shapes where both are known.
bool areCompatibleTypes(mlir::TypeRange inferred, mlir::TypeRange actual);
} // namespace condense::nn

#define GET_OP_CLASSES
#include "condense/Dialect/NN/IR/NNOps.h.inc"

#endif // CONDENSE_DIALECT_NN_IR_NN_H
