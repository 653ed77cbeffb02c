//===- BodyChecker.cpp - Names and order in one ONNX graph
//------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Static single assignment and order: every name is defined once and every
// used name is defined, in the graph or in one around it. Files should list
// producers first, but not all do, so the nodes are sorted here; the order of
// a file that is sorted already stays as it is. Nothing recurses over the
// length of a graph, only over the nesting of subgraphs, which is bounded.
//
//===----------------------------------------------------------------------===//

#include "BodyChecker.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_set>

using namespace condense::onnx;

namespace {
using NameSet = std::unordered_set<std::string_view>;

/// Where a name comes from when it is not the index of a node.
enum : int { fromInput = -1, fromInitializer = -2 };

/// The names one graph defines, and the graph around it.
struct Scope {
  const Scope *parent = nullptr;
  std::unordered_map<std::string_view, int> sources;

  bool defines(std::string_view name) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      if (scope->sources.count(name))
        return true;
    return false;
  }
};

class BodyChecker {
public:
  BodyChecker(ReaderContext &context, const Body &body, const Scope *parent)
      : context(context), body(body), nodes(*body.nodes) {
    scope.parent = parent;
  }

  /// Adds to `captured` the names that the body takes from outer scopes.
  bool run(NameSet &captured) { return defineBoundary() && defineNodeOutputs() && checkUses(captured) && sortNodes(); }

private:
  bool define(std::string_view name, int source);
  bool defineBoundary();
  bool defineNodeOutputs();
  bool checkUses(NameSet &captured);
  bool checkNode(size_t index, NameSet &captured);
  bool checkSubgraph(Graph &graph, const Node &node, NameSet &used);
  bool sortNodes();
  bool failWithCycle(const std::vector<size_t> &pending);
  std::string describeSource(int source) const;

  ReaderContext &context;
  const Body &body;
  std::vector<Node> &nodes;
  Scope scope;
  /// For each node the nodes of this body whose results it uses.
  std::vector<std::vector<size_t>> producers;
};
} // namespace

std::string BodyChecker::describeSource(int source) const {
  if (source == fromInput)
    return "an input";
  if (source == fromInitializer)
    return "an initializer";
  return describe(nodes[static_cast<size_t>(source)]);
}

bool BodyChecker::define(std::string_view name, int source) {
  if (scope.parent && scope.parent->defines(name))
    return context.fail(body.where + ": '" + std::string(name) + "' is defined again inside a subgraph (" +
                        describeSource(source) + "); every value needs a name of its own");
  auto [entry, isNew] = scope.sources.try_emplace(name, source);
  if (isNew)
    return true;
  return context.fail(body.where + ": '" + std::string(name) + "' is defined twice, by " +
                      describeSource(entry->second) + " and by " + describeSource(source) +
                      "; every value needs a name of its own");
}

bool BodyChecker::defineBoundary() {
  for (std::string_view name : body.inputs) {
    if (name.empty())
      return context.fail(body.where + ": an input has no name");
    if (!define(name, fromInput))
      return false;
  }
  if (!body.initializers)
    return true;
  NameSet seen;
  for (const Tensor &tensor : *body.initializers) {
    if (tensor.name.empty())
      return context.fail(body.where + ": an initializer has no name");
    if (!seen.insert(tensor.name).second)
      return context.fail(body.where + ": the initializer '" + tensor.name + "' is given twice");
    // An input of the same name only declares the initializer's type.
    auto entry = scope.sources.find(tensor.name);
    if (entry != scope.sources.end() && entry->second == fromInput)
      entry->second = fromInitializer;
    else if (!define(tensor.name, fromInitializer))
      return false;
  }
  return true;
}

bool BodyChecker::defineNodeOutputs() {
  for (size_t i = 0; i < nodes.size(); ++i)
    for (const std::string &output : nodes[i].outputs)
      if (!output.empty() && !define(output, static_cast<int>(i)))
        return false;
  return true;
}

bool BodyChecker::checkUses(NameSet &captured) {
  producers.resize(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i)
    if (!checkNode(i, captured))
      return false;
  NameSet seen;
  for (std::string_view output : body.outputs) {
    if (!scope.defines(output))
      return context.fail(body.where + ": nothing computes the output '" + std::string(output) + "'");
    if (!scope.sources.count(output))
      captured.insert(output);
    if (!seen.insert(output).second)
      return context.fail(body.where + ": the output '" + std::string(output) + "' is listed twice");
  }
  return true;
}

