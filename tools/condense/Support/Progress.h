// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Says on the standard error how far long work has come.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_PROGRESS_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include <chrono>
#include <string>

namespace condense::tool {

/// Shows "label: done/total" in place on a terminal, or as lines with
/// --progress; silent otherwise. At most ten times a second.
class Progress {
public:
  Progress(llvm::StringRef label, int64_t total);
  ~Progress();

  /// `state` is shown behind the numbers.
  void advance(int64_t done, llvm::StringRef state = "");

private:
  std::string label;
  int64_t total;
  bool isTerminal;
  bool isShown;
  bool wasPrinted = false;
  std::chrono::steady_clock::time_point last;
};

/// A step whose length is not known: prints "label..." under the same rules.
void announceStep(const llvm::Twine &label);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_PROGRESS_H
