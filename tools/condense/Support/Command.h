// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a subcommand is defined: its options and its function, in one file.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_COMMAND_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_COMMAND_H

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

namespace condense::tool {

/// The category of every option of the driver: what --help shows.
llvm::cl::OptionCategory &getCategory();

/// A subcommand; define one as a static object before its options.
class Command : public llvm::cl::SubCommand {
public:
  using Function = llvm::Error (*)();

  Command(llvm::StringRef name, llvm::StringRef description, Function function);

  llvm::Error run() const { return function(); }

  static llvm::ArrayRef<Command *> getAll();

private:
  Function function;
};

/// Options of one subcommand, as `static Option<std::string> output(compile,
/// ...)`.
template <typename T> class Option : public llvm::cl::opt<T> {
public:
  template <typename... Modifiers>
  explicit Option(Command &command, const Modifiers &...modifiers)
      : llvm::cl::opt<T>(llvm::cl::sub(command), llvm::cl::cat(getCategory()), modifiers...) {}
  using llvm::cl::opt<T>::operator=;
};

template <typename T> class ListOption : public llvm::cl::list<T> {
public:
  template <typename... Modifiers>
  explicit ListOption(Command &command, const Modifiers &...modifiers)
      : llvm::cl::list<T>(llvm::cl::sub(command), llvm::cl::cat(getCategory()), modifiers...) {}
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_COMMAND_H
