//===- Inlining.cpp - Calls of functions and branches that are known ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

/// Functions can multiply a small file; this many nodes are plenty.
static constexpr unsigned maxInlinedNodes = 200000;

/// Replaces references to the function's attributes by those of the call; what
/// the call does not give is absent.
static void substituteAttributes(Node &node, const Node &call) {
  std::vector<onnx::Attribute> attributes;
  for (onnx::Attribute &attribute : node.attributes) {
    for (Graph &graph : attribute.graphs)
      for (Node &inner : graph.nodes)
        substituteAttributes(inner, call);
    if (attribute.reference.empty()) {
      attributes.push_back(std::move(attribute));
    } else if (const onnx::Attribute *given = call.findAttribute(attribute.reference)) {
      attributes.push_back(*given);
      attributes.back().name = attribute.name;
    }
  }
  node.attributes = std::move(attributes);
}

void GraphImporter::importCall(const Node &node, const Function &callee, Scope &scope) {
  SmallVector<Imported *> inputs;
  if (!findInputs(node, scope, inputs))
    return markMissing(node, scope);
  numInlinedNodes += callee.nodes.size();
  if (numInlinedNodes > maxInlinedNodes) {
    addProblem(node, "functions expand to more than " + Twine(maxInlinedNodes) + " nodes");
    return markMissing(node, scope);
  }
  Scope inner;
  for (auto [name, input] : llvm::zip(callee.inputs, inputs))
    if (input)
      inner[name] = *input;
  std::vector<Node> nodes = callee.nodes;
  for (Node &body : nodes) {
    substituteAttributes(body, node);
    // An omitted argument is an omitted input of the nodes that use it.
    for (std::string &name : body.inputs)
      if (llvm::is_contained(callee.inputs, name) && !inner.contains(name))
        name.clear();
  }
  auto opset = callee.opsets.find("");
  importNodes(nodes, opset == callee.opsets.end() ? model.opsets.at("") : opset->second, inner);
  for (auto [name, result] : llvm::zip(node.outputs, callee.outputs))
    if (!name.empty())
      scope[name] = inner[result];
}

void GraphImporter::importBranch(Node &node, int64_t opset, Scope &scope) {
  SmallVector<Imported *> inputs;
  if (!findInputs(node, scope, inputs))
    return markMissing(node, scope);
  NodeImporter importer(node, opset, builder, getLocation(node), inputs);
  std::optional<Shape> condition;
  if (!inputs.empty())
    condition = importer.getNumbers(0, "condition");
  StringRef name = condition && condition->size() == 1 && condition->front() == 0 ? "else_branch" : "then_branch";
  onnx::Attribute *chosen = nullptr;
  for (onnx::Attribute &attribute : node.attributes)
    if (attribute.name == name && attribute.graphs.size() == 1)
      chosen = &attribute;
  if (!condition || condition->size() != 1 || !chosen || chosen->graphs[0].outputs.size() < node.outputs.size()) {
    StringRef reason = importer.getReason();
    addProblem(node, reason.empty() ? "it lacks a condition or a branch" : reason);
    return markMissing(node, scope);
  }
  Graph &branch = chosen->graphs[0];
  bindInitializers(branch.initializers, scope);
  importNodes(branch.nodes, opset, scope);
  for (auto [output, result] : llvm::zip(node.outputs, branch.outputs))
    if (!output.empty())
      scope[output] = Imported(scope[result.name]);
}
