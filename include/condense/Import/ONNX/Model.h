//===- Model.h - An ONNX model as a validated plain structure ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the ONNX reader produces: a model without any protobuf or LLVM type.
// Whoever holds a Model may rely on everything that Reader.h promises: names
// are unique and defined before use, sizes are exact, nodes are sorted.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_IMPORT_ONNX_MODEL_H
#define CONDENSE_IMPORT_ONNX_MODEL_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace condense::onnx {

/// Element types, numbered as in ONNX's TensorProto.DataType (including those
/// that the packaged schema does not know yet).
enum class DataType : int32_t {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  BFloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  UInt4 = 21,
  Int4 = 22,
};

/// True if `number` is one of the enumerators above other than Undefined.
bool isKnownDataType(int32_t number);

/// Storage bits of one element: 4 for the int4 types, 8 for Bool; 0 for String
/// and Undefined, which have no fixed size.
unsigned getBitWidth(DataType type);

/// The name users know: "float32", "int4", "bfloat16", ...
std::string_view getName(DataType type);

/// A constant tensor: row-major, little-endian, int4 packed two to a byte with
/// the first element in the low half.
struct Tensor {
  std::string name;
  DataType type = DataType::Undefined;
  std::vector<int64_t> dims; ///< each >= 0, product fits int64_t
  /// Exactly the bytes that `dims` and `type` need; null if that is 0. The
  /// address has no alignment guarantee (external data may start anywhere).
  const std::byte *data = nullptr;
  size_t size = 0;                   ///< bytes at `data`
  std::vector<std::string> strings;  ///< the elements of a String tensor
  std::shared_ptr<const void> owner; ///< keeps `data` alive

  int64_t getNumElements() const;
};

/// One dimension of a value's shape: a size, a name, or unknown.
struct Dim {
  std::optional<int64_t> size; ///< >= 0 when present
  std::string symbol;          ///< empty when static or anonymous
};

/// The declared type of a graph input, a graph output or an inner value.
struct ValueInfo {
  std::string name;
  /// False for sequences, maps, optionals, sparse tensors and missing types.
  bool isTensor = false;
  DataType type = DataType::Undefined;
  bool hasShape = false;
  std::vector<Dim> dims;
};

struct Graph;

/// A node's attribute. A single value is a list of one in the field that
/// belongs to its kind.
struct Attribute {
  enum class Kind {
    Float,
    Int,
    String,
    Tensor,
    Graph,
    Floats,
    Ints,
    Strings,
    Tensors,
    Graphs,
    Other ///< type_proto and sparse_tensor attributes: name only
  };
  std::string name;
  Kind kind = Kind::Other;
  std::string reference; ///< inside functions: the function's attribute to use
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string> strings;
  std::vector<Tensor> tensors;
  std::vector<Graph> graphs;
};

struct Node {
  std::string name;   ///< may be empty
  std::string opType; ///< never empty
  std::string domain; ///< "" for the standard operators
  /// An empty input or output name is an omitted optional one.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;

  const Attribute *findAttribute(std::string_view name) const;
};

struct Graph {
  std::string name;
  std::vector<Node> nodes; ///< every value is produced before it is used
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> values; ///< declared types of inner values
  std::vector<Tensor> initializers;
};

/// A model-local function: called by nodes with its domain and name.
struct Function {
  std::string domain;
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> attributes;
  std::unordered_map<std::string, int64_t> opsets;
  std::vector<Node> nodes; ///< sorted like Graph::nodes
};

struct Model {
  std::string file;
  int64_t irVersion = 0;
  std::string producer;
  std::unordered_map<std::string, int64_t> opsets; ///< by domain; "" included
  Graph graph;
  std::vector<Function> functions;
};

/// `node` as messages name it: "node 'conv1' (Conv)", or by its first output
/// when the node has no name.
std::string describe(const Node &node);

} // namespace condense::onnx

#endif // CONDENSE_IMPORT_ONNX_MODEL_H
