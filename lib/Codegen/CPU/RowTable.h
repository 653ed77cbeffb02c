// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables of 16 numbers of 32 bits as one wide integer, which a kernel reads at
// a time and keeps in a register.

#ifndef CONDENSE_LIB_CODEGEN_CPU_ROWTABLE_H
#define CONDENSE_LIB_CODEGEN_CPU_ROWTABLE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense::codegen {

/// The integer that holds a table.
mlir::IntegerType getRowTableType(mlir::MLIRContext *context);
bool isRowTable(mlir::Type type);

/// `table[number]` as a float, as arithmetic on scalars, for an i8 `number` below 16.
mlir::Value buildRowTableEntry(mlir::ImplicitLocOpBuilder &b, mlir::Value table, mlir::Value number);

/// The table and the number of what `buildRowTableEntry` made, at its last operation on integers.
std::optional<std::pair<mlir::Value, mlir::Value>> matchRowTableBits(mlir::Operation *op);

/// The bits of the entries for a vector of 16 numbers: one permutation (AVX-512).
mlir::Value createRowTableLookup(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value table, mlir::Value numbers);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_ROWTABLE_H
