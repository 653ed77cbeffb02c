// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How many threads work on a model.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_THREADS_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_THREADS_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/ThreadPool.h"
#include <optional>

namespace condense::tool {

/// Limits what MLIR and the mathematics use while it lives; 0: all CPUs.
class ThreadLimit {
public:
  ThreadLimit(mlir::MLIRContext &context, int threads);
  ~ThreadLimit();

private:
  mlir::MLIRContext &context;
  std::optional<llvm::DefaultThreadPool> pool;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_THREADS_H
