// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// MLIR bytecode with a checksum of its own content.
//
// MLIR's reader trusts its input, so damaged bytecode must be found before it
// reads a byte. The checksum stands in the producer string near the start of
// the file, where every MLIR tool ignores it: the file stays plain bytecode.
// It finds accidents (XXH3, 128 bits), not forgers.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_BYTECODE_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_BYTECODE_H

#include "OutputFile.h"
#include "mlir/IR/BuiltinOps.h"

namespace condense::tool {

/// True if `bytes` start as bytecode does.
bool isBytecode(llvm::StringRef bytes);

/// Writes `module` to `file`, including its checksum. Does not commit.
llvm::Error writeBytecode(mlir::ModuleOp module, OutputFile &file);

/// Checks bytecode that was read from `path`.
llvm::Error verifyBytecode(llvm::StringRef bytes, llvm::StringRef path);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_BYTECODE_H
