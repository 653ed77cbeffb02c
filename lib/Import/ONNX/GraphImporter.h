//===- GraphImporter.h - An ONNX graph becomes a function -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define CONDENSE_LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "NodeImporter.h"

#include "condense/Import/ONNX/Import.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

#include <map>

namespace condense::onnx {

class GraphImporter {
public:
  GraphImporter(Model model, mlir::MLIRContext &context, const ImportOptions &options);

  /// The module, or null after one error that lists all problems.
  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  /// Names that are visible to the nodes of one graph or function body. A name
  /// whose node could not be imported is present without any form.
  using Scope = llvm::StringMap<Imported>;

  struct Problem {
    unsigned count = 0;
    std::string firstNode;
  };

  mlir::LogicalResult createFunction();
  mlir::LogicalResult addArguments(llvm::SmallVectorImpl<mlir::Type> &types, std::vector<std::string> &names);
  void bindInitializers(std::vector<Tensor> &tensors, Scope &scope);
  void importNodes(std::vector<Node> &nodes, int64_t opset, Scope &scope);
  /// Finds a node's inputs; false if one of them could not be imported.
  bool findInputs(const Node &node, Scope &scope, llvm::SmallVectorImpl<Imported *> &inputs);
  void importNode(Node &node, int64_t opset, Scope &scope);
  void importCall(const Node &node, const Function &function, Scope &scope);
  void importBranch(Node &node, int64_t opset, Scope &scope);
  mlir::LogicalResult finishFunction();
  void addProblem(const Node &node, const llvm::Twine &reason);
  void markMissing(const Node &node, Scope &scope);
  mlir::LogicalResult reportProblems();
  mlir::InFlightDiagnostic emitError();
  mlir::Location getLocation(const Node &node);

  Model model;
  mlir::MLIRContext &context;
  const ImportOptions &options;
  mlir::OpBuilder builder;
  HandlerTable table;
  std::map<std::pair<std::string, std::string>, const Function *> functions;
  mlir::func::FuncOp function;
  Scope mainScope;
  /// Keyed by operator and reason.
  llvm::MapVector<std::pair<std::string, std::string>, Problem, std::map<std::pair<std::string, std::string>, unsigned>>
      problems;
  unsigned numInlinedNodes = 0;
};

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
