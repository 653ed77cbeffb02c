// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats that a body computes from a few bits: look-ups in a register.

#ifndef CONDENSE_LIB_CODEGEN_CPU_CODETABLE_H
#define CONDENSE_LIB_CODEGEN_CPU_CODETABLE_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace condense::codegen {

/// Entries of a table that one vector register holds.
constexpr int64_t kTableEntries = 16;

/// A float that depends on four consecutive bits of an 8-bit argument only:
/// `entries[(code >> shift) & 15]`. Codes of 4 and fewer bits, integers as well
/// as indices into one codebook, are such functions.
struct CodeTable {
  mlir::BlockArgument code;
  int64_t shift = 0;
  llvm::SmallVector<mlir::Attribute> entries;
};
using CodeTables = llvm::DenseMap<mlir::Value, CodeTable>;

/// The floats in `body` that are such functions and that other values need.
/// `loops` has the values of the loops that are known, else kDynamic.
CodeTables findCodeTables(mlir::Block &body, llvm::ArrayRef<int64_t> loops);

/// The only 8-bit argument of `body` on which `value` depends, and the values
/// for its 256 codes; nothing if there is no such argument or one of them does
/// not fold. `loops` as above.
std::optional<std::pair<mlir::BlockArgument, llvm::SmallVector<mlir::Attribute>>>
evaluateCodes(mlir::Block &body, mlir::Value value, llvm::ArrayRef<int64_t> loops);

/// The only argument of `body` on which `value` depends; null if there is none,
/// nothing if there are several.
std::optional<mlir::BlockArgument> findOnlyArgument(mlir::Block &body, mlir::Value value,
                                                    llvm::ArrayRef<int64_t> loops);

/// `value` where `argument`, the only one that it depends on, is `element`;
/// null if it does not fold.
mlir::Attribute evaluateAt(mlir::Block &body, mlir::Value value, llvm::ArrayRef<int64_t> loops,
                           mlir::BlockArgument argument, mlir::Attribute element);

/// The entries for a vector of codes: one permutation (AVX-512).
mlir::Value createTableLookup(mlir::OpBuilder &builder, mlir::Location loc, const CodeTable &table, mlir::Value codes);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_CODETABLE_H
