// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the driver fails: one line and an exit code.
//
// Every message reads `<file>: <what>: <expected and found>; <remedy>`, as far
// as there is a file, an expectation and a remedy; main() prints `error: ` and
// the message.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_TOOLERROR_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_TOOLERROR_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"
#include <string>

namespace condense::tool {

/// The exit codes of the driver. It is never ended by a signal of its own.
enum class ExitCode {
  Success = 0,
  Input = 1,    ///< a model, an array or a recipe is not acceptable
  Usage = 2,    ///< the command line is wrong
  IO = 3,       ///< a file could not be read or written
  Limit = 4,    ///< out of memory, or a tensor that no machine can hold
  Internal = 5, ///< a bug
};

class ToolError : public llvm::ErrorInfo<ToolError> {
public:
  static char ID;

  ToolError(ExitCode code, std::string message) : code(code), message(std::move(message)) {}

  ExitCode getCode() const { return code; }
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  ExitCode code;
  std::string message;
};

llvm::Error makeError(ExitCode code, const llvm::Twine &message);
inline llvm::Error inputError(const llvm::Twine &message) { return makeError(ExitCode::Input, message); }
inline llvm::Error usageError(const llvm::Twine &message) { return makeError(ExitCode::Usage, message); }
inline llvm::Error ioError(const llvm::Twine &message) { return makeError(ExitCode::IO, message); }

/// Prints `error: ...` for every error and returns the exit code of the first.
int report(llvm::Error error);

/// Collects MLIR's diagnostics while it lives. Warnings are printed at once,
/// errors are kept and become one ToolError.
class DiagnosticCollector {
public:
  /// `file` is the model that the user named.
  DiagnosticCollector(mlir::MLIRContext *context, std::string file);

  /// The first error with its notes and the number of further ones; `fallback`
  /// says what failed if nothing was diagnosed.
  llvm::Error takeError(const llvm::Twine &fallback);

private:
  void handle(mlir::Diagnostic &diagnostic);

  std::string file;
  std::string firstError;
  unsigned errors = 0;
  mlir::ScopedDiagnosticHandler handler;
};

/// Where `loc` is for a user of `file`: "file:line:column" or "file: layer
/// 'name'", else the file alone.
std::string describeLocation(mlir::Location loc, llvm::StringRef file);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_TOOLERROR_H
