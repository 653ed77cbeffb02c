// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The adjoints, each in the file of its operation.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_GRADIENTS_RULES_H
#define CONDENSE_LIB_DIALECT_COMPRESS_GRADIENTS_RULES_H

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/Gradients/AdjointBuilder.h"

namespace condense::compress {

llvm::LogicalResult differentiate(DequantizeOp op, nn::Adjoints &b);
llvm::LogicalResult differentiate(LookupOp op, nn::Adjoints &b);
llvm::LogicalResult differentiate(ScatterOp op, nn::Adjoints &b);

/// A tensor seen in blocks: each dimension becomes its blocks and what lies in one of them.
struct Blocks {
  llvm::SmallVector<int64_t> shape;    // blocks, size, blocks, size, ...
  llvm::SmallVector<int64_t> perBlock; // blocks, 1, blocks, 1, ...
  llvm::SmallVector<int64_t> inner;    // the dimensions inside of blocks
  int64_t count = 1;                   // of blocks

  Blocks(llvm::ArrayRef<int64_t> tensor, llvm::ArrayRef<int64_t> blocks);
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_GRADIENTS_RULES_H
