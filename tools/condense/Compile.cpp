// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense compile IN -o OUT.so: native code, and a C header beside it.

#include "Support/Command.h"
#include "Support/ModelFile.h"
#include "Support/OutputFile.h"
#include "Support/Remarks.h"
#include "Support/ToolError.h"
#include "condense/Target/SharedLibrary.h"
#include "llvm/Support/Path.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runCompile();

static Command command("compile", "Compile a model to a shared library", runCompile);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static Option<std::string> output(command, "o", cl::Required, cl::value_desc("file.so"),
                                  cl::desc("The library to write; file.h is written beside it"));
static Option<std::string> cpu(command, "target", cl::init("host"), cl::value_desc("CPU"),
                               cl::desc("host, x86-64-v3, x86-64-v4, znver4, or another CPU that "
                                        "LLVM knows (default: host)"));
static Option<bool> singleThread(command, "single-thread", cl::desc("Generate code for one thread only"));
static Option<std::string> llvmIR(command, "emit-llvm", cl::value_desc("file.ll"),
                                  cl::desc("Also write the optimised LLVM IR"));

static Option<target::DecodePlacement>
    decode(command, "decode", cl::init(target::DecodePlacement::automatic),
           cl::desc("Where weights are decoded that are entropy-coded or sparse:"),
           cl::values(clEnumValN(target::DecodePlacement::automatic, "auto",
                                 "when the library is loaded, if that makes it at least 5 % "
                                 "smaller (default)"),
                      clEnumValN(target::DecodePlacement::compile, "compile",
                                 "when it is compiled: a larger library, that is mapped"),
                      clEnumValN(target::DecodePlacement::load, "load",
                                 "when it is loaded; all constants are coded that get "
                                 "smaller")));
static Option<bool> verbose(command, "verbose", cl::desc("Print where weights are decoded"));

/// Prefix of the header's macros: the file's name as an identifier.
static std::string makeModelName(StringRef path) {
  std::string name = sys::path::stem(path).str();
  for (char &c : name)
    c = isAlnum(c) ? c : '_';
  if (name.empty() || isDigit(name[0]))
    name.insert(0, "model_");
  return name;
}

static llvm::Error runCompile() {
  SmallString<128> header(output);
  sys::path::replace_extension(header, "h");
  if (header == output)
    return usageError(output + ": the library and its header would be the same "
                               "file; name the library .so");
  std::vector<CollectedRemark> remarks;
  auto context = createContext();
  if (verbose)
    collectRemarks(*context, remarks);
  auto module = loadModel(*context, input);
  if (!module)
    return module.takeError();

  auto library = OutputFile::create(output);
  if (!library)
    return library.takeError();
  auto headerFile = OutputFile::create(header);
  if (!headerFile)
    return headerFile.takeError();
  target::CompileOptions options;
  options.cpu = cpu;
  options.threads = !singleThread;
  options.decode = decode;
  options.llvmIRPath = llvmIR;
  DiagnosticCollector diagnostics(context.get(), input);
  if (failed(target::compileToSharedLibrary(**module, options, (*library)->getTemporaryPath())))
    return diagnostics.takeError("the model cannot be compiled");
  if (failed(target::writeModelHeader(**module, makeModelName(output), (*headerFile)->getTemporaryPath())))
    return diagnostics.takeError("the header cannot be written");
  for (const CollectedRemark &remark : remarks)
    outs() << remark.layer << ": " << remark.text << "\n";
  if (llvm::Error error = (*headerFile)->commit())
    return error;
  return (*library)->commit();
}