bool BodyChecker::checkNode(size_t index, NameSet &captured) {
  Node &node = nodes[index];
  NameSet used;
  for (const std::string &input : node.inputs) {
    if (input.empty())
      continue;
    if (!scope.defines(input))
      return context.fail(describe(node) + ": uses '" + input + "', which nothing in the model defines");
    used.insert(input);
  }
  for (Attribute &attribute : node.attributes) {
    if (!attribute.reference.empty() &&
        (!body.functionAttributes ||
         std::count(body.functionAttributes->begin(), body.functionAttributes->end(), attribute.reference) == 0))
      return context.fail(describe(node) + ", attribute '" + attribute.name + "': refers to the function attribute '" +
                          attribute.reference + "', which does not exist here");
    for (Graph &graph : attribute.graphs)
      if (!checkSubgraph(graph, node, used))
        return false;
  }
  for (std::string_view name : used) {
    auto entry = scope.sources.find(name);
    if (entry == scope.sources.end())
      captured.insert(name);
    else if (entry->second >= 0)
      producers[index].push_back(static_cast<size_t>(entry->second));
  }
  return true;
}

Body condense::onnx::makeBody(Graph &graph, std::string where) {
  Body body;
  body.where = std::move(where);
  for (const ValueInfo &input : graph.inputs)
    body.inputs.push_back(input.name);
  for (const ValueInfo &output : graph.outputs)
    body.outputs.push_back(output.name);
  body.initializers = &graph.initializers;
  body.nodes = &graph.nodes;
  return body;
}

bool BodyChecker::checkSubgraph(Graph &graph, const Node &node, NameSet &used) {
  Body inner = makeBody(graph, "a subgraph of " + describe(node));
  inner.functionAttributes = body.functionAttributes;
  NameSet captured;
  if (!BodyChecker(context, inner, &scope).run(captured))
    return false;
  used.insert(captured.begin(), captured.end());
  return true;
}

bool BodyChecker::sortNodes() {
  std::vector<std::vector<size_t>> users(nodes.size());
  std::vector<size_t> pending(nodes.size());
  // The smallest index first keeps the order of a sorted file.
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i < nodes.size(); ++i) {
    pending[i] = producers[i].size();
    for (size_t producer : producers[i])
      users[producer].push_back(i);
    if (pending[i] == 0)
      ready.push(i);
  }
  std::vector<size_t> order;
  order.reserve(nodes.size());
  while (!ready.empty()) {
    size_t index = ready.top();
    ready.pop();
    order.push_back(index);
    for (size_t user : users[index])
      if (--pending[user] == 0)
        ready.push(user);
  }
  if (order.size() != nodes.size())
    return failWithCycle(pending);
  if (std::is_sorted(order.begin(), order.end()))
    return true;
  std::vector<Node> sorted;
  sorted.reserve(nodes.size());
  for (size_t index : order)
    sorted.push_back(std::move(nodes[index]));
  nodes = std::move(sorted);
  return true;
}

/// Every node that is still pending has a pending producer: walking those must
/// come back to a node already seen.
bool BodyChecker::failWithCycle(const std::vector<size_t> &pending) {
  size_t current = 0;
  while (pending[current] == 0)
    ++current;
  std::vector<size_t> path;
  std::vector<bool> visited(nodes.size());
  while (!visited[current]) {
    visited[current] = true;
    path.push_back(current);
    current =
        *std::find_if(producers[current].begin(), producers[current].end(), [&](size_t p) { return pending[p] != 0; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), current));
  std::string text;
  constexpr size_t maxShown = 8;
  for (size_t i = 0; i < path.size() && i < maxShown; ++i)
    text += describe(nodes[path[i]]) + " uses ";
  if (path.size() > maxShown)
    text += "... (" + std::to_string(path.size()) + " nodes) uses ";
  return context.fail(body.where + ": the graph has a cycle: " + text + describe(nodes[current]));
}

bool condense::onnx::checkBody(ReaderContext &context, const Body &body) {
  NameSet captured;
  return BodyChecker(context, body, nullptr).run(captured);
}
