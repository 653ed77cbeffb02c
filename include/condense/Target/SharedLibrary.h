// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiles a model module to a shared library with the C interface of condense/Runtime/Model.h.

#ifndef CONDENSE_TARGET_SHAREDLIBRARY_H
#define CONDENSE_TARGET_SHAREDLIBRARY_H

#include "condense/Runtime/Loader.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>
#include <string>

namespace condense::target {

/// Where weights are decoded that kernels cannot decode themselves.
enum class DecodePlacement {
  automatic, ///< load, if the model has such weights and coding saves 5 % of all; else compile
  compile,   ///< when the model is compiled: the library stores them as they are
  load       ///< when the library is loaded: it stores them entropy-coded, as all constants that it pays for
};

struct CompileOptions {
  /// "host", or a CPU that LLVM knows: x86-64-v3, x86-64-v4, znver4, ...
  std::string cpu = "host";
  /// Whether large loops are split over OpenMP threads. The number is chosen when the model runs.
  bool threads = true;
  /// Linker driver: a path, or a name looked up in PATH.
  std::string linker = "clang-22";
  DecodePlacement decode = DecodePlacement::compile;
  /// If not empty, the LLVM IR after optimisation is written there.
  std::string llvmIRPath;
};

/// Registers what compiling needs in a context's registry: bufferization and translation
/// interfaces of the upstream dialects. Call it for the registry of every context whose modules
/// are compiled.
void registerCompilation(mlir::DialectRegistry &registry);

/// Compiles `module` (nn + compress, linalg on tensors, or TOSA; one entry function) and writes the
/// shared library to `outputPath`. The module is not changed. The file appears complete or not at
/// all. Emits diagnostics and fails if an operation cannot be lowered, the CPU is unknown, the
/// linker is missing or fails, or the file cannot be written.
mlir::LogicalResult compileToSharedLibrary(mlir::ModuleOp module, const CompileOptions &options,
                                           llvm::StringRef outputPath);

/// Compiles `module` and loads it: a temporary library, removed as soon as it is open. Returns
/// null after diagnostics.
std::unique_ptr<runtime::Model> compileAndLoad(mlir::ModuleOp module, const CompileOptions &options);

/// Writes a C header that describes the inputs and outputs of `module` (names, types, shapes) and
/// can be included beside condense/Runtime/Model.h. `modelName` prefixes the macros.
mlir::LogicalResult writeModelHeader(mlir::ModuleOp module, llvm::StringRef modelName, llvm::StringRef outputPath);

} // namespace condense::target

#endif // CONDENSE_TARGET_SHAREDLIBRARY_H
