//===- Model.cpp - Queries on the plain ONNX structure --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "condense/Import/ONNX/Model.h"

using namespace condense::onnx;

namespace {
struct TypeInfo {
  std::string_view name;
  unsigned bits;
};

/// Indexed by the number of the type.
constexpr TypeInfo typeInfos[] = {
    {"undefined", 0},      {"float32", 32},  {"uint8", 8},        {"int8", 8},           {"uint16", 16},
    {"int16", 16},         {"int32", 32},    {"int64", 64},       {"string", 0},         {"bool", 8},
    {"float16", 16},       {"float64", 64},  {"uint32", 32},      {"uint64", 64},        {"complex64", 64},
    {"complex128", 128},   {"bfloat16", 16}, {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},     {"int4", 4},
};
constexpr int32_t numTypes = sizeof(typeInfos) / sizeof(typeInfos[0]);
} // namespace

bool condense::onnx::isKnownDataType(int32_t number) { return number > 0 && number < numTypes; }

unsigned condense::onnx::getBitWidth(DataType type) { return typeInfos[static_cast<int32_t>(type)].bits; }

std::string_view condense::onnx::getName(DataType type) { return typeInfos[static_cast<int32_t>(type)].name; }

int64_t Tensor::getNumElements() const {
  int64_t count = 1;
  for (int64_t dim : dims)
    count *= dim;
  return count;
}

const Attribute *Node::findAttribute(std::string_view name) const {
  for (const Attribute &attribute : attributes)
    if (attribute.name == name)
      return &attribute;
  return nullptr;
}

std::string condense::onnx::describe(const Node &node) {
  if (!node.name.empty())
    return "node '" + node.name + "' (" + node.opType + ")";
  for (const std::string &output : node.outputs)
    if (!output.empty())
      return "the node that computes '" + output + "' (" + node.opType + ")";
  return "an unnamed node (" + node.opType + ")";
}
