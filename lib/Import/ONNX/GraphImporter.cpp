//===- GraphImporter.cpp - An ONNX graph becomes a function ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks the sorted nodes and hands each to its operator's handler. A node that
// cannot be imported does not stop the walk: what depends on it is skipped, and
// everything that is wrong with a model is reported at once.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

GraphImporter::GraphImporter(Model ownedModel, MLIRContext &context, const ImportOptions &options)
    : model(std::move(ownedModel)), context(context), options(options), builder(&context) {
  registerElementwise(table);
  registerActivations(table);
  registerLinearAlgebra(table);
  registerConvolution(table);
  registerPooling(table);
  registerNormalization(table);
  registerReductions(table);
  registerShapes(table);
  registerBlocks(table);
  registerIndexing(table);
  registerPadding(table);
  registerGenerators(table);
  registerQuantization(table);
  registerLosses(table);
  registerResize(table);
  for (const Function &local : model.functions)
    functions[{local.domain, local.name}] = &local;
}

InFlightDiagnostic GraphImporter::emitError() {
  return mlir::emitError(FileLineColLoc::get(&context, model.file, 0, 0));
}

Location GraphImporter::getLocation(const Node &node) {
  StringRef name = node.name;
  for (const std::string &output : node.outputs)
    if (name.empty())
      name = output;
  if (name.empty())
    return UnknownLoc::get(&context);
  return NameLoc::get(builder.getStringAttr(name));
}

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

void GraphImporter::addProblem(const Node &node, const Twine &reason) {
  std::string op = node.domain.empty() ? node.opType : node.domain + "." + node.opType;
  Problem &problem = problems[{op, reason.str()}];
  if (problem.count++ == 0)
    problem.firstNode = describe(node);
}

void GraphImporter::markMissing(const Node &node, Scope &scope) {
  for (const std::string &output : node.outputs)
    if (!output.empty())
      scope[output] = Imported();
}

LogicalResult GraphImporter::reportProblems() {
  if (problems.empty())
    return success();
  InFlightDiagnostic error = emitError();
  error << "the model uses what is not supported:";
  for (auto &[key, problem] : problems)
    error << "\n  " << key.first << ": " << key.second << " (" << problem.count
          << (problem.count == 1 ? " node: " : " nodes, first: ") << problem.firstNode << ")";
  return error;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::addArguments(SmallVectorImpl<Type> &types, std::vector<std::string> &names) {
  for (const ValueInfo &input : model.graph.inputs) {
    if (mainScope.contains(input.name))
      continue;
    Type elementType = convertType(&context, input.type);
    if (!input.isTensor || !elementType)
      return emitError() << "input '" << input.name << "' has "
                         << (input.isTensor ? "the element type " + std::string(getName(input.type))
                                            : "a type that is no tensor")
                         << ", which is not supported";
    if (!input.hasShape)
      return emitError() << "input '" << input.name << "' has no shape; its rank must be known";
    Shape shape;
    for (const Dim &dim : input.dims)
      shape.push_back(dim.size ? *dim.size : ShapedType::kDynamic);
    types.push_back(RankedTensorType::get(shape, elementType));
    names.push_back(input.name);
  }
  return success();
}

LogicalResult GraphImporter::createFunction() {
  for (const Tensor &tensor : options.constantInputs)
    mainScope[tensor.name].constant = std::make_shared<Tensor>(tensor);
  bindInitializers(model.graph.initializers, mainScope);
  SmallVector<Type> types;
  std::vector<std::string> names;
  if (failed(addArguments(types, names)))
    return failure();
  Location loc = NameLoc::get(builder.getStringAttr(model.graph.name.empty() ? "main" : StringRef(model.graph.name)));
  function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType(types, {}));
  Block *block = function.addEntryBlock();
  for (auto [i, name] : llvm::enumerate(names)) {
    function.setArgAttr(i, nn::NNDialect::kNameAttrName, builder.getStringAttr(name));
    mainScope[name].value = block->getArgument(i);
  }
  builder.setInsertionPointToStart(block);
  return success();
}

void GraphImporter::bindInitializers(std::vector<Tensor> &tensors, Scope &scope) {
  for (Tensor &tensor : tensors) {
    Imported &entry = scope[tensor.name];
    if (!entry.constant)
      entry.constant = std::make_shared<Tensor>(std::move(tensor));
  }
}

LogicalResult GraphImporter::finishFunction() {
  SmallVector<Value> results;
  for (const ValueInfo &output : model.graph.outputs) {
    Node node;
    node.opType = "output";
    node.name = output.name;
    Imported *entry = &mainScope[output.name];
    NodeImporter importer(node, 0, builder, getLocation(node), entry);
    Value value = importer.getInput(0);
    if (!value)
      return emitError() << "output '" << output.name << "': " << importer.getReason();
    if (output.isTensor && convertType(&context, output.type) != getTensorType(value).getElementType())
      return emitError() << "output '" << output.name << "' is declared with the element type "
                         << std::string(getName(output.type)) << ", but has " << getTensorType(value).getElementType();
    results.push_back(value);
  }
  func::ReturnOp::create(builder, function.getLoc(), results);
  function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), ValueRange(results).getTypes()));
  for (auto [i, output] : llvm::enumerate(model.graph.outputs))
    function.setResultAttr(i, nn::NNDialect::kNameAttrName, builder.getStringAttr(output.name));
  return success();
}

OwningOpRef<ModuleOp> GraphImporter::run() {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect, nn::NNDialect,
                      compress::CompressDialect>();
  Location loc = NameLoc::get(builder.getStringAttr(model.file));
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToStart(module->getBody());
  if (failed(createFunction()))
    return nullptr;
  importNodes(model.graph.nodes, model.opsets.at(""), mainScope);
  if (failed(reportProblems()) || failed(finishFunction()) || failed(verify(*module)))
    return nullptr;
  return module;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

void GraphImporter::importNodes(std::vector<Node> &nodes, int64_t opset, Scope &scope) {
  for (Node &node : nodes)
    importNode(node, opset, scope);
}

bool GraphImporter::findInputs(const Node &node, Scope &scope, SmallVectorImpl<Imported *> &inputs) {
  for (const std::string &name : node.inputs) {
    Imported *input = name.empty() ? nullptr : &scope[name];
    if (input && !input->value && !input->constant && !input->integers)
      return false;
    inputs.push_back(input);
  }
  return true;
}

void GraphImporter::importNode(Node &node, int64_t opset, Scope &scope) {
  auto local = functions.find({node.domain, node.opType});
  if (local != functions.end())
    return importCall(node, *local->second, scope);
  if (node.domain.empty() && node.opType == "If")
    return importBranch(node, opset, scope);
  auto entry = node.domain.empty() ? table.find(node.opType) : table.end();
  if (entry == table.end() || opset < entry->second.minOpset) {
    addProblem(node, entry == table.end() ? "the operator is not supported"
                                          : "the operator is not supported in opset " + Twine(opset));
    return markMissing(node, scope);
  }
  SmallVector<Imported *> inputs;
  if (!findInputs(node, scope, inputs))
    return markMissing(node, scope);
  NodeImporter importer(node, opset, builder, getLocation(node), inputs);
  if (!evaluateIntegers(importer)) {
    LogicalResult result = entry->second.handler(importer);
    if (failed(importer.checkComplete()) || failed(result)) {
      StringRef reason = importer.getReason();
      addProblem(node, reason.empty() ? "this use is not supported" : reason);
      return markMissing(node, scope);
    }
  }
  for (auto [name, output] : llvm::zip_equal(node.outputs, importer.getOutputs()))
    if (!name.empty())
      scope[name] = output;
}
