//===- Import.cpp - From an ONNX file to the nn dialect -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "condense/Import/ONNX/Import.h"

#include "GraphImporter.h"

#include "condense/Import/ONNX/Reader.h"

using namespace mlir;

OwningOpRef<ModuleOp> condense::onnx::importModel(Model model, MLIRContext &context, const ImportOptions &options) {
  return GraphImporter(std::move(model), context, options).run();
}

OwningOpRef<ModuleOp> condense::onnx::importONNX(StringRef path, MLIRContext &context, const ImportOptions &options) {
  Result<Model> model = readModel(path.str());
  if (!model) {
    // The location names the file, as the message does.
    StringRef message = model.error().message;
    message.consume_front((path + ": ").str());
    emitError(FileLineColLoc::get(&context, path, 0, 0)) << message;
    return nullptr;
  }
  return importModel(std::move(*model), context, options);
}
