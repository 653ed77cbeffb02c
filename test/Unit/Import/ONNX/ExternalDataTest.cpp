//===- ExternalDataTest.cpp - Tensors in other files ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include <sys/stat.h>

using namespace condense::onnx;
using namespace condense::onnx::test;

namespace {

::onnx::ModelProto makeExternal(const std::string &location, const std::string &offset, const std::string &length) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::TensorProto &weight = *proto.mutable_graph()->mutable_initializer(0);
  weight.clear_raw_data();
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto add = [&](const char *key, const std::string &value) {
    if (value.empty())
      return;
    ::onnx::StringStringEntryProto *entry = weight.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", location);
  add("offset", offset);
  add("length", length);
  return proto;
}

struct ExternalDataTest : testing::Test {
  TemporaryDirectory directory;

  void expectMessage(const ::onnx::ModelProto &proto, const std::string &part) {
    std::string message = getMessage(proto, directory.path);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
};

TEST_F(ExternalDataTest, MapsTheFile) {
  directory.write("w.bin", "....abcdefghijkl");
  std::string path = directory.write("m.onnx", makeExternal("w.bin", "4", "12").SerializeAsString());
  Result<Model> model = readModel(path);
  ASSERT_TRUE(model) << model.error().message;
  const Tensor &weight = model->graph.initializers[0];
  EXPECT_EQ(std::string(reinterpret_cast<const char *>(weight.data), 12), "abcdefghijkl");
  // A page-aligned mapping, not a copy.
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weight.data) % 4096, 4u);
}

TEST_F(ExternalDataTest, AcceptsSubdirectoriesAndMissingLength) {
  std::filesystem::create_directory(directory.path + "/sub");
  directory.write("sub/w.bin", "abcdefghijkl");
  EXPECT_EQ(getMessage(makeExternal("sub/w.bin", "", ""), directory.path), "accepted");
  EXPECT_EQ(getMessage(makeExternal("./sub/w.bin", "", ""), directory.path), "accepted");
}

TEST_F(ExternalDataTest, RefusesWrongRanges) {
  directory.write("w.bin", "....abcdefghijkl");
  expectMessage(makeExternal("w.bin", "4", "16"), "have the length 16, but float32[3] needs 12 bytes");
  expectMessage(makeExternal("w.bin", "5", "12"), "has only 16 bytes");
  expectMessage(makeExternal("w.bin", "17", "12"), "has only 16 bytes");
  expectMessage(makeExternal("w.bin", "18446744073709551615", "12"), "has only 16 bytes");
  for (const char *number : {"-1", "1x", "18446744073709551616", " 4"})
    expectMessage(makeExternal("w.bin", number, "12"), "expected a non-negative number");
  expectMessage(makeExternal("", "0", "12"), "'location' is missing");
}

TEST_F(ExternalDataTest, RefusesPathsThatLeaveTheDirectory) {
  TemporaryDirectory outside;
  std::string secret = outside.write("w.bin", "abcdefghijkl");
  std::filesystem::create_directory(directory.path + "/sub");
  std::filesystem::create_symlink(secret, directory.path + "/link.bin");
  std::filesystem::create_symlink(outside.path, directory.path + "/linked");
  std::string name = std::filesystem::path(outside.path).filename().string();
  for (const std::string &path : {secret, "../" + name + "/w.bin", "sub/../../" + name + "/w.bin",
                                  std::string("sub/.."), std::string("w.bin\0x", 7)})
    expectMessage(makeExternal(path, "", ""), "the path must be relative");
  expectMessage(makeExternal("link.bin", "", ""), "symbolic link");
  expectMessage(makeExternal("linked/w.bin", "", ""), "symbolic link");
  expectMessage(makeExternal("absent.bin", "", ""), "No such file");
}

TEST_F(ExternalDataTest, RefusesWhatIsNoRegularFile) {
  std::filesystem::create_directory(directory.path + "/sub");
  ASSERT_EQ(mkfifo((directory.path + "/fifo").c_str(), 0600), 0);
  expectMessage(makeExternal("sub", "", ""), "not a regular file");
  expectMessage(makeExternal("fifo", "", ""), "not a regular file");
}

TEST_F(ExternalDataTest, RefusesStringsAndModelsWithoutAFile) {
  ::onnx::ModelProto proto = makeExternal("w.bin", "", "");
  EXPECT_NE(getMessage(proto).find("a model that is read from a file"), std::string::npos);
  proto.mutable_graph()->mutable_initializer(0)->set_data_type(::onnx::TensorProto::STRING);
  expectMessage(proto, "strings cannot be external data");
}

TEST_F(ExternalDataTest, RefusesEscapesAtEveryTensorSite) {
  TemporaryDirectory outside;
  std::string secret = outside.write("w.bin", "abcdefghijkl");
  ::onnx::TensorProto bad = makeExternal(secret, "", "").graph().initializer(0);
  ::onnx::ModelProto inAttribute = makeModel();
  auto addTensor = [&](::onnx::NodeProto &node) {
    ::onnx::AttributeProto *attribute = node.add_attribute();
    attribute->set_name("value");
    attribute->set_type(::onnx::AttributeProto::TENSOR);
    *attribute->mutable_t() = bad;
  };
  addTensor(*inAttribute.mutable_graph()->mutable_node(0));
  expectMessage(inAttribute, "the path must be relative");
  ::onnx::ModelProto inSubgraph = makeModel();
  ::onnx::AttributeProto *body = addNode(*inSubgraph.mutable_graph(), "If", {}, {})->add_attribute();
  body->set_name("then_branch");
  *body->mutable_g()->add_initializer() = bad;
  expectMessage(inSubgraph, "the path must be relative");
  ::onnx::ModelProto inFunction = makeModel();
  ::onnx::FunctionProto *function = inFunction.add_functions();
  function->set_name("F");
  function->add_node()->set_op_type("Constant");
  addTensor(*function->mutable_node(0));
  expectMessage(inFunction, "the path must be relative");
}

} // namespace
