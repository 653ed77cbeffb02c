// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models as files: ONNX, MLIR as text, and MLIR bytecode with a checksum.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_MODELFILE_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_MODELFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace condense::tool {

enum class ModelKind { ONNX, MLIRText, MLIRBytecode, SharedLibrary };

/// Decides by the first bytes of the file, and by the name for ONNX and text.
llvm::Expected<ModelKind> detectModelKind(llvm::StringRef path);

/// A context with every dialect, interface and pass that the driver needs.
std::unique_ptr<mlir::MLIRContext> createContext();

/// Reads a model that is no compiled library. Weights stay in the mapped file.
/// Bytecode must carry the checksum that saveModel writes. The result is
/// verified and no tensor in it exceeds the address space.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> loadModel(mlir::MLIRContext &context, llvm::StringRef path);

/// Writes `module` to `path`: bytecode with a checksum, or text if the name
/// ends in ".mlir".
llvm::Error saveModel(mlir::ModuleOp module, llvm::StringRef path);

/// Runs a pipeline such as "builtin.module(canonicalize)". `path` names the
/// model in messages.
llvm::Error runPipeline(mlir::ModuleOp module, llvm::StringRef pipeline, llvm::StringRef path);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_MODELFILE_H
