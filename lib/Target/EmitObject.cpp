// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs LLVM's optimiser and code generator. Where LLVM would end the process, it ends this step
// with an error instead.

#include "Internal.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace condense::target;

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createMachine(const Cpu &cpu) {
  static const bool initialized = [] {
    return !llvm::InitializeNativeTarget() && !llvm::InitializeNativeTargetAsmPrinter() &&
           !llvm::InitializeNativeTargetAsmParser();
  }();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string reason = "LLVM was built without a code generator for this machine";
  const llvm::Target *target = initialized ? llvm::TargetRegistry::lookupTarget(triple, reason) : nullptr;
  if (!target)
    return llvm::createStringError("cannot generate code for " + triple.str() + ": " + reason);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast; // a * b + c in one rounding
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(triple, cpu.name, cpu.featureString, options,
                                                                           llvm::Reloc::PIC_, std::nullopt,
                                                                           llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("cannot generate code for CPU " + cpu.name);
  return machine;
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

static llvm::Error writeIR(const llvm::Module &module, llvm::StringRef path) {
  return writeFile(path, [&](llvm::raw_pwrite_stream &os) {
    module.print(os, nullptr);
    return llvm::Error::success();
  });
}

static llvm::Error optimizeAndEmit(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef irPath,
                                   llvm::raw_pwrite_stream &os) {
  std::string invalid;
  llvm::raw_string_ostream invalidStream(invalid);
  if (llvm::verifyModule(module, &invalidStream))
    return llvm::createStringError("invalid LLVM IR: " + invalid);
  optimize(module, machine);
  if (!irPath.empty())
    if (llvm::Error error = writeIR(module, irPath))
      return error;
  llvm::legacy::PassManager emission;
  if (machine.addPassesToEmitFile(emission, os, nullptr, llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("LLVM cannot write object files for this machine");
  emission.run(module);
  return llvm::Error::success();
}

/// Keeps the reason of a fatal error and leaves the crash recovery context.
static void recover(void *reason, const char *message, bool) {
  *static_cast<std::string *>(reason) = message;
  if (llvm::CrashRecoveryContext *context = llvm::CrashRecoveryContext::GetCurrent())
    context->HandleExit(1);
}

llvm::Error condense::target::emitObject(llvm::Module &module, const Cpu &cpu, llvm::StringRef irPath,
                                         llvm::raw_pwrite_stream &os) {
  auto machine = createMachine(cpu);
  if (!machine)
    return machine.takeError();
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  std::string reason;
  llvm::Error result = llvm::Error::success();
  llvm::cantFail(std::move(result)); // marks it checked, so that it can be assigned
  llvm::ScopedFatalErrorHandler handler(recover, &reason);
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext context;
  bool finished = context.RunSafely([&] { result = optimizeAndEmit(module, **machine, irPath, os); });
  llvm::CrashRecoveryContext::Disable();
  if (finished)
    return result;
  return llvm::createStringError("LLVM failed on this model" + (reason.empty() ? std::string() : ": " + reason));
}
