// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores a constant in the order of the loops that read it.

#ifndef CONDENSE_LIB_CODEGEN_CPU_RELAYCONSTANT_H
#define CONDENSE_LIB_CODEGEN_CPU_RELAYCONSTANT_H

#include "LinearForm.h"
#include "condense/IR/TensorConstant.h"

#include "mlir/IR/Builders.h"

namespace condense::codegen {

/// Points of the loops where `index` is `limit` or more are outside of the
/// constant: they get 0.
struct Padding {
  LinearForm index;
  int64_t limit = 0;
};

/// The elements of a constant tensor, row-major.
struct HostArray {
  mlir::RankedTensorType type;
  llvm::ArrayRef<char> bytes;
  llvm::StringRef name;
};

/// A constant with one dimension per loop of `order`, whose element is that of
/// `source` at the linear forms `at` (one per dimension of `source`), which
/// depend on no other loop. `sizes` are those of all loops; the dimensions have
/// the sizes `storedSizes`, which are not smaller, and zeros past the loops'
/// ends.
std::vector<char> relayBytes(const HostArray &source, llvm::ArrayRef<LinearForm> at, llvm::ArrayRef<unsigned> order,
                             llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> storedSizes,
                             const std::optional<Padding> &padding);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_RELAYCONSTANT_H
