// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs the work of the driver in a process of its own, so that a crash in a
// library ends as a message and an exit code.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_GUARD_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_GUARD_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace condense::tool {

/// Calls `work` in a child process and returns its exit code; Internal if the
/// child crashed, Limit if it ran out of memory. SIGINT, SIGTERM and SIGHUP
/// reach the child, and end this process after it. Call before any thread is
/// started.
int runGuarded(llvm::function_ref<int()> work);

/// Makes exhausted memory and failed checks of LLVM end as messages, and writes
/// to a full disk or a closed pipe fail instead of killing the process.
void installErrorHandlers();

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_GUARD_H
