// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tool that a person uses: one subcommand per thing to do with a model.

#include "Support/Command.h"
#include "Support/Guard.h"
#include "Support/ToolError.h"
#include "condense/Registration.h"
#include "mlir/InitAllPasses.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace condense::tool;
using namespace llvm;

static cl::opt<bool> inProcess("in-process", cl::desc("Work in this process, for debuggers: a crash is a crash"),
                               cl::sub(cl::SubCommand::getAll()), cl::cat(getCategory()), cl::ReallyHidden);

static constexpr char overview[] = "Condense makes neural networks smaller and faster\n\n"
                                   "  A model is .onnx, .mlir, .mlirbc or a compiled library (.so).\n"
                                   "  Exit codes: 0 done, 1 input refused, 2 wrong command line, 3 a file\n"
                                   "  cannot be read or written, 4 out of memory, 5 internal error.\n";

/// Makes one line of what the parser of the command line printed.
static llvm::Error makeUsageError(StringRef text, StringRef program) {
  std::string message;
  for (StringRef rest = text.trim(); !rest.empty();) {
    auto [line, tail] = rest.split('\n');
    rest = tail.ltrim();
    if (line.consume_front(program) || line.consume_front(sys::path::filename(program)))
      line.consume_front(": ");
    line = line.take_front(line.find("  Try: ")).take_front(line.find(": See: "));
    message += (message.empty() ? "" : "; ") + line.rtrim(" !.").str();
  }
  return usageError(message + "; see 'condense --help'");
}

/// Parses the command line. The parser prints to the standard error by itself;
/// here that goes to a file in memory.
static llvm::Error parseCommandLine(int argc, char **argv) {
  int saved = dup(STDERR_FILENO);
  int captured = memfd_create("usage", MFD_CLOEXEC);
  if (saved >= 0 && captured >= 0)
    dup2(captured, STDERR_FILENO);
  bool parsed = cl::ParseCommandLineOptions(argc, argv, overview, &errs());
  if (saved < 0 || captured < 0)
    return parsed ? llvm::Error::success() : usageError("bad command line");
  dup2(saved, STDERR_FILENO);
  char text[4096];
  ssize_t size = parsed ? 0 : pread(captured, text, sizeof(text), 0);
  close(saved);
  close(captured);
  return parsed ? llvm::Error::success() : makeUsageError(StringRef(text, std::max<ssize_t>(size, 0)), argv[0]);
}

static int runCommand(const Command &command) {
  mlir::registerAllPasses();
  condense::registerPasses();
  int code = report(command.run());
  // Output that did not arrive is a failure like any other.
  outs().flush();
  if (outs().has_error()) {
    std::error_code error = outs().error();
    outs().clear_error();
    return report(ioError("standard output: cannot write: " + error.message()));
  }
  return code;
}

int main(int argc, char **argv) {
  installErrorHandlers();
  cl::HideUnrelatedOptions(getCategory());
  for (Command *command : Command::getAll())
    cl::HideUnrelatedOptions(getCategory(), *command);
  cl::SetVersionPrinter(
      [](raw_ostream &os) { os << "Condense " CONDENSE_VERSION " (LLVM " LLVM_VERSION_STRING ")\n"; });
  if (llvm::Error error = parseCommandLine(argc, argv))
    return report(std::move(error));
  for (Command *command : Command::getAll())
    if (*command)
      return inProcess ? runCommand(*command) : runGuarded([&] { return runCommand(*command); });
  return report(usageError("expected a subcommand, such as compress, compile, "
                           "run, eval, compare, inspect, bench or import; see "
                           "'condense --help'"));
}
