// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the C header of one model: what is common to all models, preceded by the model's own names,
// types and shapes.

#include "Internal.h"
#include "condense/Target/SharedLibrary.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace condense;
using namespace condense::target;

/// `text` as part of a C comment and on one line.
static std::string inComment(StringRef text) {
  std::string result;
  for (char c : text)
    result += !llvm::isPrint(c) || c == '*' || c == '\\' ? '_' : c;
  return result;
}

/// `text` as an identifier in capitals.
static std::string asMacro(StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isAlnum(c) ? llvm::toUpper(c) : '_';
  return result.empty() || llvm::isDigit(result[0]) ? "MODEL_" + result : result;
}

static void writeTable(llvm::raw_ostream &os, StringRef title, ArrayRef<ModelIO> ios) {
  for (auto [i, io] : llvm::enumerate(ios))
    os << " *   " << title << " " << i << ": " << inComment(io.name) << ", "
       << runtime::describeType(io.dtype, io.shape.data(), io.shape.size()) << "\n";
}

LogicalResult condense::target::writeModelHeader(ModuleOp module, StringRef modelName, StringRef outputPath) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return failure();
  FailureOr<ModelInterface> interface = describeInterface(entry);
  if (failed(interface))
    return failure();
  std::string prefix = asMacro(modelName);
  llvm::Error error = writeFile(outputPath, [&](llvm::raw_pwrite_stream &os) {
    os << "/* Model " << inComment(modelName) << "; ? is a dynamic dimension.\n *\n";
    writeTable(os, "input", interface->inputs);
    writeTable(os, "output", interface->outputs);
    os << " */\n\n#define " << prefix << "_NUM_INPUTS " << interface->inputs.size() << "\n#define " << prefix
       << "_NUM_OUTPUTS " << interface->outputs.size() << "\n\n"
       << modelHeaderText();
    return llvm::Error::success();
  });
  if (!error)
    return success();
  return module.emitError(llvm::toString(std::move(error)));
}
