// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Errors of the driver, and how MLIR's diagnostics become such.

#include "ToolError.h"

#include "condense/IR/TensorConstant.h"
#include "llvm/Support/raw_ostream.h"

using namespace condense::tool;
using namespace mlir;

char ToolError::ID;

llvm::Error condense::tool::makeError(ExitCode code, const llvm::Twine &message) {
  return llvm::make_error<ToolError>(code, message.str());
}

int condense::tool::report(llvm::Error error) {
  std::optional<ExitCode> code;
  auto print = [&](const llvm::ErrorInfoBase &info, ExitCode itsCode) {
    std::string text = info.message();
    // One line, but for lists, whose items are indented.
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n' && text.compare(i + 1, 2, "  ") != 0)
        text[i] = ' ';
    llvm::errs() << "error: " << text << "\n";
    code = code.value_or(itsCode);
  };
  llvm::handleAllErrors(
      std::move(error), [&](const ToolError &failure) { print(failure, failure.getCode()); },
      [&](const llvm::ErrorInfoBase &other) { print(other, ExitCode::Internal); });
  return static_cast<int>(code.value_or(ExitCode::Success));
}

std::string condense::tool::describeLocation(Location loc, StringRef file) {
  if (StringRef layer = getLayerName(loc); !layer.empty())
    return (file + ": layer '" + layer + "'").str();
  FileLineColLoc position;
  loc->walk([&](Location inner) {
    position = dyn_cast<FileLineColLoc>(inner);
    return position ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!position || position.getLine() == 0)
    return file.str();
  return (position.getFilename().getValue() + ":" + llvm::Twine(position.getLine()) + ":" +
          llvm::Twine(position.getColumn()))
      .str();
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context, std::string file)
    : file(std::move(file)), handler(context, [this](Diagnostic &diagnostic) {
        handle(diagnostic);
        return success();
      }) {}

void DiagnosticCollector::handle(Diagnostic &diagnostic) {
  std::string text = describeLocation(diagnostic.getLocation(), file) + ": " + diagnostic.str();
  for (Diagnostic &note : diagnostic.getNotes())
    // The operation as text is for debugging passes, not for users of a model.
    if (std::string noteText = note.str(); noteText.rfind("see current operation", 0) != 0)
      text += "; " + noteText;
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    if (errors++ == 0)
      firstError = std::move(text);
    return;
  case DiagnosticSeverity::Warning:
    llvm::errs() << "warning: " << text << "\n";
    return;
  case DiagnosticSeverity::Note:
  case DiagnosticSeverity::Remark:
    return;
  }
}

llvm::Error DiagnosticCollector::takeError(const llvm::Twine &fallback) {
  if (errors == 0)
    return inputError(file + ": " + fallback);
  if (errors > 1)
    firstError += "; and " + std::to_string(errors - 1) + " more errors";
  // The system's words for a failed write are the only mark of such errors.
  bool isIO = StringRef(firstError).contains_insensitive("no space left") ||
              StringRef(firstError).contains_insensitive("permission denied");
  ExitCode code = isIO ? ExitCode::IO : ExitCode::Input;
  errors = 0;
  return makeError(code, firstError);
}
