// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rewrites the linalg operations of a function into kernels, one after the
// other.

#ifndef CONDENSE_LIB_CODEGEN_CPU_KERNELDRIVER_H
#define CONDENSE_LIB_CODEGEN_CPU_KERNELDRIVER_H

#include "KernelPlan.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace condense::codegen {

struct KernelCounts {
  int64_t kernels = 0, skipped = 0;
};

/// Rewrites the operations for which `select` holds. Weight expressions come
/// last: most are evaluated inside the kernels that use them and are then dead.
/// Each operation gets a remark.
KernelCounts vectorizeOperations(mlir::FunctionOpInterface function, const VectorTarget &target,
                                 llvm::function_ref<bool(mlir::linalg::LinalgOp)> select);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_KERNELDRIVER_H
