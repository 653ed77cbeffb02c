//===- Import.h - From an ONNX file to the nn dialect -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_IMPORT_ONNX_IMPORT_H
#define CONDENSE_IMPORT_ONNX_IMPORT_H

#include "condense/Import/ONNX/Model.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <vector>

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace condense::onnx {

struct ImportOptions {
  /// Graph inputs that are to be constants, named by Tensor::name. They are no
  /// longer arguments of the function. This is how a model whose shapes depend
  /// on the *value* of an input (the `shape` of Reshape, say) is specialised.
  std::vector<Tensor> constantInputs;
};

/// Imports the model in the file `path`: a module with the function `main`,
/// whose arguments and results carry the names of the graph's inputs and
/// outputs as `nn.name`. Locations are the names of the nodes. Weights are
/// `dense_resource` constants that refer to the file's bytes without a copy.
///
/// Each shape that ONNX computes at run time must be known here, up to the
/// sizes of dynamic dimensions. Everything that the importer does not support
/// exactly is reported in one error at `path`, and null is returned.
mlir::OwningOpRef<mlir::ModuleOp> importONNX(llvm::StringRef path, mlir::MLIRContext &context,
                                             const ImportOptions &options = {});

/// The same for a model that has been read already.
mlir::OwningOpRef<mlir::ModuleOp> importModel(Model model, mlir::MLIRContext &context,
                                              const ImportOptions &options = {});

} // namespace condense::onnx

#endif // CONDENSE_IMPORT_ONNX_IMPORT_H
