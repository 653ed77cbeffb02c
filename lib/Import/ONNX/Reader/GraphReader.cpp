//===- GraphReader.cpp - GraphProto to Graph ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes a protobuf graph apart. Only what can be judged locally is checked
// here; names and order are the business of GraphChecker.cpp.
//
//===----------------------------------------------------------------------===//

#include "ReaderContext.h"

#include <unordered_set>

using namespace condense::onnx;
using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::ValueInfoProto;

namespace {
/// Old writers left the type out: the field in use then tells it.
AttributeProto::AttributeType getType(const AttributeProto &proto) {
  if (proto.type() != AttributeProto::UNDEFINED)
    return proto.type();
  if (proto.has_f())
    return AttributeProto::FLOAT;
  if (proto.has_i())
    return AttributeProto::INT;
  if (proto.has_s())
    return AttributeProto::STRING;
  if (proto.has_t())
    return AttributeProto::TENSOR;
  if (proto.has_g())
    return AttributeProto::GRAPH;
  if (proto.floats_size())
    return AttributeProto::FLOATS;
  if (proto.ints_size())
    return AttributeProto::INTS;
  if (proto.strings_size())
    return AttributeProto::STRINGS;
  return AttributeProto::UNDEFINED;
}

template <typename Target, typename Field> void copyScalar(std::vector<Target> &list, const Field &value) {
  list.assign(1, value);
}

template <typename Target, typename Field> void copyList(std::vector<Target> &list, const Field &field) {
  list.assign(field.begin(), field.end());
}

/// The kinds that hold numbers and text; false if `type` is none of them.
bool readPlainAttribute(const AttributeProto &proto, AttributeProto::AttributeType type, Attribute &attribute) {
  switch (type) {
  case AttributeProto::FLOAT:
    attribute.kind = Attribute::Kind::Float;
    copyScalar(attribute.floats, proto.f());
    return true;
  case AttributeProto::INT:
    attribute.kind = Attribute::Kind::Int;
    copyScalar(attribute.ints, proto.i());
    return true;
  case AttributeProto::STRING:
    attribute.kind = Attribute::Kind::String;
    copyScalar(attribute.strings, proto.s());
    return true;
  case AttributeProto::FLOATS:
    attribute.kind = Attribute::Kind::Floats;
    copyList(attribute.floats, proto.floats());
    return true;
  case AttributeProto::INTS:
    attribute.kind = Attribute::Kind::Ints;
    copyList(attribute.ints, proto.ints());
    return true;
  case AttributeProto::STRINGS:
    attribute.kind = Attribute::Kind::Strings;
    copyList(attribute.strings, proto.strings());
    return true;
  default:
    return false;
  }
}

bool readTensors(ReaderContext &context, AttributeProto &proto, bool isList, const std::string &where,
                 Attribute &attribute) {
  attribute.kind = isList ? Attribute::Kind::Tensors : Attribute::Kind::Tensor;
  if (!isList) {
    if (!proto.has_t())
      return context.fail(where + ": a tensor is expected, none is present");
    return readTensor(context, *proto.mutable_t(), where, attribute.tensors.emplace_back());
  }
  for (::onnx::TensorProto &tensor : *proto.mutable_tensors())
    if (!readTensor(context, tensor, where, attribute.tensors.emplace_back()))
      return false;
  return true;
}

bool readGraphs(ReaderContext &context, AttributeProto &proto, bool isList, const std::string &where, unsigned depth,
                Attribute &attribute) {
  attribute.kind = isList ? Attribute::Kind::Graphs : Attribute::Kind::Graph;
  if (depth >= context.options.maxSubgraphDepth)
    return context.fail(where + ": subgraphs nest deeper than " + std::to_string(context.options.maxSubgraphDepth) +
                        " levels");
  if (!isList) {
    if (!proto.has_g())
      return context.fail(where + ": a graph is expected, none is present");
    return readGraph(context, *proto.mutable_g(), depth + 1, attribute.graphs.emplace_back());
  }
  for (GraphProto &graph : *proto.mutable_graphs())
    if (!readGraph(context, graph, depth + 1, attribute.graphs.emplace_back()))
      return false;
  return true;
}

bool readAttribute(ReaderContext &context, AttributeProto &proto, const std::string &nodeText, unsigned depth,
                   Attribute &attribute) {
  std::string where = nodeText + ", attribute '" + proto.name() + "'";
  attribute.name = proto.name();
  attribute.reference = proto.ref_attr_name();
  if (attribute.name.empty())
    return context.fail(where + ": an attribute needs a name");
  AttributeProto::AttributeType type = getType(proto);
  if (readPlainAttribute(proto, type, attribute) || !attribute.reference.empty())
    return true;
  switch (type) {
  case AttributeProto::TENSOR:
  case AttributeProto::TENSORS:
    return readTensors(context, proto, type == AttributeProto::TENSORS, where, attribute);
  case AttributeProto::GRAPH:
  case AttributeProto::GRAPHS:
    return readGraphs(context, proto, type == AttributeProto::GRAPHS, where, depth, attribute);
  case AttributeProto::SPARSE_TENSOR:
  case AttributeProto::SPARSE_TENSORS:
    return context.fail(where + ": sparse tensors are not supported; store "
                                "the tensor dense");
  default:
    // An empty list written without its type ends here too; it stays "Other",
    // which handlers treat as absent or refuse by name.
    return true;
  }
}

bool readNode(ReaderContext &context, NodeProto &proto, unsigned depth, Node &node) {
  node.name = proto.name();
  node.opType = proto.op_type();
  node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  std::string where = describe(node);
  if (node.opType.empty())
    return context.fail(where + ": the operator has no name");
  std::unordered_set<std::string_view> names;
  for (AttributeProto &attribute : *proto.mutable_attribute()) {
    if (!names.insert(attribute.name()).second)
      return context.fail(where + ": attribute '" + attribute.name() + "' is given twice");
    if (!readAttribute(context, attribute, where, depth, node.attributes.emplace_back()))
      return false;
  }
  return true;
}

bool readDims(ReaderContext &context, const ::onnx::TensorShapeProto &shape, const std::string &where,
              ValueInfo &value) {
  std::vector<int64_t> known;
  for (const ::onnx::TensorShapeProto::Dimension &proto : shape.dim()) {
    Dim &dim = value.dims.emplace_back();
    dim.symbol = proto.dim_param();
    if (!proto.has_dim_value())
      continue;
    dim.size = proto.dim_value();
    known.push_back(proto.dim_value());
  }
  size_t size;
  if (!computeByteSize(value.type, known, size))
    return context.fail(where + ": the shape " + describeType(value.type, known) +
                        " has a negative dimension or more bytes than 63 bits "
                        "can count; a dimension that varies needs a dim_param");
  return true;
}

bool readValueInfo(ReaderContext &context, const ValueInfoProto &proto, const char *role, bool isBoundary,
                   ValueInfo &value) {
  value.name = proto.name();
  std::string where = std::string(role) + " '" + value.name + "'";
  const auto &type = proto.type().tensor_type();
  // An inner value's declaration is a hint; some writers leave its type open.
  bool isOpenHint = !isBoundary && type.elem_type() == 0;
  value.isTensor = proto.type().has_tensor_type() && !isOpenHint;
  if (!value.isTensor)
    return true;
  if (!isKnownDataType(type.elem_type()))
    return context.fail(where + ": unknown element type " + std::to_string(type.elem_type()) +
                        "; expected a number from 1 to 22");
  value.type = static_cast<DataType>(type.elem_type());
  value.hasShape = type.has_shape();
  return readDims(context, type.shape(), where, value);
}

bool readValueInfos(ReaderContext &context, const google::protobuf::RepeatedPtrField<ValueInfoProto> &protos,
                    const char *role, bool isBoundary, std::vector<ValueInfo> &values) {
  for (const ValueInfoProto &proto : protos)
    if (!readValueInfo(context, proto, role, isBoundary, values.emplace_back()))
      return false;
  return true;
}
} // namespace

bool condense::onnx::readNodes(ReaderContext &context, google::protobuf::RepeatedPtrField<NodeProto> &protos,
                               unsigned depth, std::vector<Node> &nodes) {
  nodes.reserve(static_cast<size_t>(protos.size()));
  for (NodeProto &proto : protos)
    if (!readNode(context, proto, depth, nodes.emplace_back()))
      return false;
  return true;
}

bool condense::onnx::readGraph(ReaderContext &context, GraphProto &proto, unsigned depth, Graph &graph) {
  graph.name = proto.name();
  if (proto.sparse_initializer_size())
    return context.fail("graph '" + graph.name +
                        "': sparse initializers are not supported; store the "
                        "tensors dense");
  for (::onnx::TensorProto &tensor : *proto.mutable_initializer())
    if (!readTensor(context, tensor, "initializer '" + tensor.name() + "'", graph.initializers.emplace_back()))
      return false;
  return readValueInfos(context, proto.input(), "input", true, graph.inputs) &&
         readValueInfos(context, proto.output(), "output", true, graph.outputs) &&
         readValueInfos(context, proto.value_info(), "value", false, graph.values) &&
         readNodes(context, *proto.mutable_node(), depth, graph.nodes);
}
