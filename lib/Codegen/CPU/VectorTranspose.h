// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transposes a square of lanes that is held in vectors.

#ifndef CONDENSE_LIB_CODEGEN_CPU_VECTORTRANSPOSE_H
#define CONDENSE_LIB_CODEGEN_CPU_VECTORTRANSPOSE_H

#include "mlir/IR/Builders.h"

namespace condense::codegen {

/// As many vectors as each has lanes, which are 32 bits wide and a power of two: lane j of vector i becomes lane i of
/// vector j.
llvm::SmallVector<mlir::Value> transposeVectors(mlir::OpBuilder &builder, mlir::Location loc,
                                                llvm::ArrayRef<mlir::Value> rows);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_VECTORTRANSPOSE_H
