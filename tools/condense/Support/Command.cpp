// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The list of subcommands.

#include "Command.h"

#include <vector>

using namespace condense::tool;

static std::vector<Command *> &getCommands() {
  static std::vector<Command *> commands;
  return commands;
}

llvm::cl::OptionCategory &condense::tool::getCategory() {
  static llvm::cl::OptionCategory category("condense options");
  return category;
}

Command::Command(llvm::StringRef name, llvm::StringRef description, Function function)
    : SubCommand(name, description), function(function) {
  getCommands().push_back(this);
}

llvm::ArrayRef<Command *> Command::getAll() { return getCommands(); }
