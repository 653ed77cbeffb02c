// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parent waits; the child works. The child dies with the parent.

#include "Guard.h"

#include "ToolError.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace condense::tool;

namespace {
/// Deeply nested IR is walked recursively; the default of 8 MiB is soon used
/// up.
constexpr rlim_t stackSize = rlim_t(256) << 20;

constexpr int forwardedSignals[] = {SIGINT, SIGTERM, SIGHUP};
volatile sig_atomic_t childProcess = 0;

void forwardSignal(int number) {
  if (childProcess > 0)
    kill(childProcess, number);
}

/// Writes without allocating: memory may be exhausted.
[[noreturn]] void endWith(ExitCode code, const char *message) {
  (void)!write(STDERR_FILENO, message, std::strlen(message));
  llvm::sys::RunInterruptHandlers();
  _exit(static_cast<int>(code));
}

[[noreturn]] void reportOutOfMemory() {
  endWith(ExitCode::Limit, "error: out of memory; use a machine with more, or "
                           "raise the limit (ulimit -v)\n");
}

/// Installs LLVM's handlers, which remove temporary files, now rather than with the first
/// such file. They end the process: a signal that it was started to ignore (by nohup, as a
/// background job) stays ignored, and so does a file that grows too large.
void installCleanup() {
  constexpr int mayBeIgnored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ, SIGPIPE};
  struct sigaction previous[std::size(mayBeIgnored)];
  for (auto [number, action] : llvm::zip_equal(mayBeIgnored, previous))
    sigaction(number, nullptr, &action);
  llvm::sys::SetInterruptFunction(nullptr);
  for (auto [number, action] : llvm::zip_equal(mayBeIgnored, previous))
    if (action.sa_handler == SIG_IGN)
      sigaction(number, &action, nullptr);
}

int explainSignal(int number) {
  // The kernel sends SIGKILL to whoever exhausts memory.
  if (number == SIGKILL) {
    llvm::errs() << "error: killed, probably for lack of memory\n";
    return static_cast<int>(ExitCode::Limit);
  }
  if (number == SIGXCPU) {
    llvm::errs() << "error: the limit on processor time was reached\n";
    return static_cast<int>(ExitCode::Limit);
  }
  llvm::errs() << "error: internal error (" << strsignal(number)
               << "); please report it with the model and this command line\n";
  return static_cast<int>(ExitCode::Internal);
}

int waitForChild(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return static_cast<int>(ExitCode::Internal);
  if (WIFEXITED(status))
    return WEXITSTATUS(status);
  int number = WTERMSIG(status);
  if (llvm::is_contained(forwardedSignals, number)) {
    // The child has cleaned up and died of it, as the shell expects of us.
    signal(number, SIG_DFL);
    raise(number);
  }
  return explainSignal(number);
}
} // namespace

void condense::tool::installErrorHandlers() {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  installCleanup();
  std::set_new_handler(reportOutOfMemory);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { reportOutOfMemory(); });
  llvm::install_fatal_error_handler([](void *, const char *reason, bool) {
    if (std::strstr(reason, "out of memory"))
      reportOutOfMemory();
    llvm::errs() << "error: internal error: " << reason << "; please report it with the model and this command line\n";
    endWith(ExitCode::Internal, "");
  });
}

int condense::tool::runGuarded(llvm::function_ref<int()> work) {
  // A new main thread takes its limit from here; a lower hard limit wins.
  rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < stackSize) {
    limit.rlim_cur = std::min(stackSize, limit.rlim_max);
    setrlimit(RLIMIT_STACK, &limit);
  }
  // A signal that comes before it can be forwarded waits: if it ended this process
  // alone, the other would be killed without a chance to clean up.
  sigset_t forwarded, previous;
  sigemptyset(&forwarded);
  for (int number : forwardedSignals)
    sigaddset(&forwarded, number);
  sigprocmask(SIG_BLOCK, &forwarded, &previous);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child <= 0)
    sigprocmask(SIG_SETMASK, &previous, nullptr);
  if (child < 0)
    return work();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
      _exit(static_cast<int>(ExitCode::Internal));
    return work();
  }
  childProcess = child;
  for (int number : forwardedSignals)
    if (signal(number, forwardSignal) == SIG_IGN)
      signal(number, SIG_IGN);
  sigprocmask(SIG_SETMASK, &previous, nullptr);
  return waitForChild(child);
}
