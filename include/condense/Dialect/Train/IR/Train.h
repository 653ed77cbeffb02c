// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `train` dialect: include this to use its attributes and operations.

#ifndef CONDENSE_DIALECT_TRAIN_IR_TRAIN_H
#define CONDENSE_DIALECT_TRAIN_IR_TRAIN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "condense/Dialect/Train/IR/TrainDialect.h.inc"
#include "condense/Dialect/Train/IR/TrainEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/Train/IR/TrainAttrs.h.inc"

#define GET_OP_CLASSES
#include "condense/Dialect/Train/IR/TrainOps.h.inc"

namespace condense::train {

/// The role of an argument or result, if it has one.
std::optional<Role> getArgRole(mlir::func::FuncOp function, unsigned index);
std::optional<Role> getResultRole(mlir::func::FuncOp function, unsigned index);

/// The numbers of the arguments, or results, of that role, ascending.
llvm::SmallVector<unsigned> getArgsOfRole(mlir::func::FuncOp function, Role role);
llvm::SmallVector<unsigned> getResultsOfRole(mlir::func::FuncOp function, Role role);

/// The name of an argument or result, "" if it has none.
llvm::StringRef getArgName(mlir::func::FuncOp function, unsigned index);
llvm::StringRef getResultName(mlir::func::FuncOp function, unsigned index);

/// The attributes of an argument or result with that role and name.
mlir::DictionaryAttr makeRole(mlir::MLIRContext *context, Role role, llvm::StringRef name = "");

} // namespace condense::train

#endif // CONDENSE_DIALECT_TRAIN_IR_TRAIN_H
