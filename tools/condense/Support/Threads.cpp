// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How many threads work on a model.

#include "Threads.h"

#include "llvm/Support/Parallel.h"

using namespace condense::tool;
using namespace llvm;

ThreadLimit::ThreadLimit(mlir::MLIRContext &context, int threads) : context(context) {
  if (threads <= 0)
    return;
  parallel::strategy = hardware_concurrency(threads);
  context.disableMultithreading();
  if (threads == 1)
    return;
  pool.emplace(hardware_concurrency(threads));
  context.setThreadPool(*pool);
}

ThreadLimit::~ThreadLimit() {
  if (pool)
    context.disableMultithreading();
}
