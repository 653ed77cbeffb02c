//===- TestModel.h - Models that the reader's tests start from --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_TEST_UNIT_IMPORT_ONNX_TESTMODEL_H
#define CONDENSE_TEST_UNIT_IMPORT_ONNX_TESTMODEL_H

#include "condense/Import/ONNX/Reader.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace condense::onnx::test {

inline ::onnx::NodeProto *addNode(::onnx::GraphProto &graph, const std::string &op,
                                  const std::vector<std::string> &inputs, const std::vector<std::string> &outputs) {
  ::onnx::NodeProto *node = graph.add_node();
  node->set_op_type(op);
  node->set_name("the_" + op);
  for (const std::string &name : inputs)
    node->add_input(name);
  for (const std::string &name : outputs)
    node->add_output(name);
  return node;
}

inline ::onnx::TensorProto *addFloats(::onnx::GraphProto &graph, const std::string &name,
                                      const std::vector<int64_t> &dims, size_t bytes) {
  ::onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  for (int64_t dim : dims)
    tensor->add_dims(dim);
  tensor->set_raw_data(std::string(bytes, '\1'));
  return tensor;
}

inline ::onnx::TypeProto_Tensor *addValue(google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto> &list,
                                          const std::string &name, const std::vector<int64_t> &dims) {
  ::onnx::ValueInfoProto *value = list.Add();
  value->set_name(name);
  auto *type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(::onnx::TensorProto::FLOAT);
  for (int64_t dim : dims)
    type->mutable_shape()->add_dim()->set_dim_value(dim);
  return type;
}

/// y = Relu(x + w), with x: [2,3] and w: [3].
inline ::onnx::ModelProto makeModel() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  ::onnx::GraphProto &graph = *model.mutable_graph();
  graph.set_name("g");
  addValue(*graph.mutable_input(), "x", {2, 3});
  addValue(*graph.mutable_output(), "y", {2, 3});
  addFloats(graph, "w", {3}, 12);
  addNode(graph, "Add", {"x", "w"}, {"sum"});
  addNode(graph, "Relu", {"sum"}, {"y"});
  return model;
}

inline Result<Model> read(const ::onnx::ModelProto &model, const std::string &directory = "") {
  std::string bytes = model.SerializeAsString();
  return readModelFromMemory(bytes.data(), bytes.size(), "m.onnx", directory);
}

/// The message for `model`, or "accepted".
inline std::string getMessage(const ::onnx::ModelProto &model, const std::string &directory = "") {
  Result<Model> result = read(model, directory);
  return result ? "accepted" : result.error().message;
}

/// A fresh directory that disappears with the object.
struct TemporaryDirectory {
  std::string path;

  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "condense-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }

  std::string write(const std::string &name, const std::string &bytes) const {
    std::string file = path + "/" + name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }
};

} // namespace condense::onnx::test

#endif // CONDENSE_TEST_UNIT_IMPORT_ONNX_TESTMODEL_H
