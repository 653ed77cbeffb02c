// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models that can be run: a compiled library, or whatever is compiled first.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_EXECUTION_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_EXECUTION_H

#include "condense/Evaluation/Preprocessing.h"
#include "condense/IO/Npy.h"
#include "condense/Runtime/Loader.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace condense::tool {

/// Opens the library `path`, or compiles the model in it for this machine.
llvm::Expected<std::unique_ptr<runtime::Model>> openModel(llvm::StringRef path);

/// The same with the compiler in a process of its own, so that the memory of
/// this one is that of the model.
llvm::Expected<std::unique_ptr<runtime::Model>> openModelApart(llvm::StringRef path);

/// Compiles a module in memory; `path` names it in messages.
llvm::Expected<std::unique_ptr<runtime::Model>> compileModule(mlir::ModuleOp module, llvm::StringRef path);

/// The same in a context of its own: the constants that compilation makes would stay in that of the model, and take
/// names there. `threads` compile.
llvm::Expected<std::unique_ptr<runtime::Model>> compileApart(mlir::OwningOpRef<mlir::ModuleOp> module,
                                                             llvm::StringRef path, int threads);

/// Reads an .npy file.
llvm::Expected<npy::Array> readArray(llvm::StringRef path);

/// Runs the model; errors name `path`.
llvm::Error runModel(const runtime::Model &model, llvm::StringRef path, const std::vector<runtime::Tensor> &inputs,
                     std::vector<runtime::Tensor> &outputs);

/// Describes one input of a model.
evaluation::InputType getInputType(const condense_io &input);

/// The name of input or output `index`, never empty.
std::string getName(const condense_io &io, llvm::StringRef kind, uint64_t index);

/// The array as a tensor for `input`: types and shapes must agree.
llvm::Expected<runtime::Tensor> makeTensor(const npy::Array &array, const condense_io &input, llvm::StringRef path);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_EXECUTION_H
