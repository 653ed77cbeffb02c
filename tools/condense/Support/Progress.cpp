// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Progress of long work.

#include "Progress.h"

#include "Command.h"
#include "llvm/Support/raw_ostream.h"

using namespace condense::tool;

static llvm::cl::opt<bool> forceProgress("progress",
                                         llvm::cl::desc("Print progress as lines even if the standard error is no "
                                                        "terminal"),
                                         llvm::cl::sub(llvm::cl::SubCommand::getAll()), llvm::cl::cat(getCategory()));

Progress::Progress(llvm::StringRef label, int64_t total)
    : label(label), total(total), isTerminal(llvm::errs().is_displayed()), isShown(isTerminal || forceProgress) {}

Progress::~Progress() {
  if (isTerminal && wasPrinted)
    llvm::errs() << "\r\033[K";
}

void Progress::advance(int64_t done, llvm::StringRef state) {
  auto now = std::chrono::steady_clock::now();
  bool isDue = done == total || now - last >= std::chrono::milliseconds(100);
  if (!isShown || !isDue)
    return;
  last = now;
  wasPrinted = true;
  llvm::errs() << (isTerminal ? "\r" : "") << label << ": " << done << "/" << total << state
               << (isTerminal ? "\033[K" : "\n");
}

void condense::tool::announceStep(const llvm::Twine &label) {
  if (llvm::errs().is_displayed() || forceProgress)
    llvm::errs() << label << "...\n";
}
