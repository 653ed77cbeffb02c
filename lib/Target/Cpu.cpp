// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Looks up the features of a CPU.

#include "condense/Target/Cpu.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace condense::target;

/// The features that condense_model_check_cpu can look for.
static constexpr llvm::StringLiteral checkedFeatures[] = {
#define CONDENSE_CPU_FEATURE(name, leaf, subleaf, reg, bit, state) name,
#include "condense/Runtime/CpuFeatures.def"
};

std::string Cpu::requiredFeatures() const {
  llvm::SmallVector<llvm::StringRef> required;
  for (llvm::StringRef feature : checkedFeatures)
    if (has(feature))
      required.push_back(feature);
  return llvm::join(required, ",");
}

int64_t Cpu::vectorBits() const {
  if (has("avx512f") && has("avx512vl") && has("avx512bw") && has("avx512dq"))
    return 512;
  return has("avx2") && has("fma") ? 256 : 128;
}

llvm::StringRef Cpu::dotProduct() const {
  if (has("avx512vnni"))
    return "vpdpbusd";
  if (has("avx2"))
    return "pmaddwd";
  return has("i8mm") ? "usdot" : has("dotprod") ? "sdot" : "";
}

static Cpu makeHost() {
  Cpu cpu;
  cpu.name = llvm::sys::getHostCPUName().str();
  std::vector<std::string> flags;
  for (const auto &entry : llvm::sys::getHostCPUFeatures()) {
    if (entry.getValue())
      cpu.features.insert(entry.getKey());
    flags.push_back((entry.getValue() ? "+" : "-") + entry.getKey().str());
  }
  llvm::sort(flags); // the map's order differs from run to run
  cpu.featureString = llvm::join(flags, ",");
  return cpu;
}

static llvm::Error unknownCpu(llvm::StringRef name) {
  return llvm::createStringError("unknown CPU '" + name +
                                 "'; use host, x86-64, x86-64-v2, x86-64-v3, x86-64-v4, or a model "
                                 "that LLVM knows such as znver4, skylake-avx512 or alderlake");
}

llvm::Expected<Cpu> condense::target::resolveCpu(llvm::StringRef name) {
  if (name == "host")
    return makeHost();
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  if (!host.isX86_64() || llvm::X86::parseArchX86(name, /*Only64Bit=*/true) == llvm::X86::CK_None)
    return unknownCpu(name);
  Cpu cpu;
  cpu.name = name.str();
  llvm::SmallVector<llvm::StringRef> features;
  llvm::X86::getFeaturesForCPU(name, features);
  // a processor's own list lacks what its features imply, as avx512f of avx512bw
  llvm::StringMap<bool> closure;
  for (llvm::StringRef feature : features) {
    closure[feature] = true;
    llvm::X86::updateImpliedFeatures(feature, /*Enabled=*/true, closure);
  }
  std::vector<std::string> flags;
  for (const auto &feature : closure) {
    cpu.features.insert(feature.getKey());
    flags.push_back("+" + feature.getKey().str());
  }
  llvm::sort(flags); // the map's order differs from run to run
  cpu.featureString = llvm::join(flags, ",");
  return cpu;
}
