// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiles a model module to a shared library: lowers it, generates an object for the code and one
// for the weights, and links both with the runtime.

#include "condense/Target/SharedLibrary.h"
#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Pipelines/Pipelines.h"
#include "condense/Registration.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace condense;
using namespace condense::target;

void condense::target::registerCompilation(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerOpenMPDialectTranslation(registry);
}

/// Makes `error` a diagnostic of `module`.
static LogicalResult report(ModuleOp module, llvm::Error error) {
  if (!error)
    return success();
  return module.emitError(llvm::toString(std::move(error)));
}

/// Removes attributes of arguments and results: they describe the graph (names, for example), and
/// LLVM IR has no place for them.
static void removeSignatureAttributes(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    function.removeArgAttrsAttr();
    function.removeResAttrsAttr();
  }
}

/// Models that were stored decoded have been so for a reason: only what compression has made smaller than its
/// constants is coded without being asked for.
static WeightBlob::Coding chooseCoding(ModuleOp module, DecodePlacement placement) {
  if (placement != DecodePlacement::automatic)
    return placement == DecodePlacement::load ? WeightBlob::Coding::always : WeightBlob::Coding::none;
  WalkResult found = module.walk([](Operation *op) {
    bool isDecoded = isa<compress::EntropyDecodeOp, compress::JoinPlanesOp, compress::ScatterOp>(op);
    return isDecoded ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found.wasInterrupted() ? WeightBlob::Coding::worthwhile : WeightBlob::Coding::none;
}

/// Lowers `module` to the LLVM dialect; the weights move to `weights`.
static LogicalResult lower(ModuleOp module, const CompileOptions &options, const Cpu &cpu,
                           std::shared_ptr<WeightBlob> weights) {
  PassManager pm(module.getContext());
  // a graph that comes straight from an importer; a clean one stays as it is
  buildImportCleanupPipeline(pm);
  // where it is faster than decoding the codes and multiplying them in f32
  if (!cpu.dotProduct().empty())
    pm.addPass(compress::createIntegerArithmeticPass());
  if (cpu.vectorBits() == 512)
    pm.addNestedPass<func::FuncOp>(createCodegenRowCodebooksPass());
  buildLowerToLinalgPipeline(pm);
  LowerToLLVMOptions lowering;
  lowering.threads = options.threads;
  lowering.cpu = options.cpu;
  buildLowerToLLVMPipeline(pm, lowering, std::move(weights));
  return pm.run(module);
}

/// Writes the three inputs of the linker and runs it.
static llvm::Error emitAndLink(llvm::Module &llvmModule, WeightBlob &weights, const Cpu &cpu,
                               const CompileOptions &options, StringRef outputPath) {
  llvm::Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return folder.takeError();
  std::vector<std::string> inputs = {folder->file("model.o"), folder->file("weights.o"),
                                     folder->file("libCondenseRuntime.a")};
  llvm::Error code = writeFile(
      inputs[0], [&](llvm::raw_pwrite_stream &os) { return emitObject(llvmModule, cpu, options.llvmIRPath, os); });
  if (code)
    return code;
  llvm::Error data = writeFile(inputs[1], [&](llvm::raw_pwrite_stream &os) {
    writeWeightObject(weights, os);
    return llvm::Error::success();
  });
  if (data)
    return data;
  llvm::Error archive = writeFile(inputs[2], [&](llvm::raw_pwrite_stream &os) {
    ArrayRef<char> bytes = runtimeArchive();
    os.write(bytes.data(), bytes.size());
    return llvm::Error::success();
  });
  if (archive)
    return archive;
  return linkSharedLibrary(inputs, weights, options.linker, options.threads, *folder, outputPath);
}

LogicalResult condense::target::compileToSharedLibrary(ModuleOp module, const CompileOptions &options,
                                                       StringRef outputPath) {
  llvm::Expected<Cpu> cpu = resolveCpu(options.cpu);
  if (!cpu)
    return report(module, cpu.takeError());
  OwningOpRef<ModuleOp> clone = module.clone();
  func::FuncOp entry = findEntry(*clone);
  FailureOr<ModelInterface> interface = entry ? describeInterface(entry) : FailureOr<ModelInterface>(failure());
  if (failed(interface))
    return failure();
  ModelDescription description{std::move(*interface), entry.getSymName().str()};
  removeSignatureAttributes(*clone);
  entry->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), UnitAttr::get(module.getContext()));

  auto weights = std::make_shared<WeightBlob>(chooseCoding(module, options.decode));
  if (failed(lower(*clone, options, *cpu, weights)))
    return failure();
  description.weightBytes = weights->size();
  description.codedBytes = weights->codedSize();
  description.decodedBytes = weights->decodedSize();
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule = translateModuleToLLVMIR(*clone, llvmContext, "model");
  if (!llvmModule)
    return failure();
  completeModule(*llvmModule, description, *cpu);
  return report(module, emitAndLink(*llvmModule, *weights, *cpu, options, outputPath));
}

std::unique_ptr<runtime::Model> condense::target::compileAndLoad(ModuleOp module, const CompileOptions &options) {
  llvm::Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder) {
    (void)report(module, folder.takeError());
    return nullptr;
  }
  std::string path = folder->file("model.so"), error;
  if (failed(compileToSharedLibrary(module, options, path)))
    return nullptr;
  std::unique_ptr<runtime::Model> model = runtime::Model::load(path, error);
  if (!model)
    module.emitError(error);
  return model;
}
