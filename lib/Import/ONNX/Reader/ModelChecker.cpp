//===- ModelChecker.cpp - Names and calls in a whole ONNX model -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyChecker.h"

using namespace condense::onnx;

namespace {
using FunctionIndex = std::map<std::pair<std::string, std::string>, size_t>;

void collectCalls(const std::vector<Node> &nodes, const FunctionIndex &index, std::vector<size_t> &calls) {
  for (const Node &node : nodes) {
    auto entry = index.find({node.domain, node.opType});
    if (entry != index.end())
      calls.push_back(entry->second);
    for (const Attribute &attribute : node.attributes)
      for (const Graph &graph : attribute.graphs)
        collectCalls(graph.nodes, index, calls);
  }
}

/// Functions must not call themselves, directly or not: remove those that call
/// only removed ones until none is left.
bool checkCalls(ReaderContext &context, const Model &model, const FunctionIndex &index) {
  std::vector<std::vector<size_t>> callers(model.functions.size());
  std::vector<size_t> pending(model.functions.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < model.functions.size(); ++i) {
    std::vector<size_t> calls;
    collectCalls(model.functions[i].nodes, index, calls);
    pending[i] = calls.size();
    for (size_t callee : calls)
      callers[callee].push_back(i);
    if (calls.empty())
      ready.push_back(i);
  }
  size_t removed = 0;
  for (; !ready.empty(); ++removed) {
    size_t function = ready.back();
    ready.pop_back();
    for (size_t caller : callers[function])
      if (--pending[caller] == 0)
        ready.push_back(caller);
  }
  if (removed == model.functions.size())
    return true;
  size_t first = 0;
  while (pending[first] == 0)
    ++first;
  return context.fail("function '" + model.functions[first].name + "' is recursive or calls a function that is");
}

bool checkFunction(ReaderContext &context, Function &function) {
  Body body;
  body.where = "function '" + function.name + "'";
  body.inputs.assign(function.inputs.begin(), function.inputs.end());
  body.outputs.assign(function.outputs.begin(), function.outputs.end());
  body.nodes = &function.nodes;
  body.functionAttributes = &function.attributes;
  return checkBody(context, body);
}
} // namespace

bool condense::onnx::checkModel(ReaderContext &context, Model &model) {
  FunctionIndex index;
  for (size_t i = 0; i < model.functions.size(); ++i) {
    const Function &function = model.functions[i];
    if (!index.try_emplace({function.domain, function.name}, i).second)
      return context.fail("function '" + function.name + "' of domain '" + function.domain + "' is defined twice");
  }
  for (Function &function : model.functions)
    if (!checkFunction(context, function))
      return false;
  if (!checkCalls(context, model, index))
    return false;
  return checkBody(context, makeBody(model.graph, "the graph"));
}
