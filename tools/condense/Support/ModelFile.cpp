// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading and writing models.

#include "ModelFile.h"

#include "Bytecode.h"
#include "OutputFile.h"
#include "ToolError.h"
#include "condense/Import/ONNX/Import.h"
#include "condense/Registration.h"
#include "condense/Target/SharedLibrary.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace condense::tool;
using namespace mlir;
using llvm::Error;
using llvm::Expected;
using llvm::MemoryBuffer;

namespace {
/// MLIR's parser is recursive; no model nests deeper than this.
constexpr unsigned maxTextNesting = 1000;
/// More than any address space holds.
constexpr int64_t maxTensorBytes = int64_t(1) << 47;

/// Maps the file. MLIR wants bytecode aligned as its blobs are.
Expected<std::unique_ptr<MemoryBuffer>> openFile(StringRef path) {
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status) && llvm::sys::fs::exists(status) && !llvm::sys::fs::is_regular_file(status))
    return ioError(path + ": cannot read: not a regular file");
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false,
                                      /*IsVolatile=*/false, llvm::Align(4096));
  if (!buffer)
    return ioError(path + ": cannot read: " + buffer.getError().message());
  if ((*buffer)->getBufferSize() == 0)
    return inputError(path + ": the file is empty: expected a model (.onnx, "
                             ".mlir or .mlirbc)");
  return std::move(*buffer);
}

/// Refuses text whose brackets nest so deep that the parser would run out of
/// stack. Brackets in strings and the > of -> do not count.
Error checkNesting(StringRef text, StringRef path) {
  unsigned depth = 0, line = 1;
  bool inString = false;
  for (size_t i = 0; i != text.size(); ++i) {
    char c = text[i];
    line += c == '\n';
    if (c == '"' || (inString && c == '\n'))
      inString = c == '"' && !inString;
    else if (inString)
      i += c == '\\' && i + 1 != text.size();
    else if (StringRef("([{<").contains(c))
      ++depth;
    else if (StringRef(")]}>").contains(c) && depth && !(c == '>' && i && text[i - 1] == '-'))
      --depth;
    if (depth > maxTextNesting)
      return inputError(path + ":" + llvm::Twine(line) + ": brackets nest too deep: expected at most " +
                        llvm::Twine(maxTextNesting) + " levels");
  }
  return Error::success();
}

bool isTooLarge(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank())
    return false;
  int64_t bytes = 1;
  for (int64_t dim : shaped.getShape())
    if (!ShapedType::isDynamic(dim) && dim != 0 && (llvm::MulOverflow(bytes, dim, bytes) || bytes > maxTensorBytes))
      return true;
  return false;
}

/// Shapes whose size overflows would be computed with by every later pass.
Error checkSizes(ModuleOp module, StringRef path) {
  std::string message;
  auto check = [&](Location loc, TypeRange types) {
    for (Type type : types) {
      if (!isTooLarge(type))
        continue;
      llvm::raw_string_ostream(message) << describeLocation(loc, path) << ": tensor of type " << type
                                        << " is larger than the address space";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  };
  WalkResult result = module.walk([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (check(op->getLoc(), block.getArgumentTypes()).wasInterrupted())
          return WalkResult::interrupt();
    return check(op->getLoc(), op->getResultTypes());
  });
  if (result.wasInterrupted())
    return makeError(ExitCode::Limit, message);
  return Error::success();
}

Expected<OwningOpRef<ModuleOp>> parseModel(MLIRContext &context, StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef bytes = (*buffer)->getBuffer();
  if (Error error = isBytecode(bytes) ? verifyBytecode(bytes, path) : checkNesting(bytes, path))
    return error;
  // Text must end in 0, which a mapped file of whole pages does not.
  if (!isBytecode(bytes))
    *buffer = MemoryBuffer::getMemBufferCopy(bytes, path);
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  DiagnosticCollector diagnostics(&context, path.str());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  if (!module)
    return diagnostics.takeError("the model cannot be parsed");
  if (module->getBody()->empty())
    return inputError(path + ": the module is empty: expected a function");
  return module;
}

Expected<OwningOpRef<ModuleOp>> importModel(MLIRContext &context, StringRef path) {
  DiagnosticCollector diagnostics(&context, path.str());
  OwningOpRef<ModuleOp> module = condense::onnx::importONNX(path, context);
  if (!module)
    return diagnostics.takeError("the model cannot be imported");
  return module;
}
} // namespace

Expected<ModelKind> condense::tool::detectModelKind(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef bytes = (*buffer)->getBuffer();
  if (bytes.starts_with("\x7f"
                        "ELF"))
    return ModelKind::SharedLibrary;
  if (isBytecode(bytes))
    return ModelKind::MLIRBytecode;
  if (path.ends_with(".onnx"))
    return ModelKind::ONNX;
  if (path.ends_with(".mlir"))
    return ModelKind::MLIRText;
  if (path.ends_with(".mlirbc"))
    return inputError(path + ": not MLIR bytecode: it does not start with "
                             "ML\\xEFR; the file is damaged, or is text and "
                             "should be named .mlir");
  return inputError(path + ": unknown kind of model: expected .onnx, .mlir, "
                           ".mlirbc or a compiled library (.so)");
}

std::unique_ptr<MLIRContext> condense::tool::createContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  condense::registerDialects(registry);
  condense::target::registerCompilation(registry);
  return std::make_unique<MLIRContext>(registry);
}

Expected<OwningOpRef<ModuleOp>> condense::tool::loadModel(MLIRContext &context, StringRef path) {
  Expected<ModelKind> kind = detectModelKind(path);
  if (!kind)
    return kind.takeError();
  if (*kind == ModelKind::SharedLibrary)
    return inputError(path + ": a compiled library: expected a model (.onnx, "
                             ".mlir or .mlirbc); name what it was made from");
  Expected<OwningOpRef<ModuleOp>> module =
      *kind == ModelKind::ONNX ? importModel(context, path) : parseModel(context, path);
  if (!module)
    return module;
  if (Error error = checkSizes(**module, path))
    return error;
  return module;
}

Error condense::tool::saveModel(ModuleOp module, StringRef path) {
  Expected<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (path.ends_with(".mlir")) {
    module.print((*file)->os(), OpPrintingFlags().enableDebugInfo());
    (*file)->os() << "\n";
  } else if (Error error = writeBytecode(module, **file)) {
    return error;
  }
  return (*file)->commit();
}

Error condense::tool::runPipeline(ModuleOp module, StringRef pipeline, StringRef path) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  FailureOr<OpPassManager> parsed = parsePassPipeline(pipeline, stream);
  if (failed(parsed))
    return makeError(ExitCode::Internal, "pipeline '" + pipeline + "': " + messages);
  PassManager manager(module->getContext(), module->getName().getStringRef());
  static_cast<OpPassManager &>(manager) = std::move(*parsed);
  DiagnosticCollector diagnostics(module->getContext(), path.str());
  if (failed(manager.run(module)))
    return diagnostics.takeError("the model cannot be processed");
  return Error::success();
}
