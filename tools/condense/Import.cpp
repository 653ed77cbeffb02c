// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense import IN -o OUT: a model as MLIR, before anything is done to it.

#include "Support/Command.h"
#include "Support/ModelFile.h"

using namespace condense::tool;
using namespace llvm;

static llvm::Error runImport();

static Command command("import", "Turn a model into MLIR", runImport);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static Option<std::string> output(command, "o", cl::Required, cl::value_desc("file"),
                                  cl::desc("What to write: .mlir is text, anything else bytecode"));

static llvm::Error runImport() {
  auto context = createContext();
  auto module = loadModel(*context, input);
  if (!module)
    return module.takeError();
  return saveModel(**module, output);
}
