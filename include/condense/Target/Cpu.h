// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The CPU that code is generated for.

#ifndef CONDENSE_TARGET_CPU_H
#define CONDENSE_TARGET_CPU_H

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace condense::target {

/// A CPU by LLVM's names.
struct Cpu {
  /// For example "znver4".
  std::string name;
  /// The features it has, for example "avx2".
  llvm::StringSet<> features;

  bool has(llvm::StringRef feature) const { return features.contains(feature); }

  /// LLVM's attribute target-features: "+avx,+avx2,...", with those that the CPU's name implies
  /// but this one lacks as "-...".
  std::string featureString;

  /// Those of its features that the runtime checks before a model runs, separated by commas.
  std::string requiredFeatures() const;

  /// Width of the registers that code should use, in bits: 512, 256 or 128.
  int64_t vectorBits() const;
  /// Number of such registers.
  int64_t vectorRegisters() const { return has("avx512vl") || has("neon") ? 32 : 16; }

  /// How four products of an unsigned and a signed byte are summed: "vpdpbusd", an instruction of
  /// codegen-lower-dot-products, or "" if floats are faster.
  llvm::StringRef dotProduct() const;
};

/// The CPU of this machine ("host") or the named one; an error lists what is known.
llvm::Expected<Cpu> resolveCpu(llvm::StringRef name);

} // namespace condense::target

#endif // CONDENSE_TARGET_CPU_H
