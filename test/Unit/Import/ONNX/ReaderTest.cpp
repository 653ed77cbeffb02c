//===- ReaderTest.cpp - What the ONNX reader accepts and refuses ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include <cstring>

using namespace condense::onnx;
using namespace condense::onnx::test;
using testing::Test;

namespace {

#define EXPECT_MESSAGE(model, part) EXPECT_NE(getMessage(model).find(part), std::string::npos) << getMessage(model)

TEST(ONNXReader, ReadsAPlainModel) {
  Result<Model> model = read(makeModel());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->irVersion, 8);
  EXPECT_EQ(model->opsets.at(""), 13);
  ASSERT_EQ(model->graph.nodes.size(), 2u);
  EXPECT_EQ(model->graph.nodes[0].opType, "Add");
  ASSERT_EQ(model->graph.initializers.size(), 1u);
  const Tensor &w = model->graph.initializers[0];
  EXPECT_EQ(w.size, 12u);
  EXPECT_EQ(w.getNumElements(), 3);
  EXPECT_EQ(std::to_integer<int>(w.data[11]), 1);
  EXPECT_EQ(model->graph.inputs[0].dims[1].size, 3);
}

TEST(ONNXReader, KeepsDynamicDimensions) {
  ::onnx::ModelProto proto = makeModel();
  auto *shape = proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("batch");
  shape->mutable_dim(1)->clear_dim_value();
  Result<Model> model = read(proto);
  ASSERT_TRUE(model);
  EXPECT_FALSE(model->graph.inputs[0].dims[0].size);
  EXPECT_EQ(model->graph.inputs[0].dims[0].symbol, "batch");
  EXPECT_FALSE(model->graph.inputs[0].dims[1].size);
}

TEST(ONNXReader, SortsNodes) {
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->mutable_node()->SwapElements(0, 1);
  Result<Model> model = read(proto);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->graph.nodes[0].opType, "Add");
}

TEST(ONNXReader, ReadsAttributesOfEveryKind) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::NodeProto &node = *proto.mutable_graph()->mutable_node(0);
  auto add = [&](const char *name, ::onnx::AttributeProto::AttributeType type) {
    ::onnx::AttributeProto *attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  };
  add("f", ::onnx::AttributeProto::FLOAT)->set_f(1.5f);
  add("i", ::onnx::AttributeProto::INT)->set_i(-7);
  add("s", ::onnx::AttributeProto::STRING)->set_s("text");
  add("is", ::onnx::AttributeProto::INTS)->add_ints(4);
  add("untyped", ::onnx::AttributeProto::UNDEFINED)->add_floats(2);
  addNode(*add("g", ::onnx::AttributeProto::GRAPH)->mutable_g(), "Neg", {"w"}, {"inner"});
  Result<Model> model = read(proto);
  ASSERT_TRUE(model) << model.error().message;
  const Node &read = model->graph.nodes[0];
  EXPECT_EQ(read.findAttribute("f")->floats[0], 1.5f);
  EXPECT_EQ(read.findAttribute("i")->ints[0], -7);
  EXPECT_EQ(read.findAttribute("s")->strings[0], "text");
  EXPECT_EQ(read.findAttribute("is")->kind, Attribute::Kind::Ints);
  EXPECT_EQ(read.findAttribute("untyped")->kind, Attribute::Kind::Floats);
  EXPECT_EQ(read.findAttribute("g")->graphs[0].nodes[0].inputs[0], "w");
  EXPECT_EQ(read.findAttribute("absent"), nullptr);
}

TEST(ONNXReader, DecodesTypedFields) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::TensorProto *half = proto.mutable_graph()->add_initializer();
  half->set_name("half");
  half->set_data_type(::onnx::TensorProto::FLOAT16);
  half->add_dims(2);
  half->add_int32_data(0x3c00);
  half->add_int32_data(0xbc00);
  ::onnx::TensorProto *packed = proto.mutable_graph()->add_initializer();
  packed->set_name("packed");
  packed->set_data_type(static_cast<int>(DataType::Int4));
  packed->add_dims(3);
  packed->add_int32_data(0x21);
  packed->add_int32_data(0x03);
  Result<Model> model = read(proto);
  ASSERT_TRUE(model) << model.error().message;
  uint16_t bits[2];
  ASSERT_EQ(model->graph.initializers[1].size, 4u);
  std::memcpy(bits, model->graph.initializers[1].data, 4);
  EXPECT_EQ(bits[1], 0xbc00);
  EXPECT_EQ(model->graph.initializers[2].size, 2u);
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

TEST(ONNXReader, RefusesMissingFile) {
  Result<Model> model = readModel("/nowhere/m.onnx");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, Error::Kind::IO);
  EXPECT_EQ(model.error().message, "/nowhere/m.onnx: cannot read the file: No such file or directory");
}

TEST(ONNXReader, RefusesDirectory) {
  TemporaryDirectory directory;
  Result<Model> model = readModel(directory.path);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("it is not a regular file"), std::string::npos);
}

TEST(ONNXReader, RefusesEmptyFile) {
  TemporaryDirectory directory;
  Result<Model> model = readModel(directory.write("m.onnx", ""));
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("the file is empty"), std::string::npos);
}

TEST(ONNXReader, RefusesFilesOverTwoGiB) {
  TemporaryDirectory directory;
  std::string path = directory.write("m.onnx", "x");
  std::filesystem::resize_file(path, size_t{1} << 31);
  Result<Model> model = readModel(path);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("save the model with external data"), std::string::npos);
}

TEST(ONNXReader, RefusesGarbageAndTruncation) {
  std::string bytes = makeModel().SerializeAsString();
  Result<Model> truncated = readModelFromMemory(bytes.data(), bytes.size() - 3, "m.onnx", "");
  ASSERT_FALSE(truncated);
  EXPECT_NE(truncated.error().message.find("not an ONNX model, or a damaged"), std::string::npos);
  EXPECT_FALSE(readModelFromMemory("hello, world", 12, "m.onnx", ""));
}

TEST(ONNXReader, RefusesDeepProtobuf) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::GraphProto *graph = proto.mutable_graph();
  for (int i = 0; i < 40; ++i) {
    ::onnx::AttributeProto *body = addNode(*graph, "If", {}, {})->add_attribute();
    body->set_name("then_branch");
    graph = body->mutable_g();
  }
  EXPECT_MESSAGE(proto, "at most 100 levels");
}

//===----------------------------------------------------------------------===//
// Header, names and order
//===----------------------------------------------------------------------===//

TEST(ONNXReader, RefusesBadHeaders) {
  ::onnx::ModelProto proto = makeModel();
  proto.clear_graph();
  EXPECT_MESSAGE(proto, "the model has no graph");
  proto = makeModel();
  proto.set_ir_version(1);
  EXPECT_MESSAGE(proto, "ir_version 1 is not supported; expected 3 to 13");
  proto = makeModel();
  proto.clear_opset_import();
  EXPECT_MESSAGE(proto, "opset_import is missing");
  for (int64_t version : {6, 22}) {
    proto.clear_opset_import();
    proto.add_opset_import()->set_version(version);
    EXPECT_MESSAGE(proto, "is not supported; expected 7 to 21");
  }
  proto = makeModel();
  ::onnx::OperatorSetIdProto *again = proto.add_opset_import();
  again->set_domain("ai.onnx");
  again->set_version(13);
  EXPECT_MESSAGE(proto, "the opset of domain '' is given twice");
}

TEST(ONNXReader, RefusesDuplicateNames) {
  ::onnx::ModelProto proto = makeModel();
  addNode(*proto.mutable_graph(), "Neg", {"x"}, {"sum"});
  EXPECT_MESSAGE(proto, "'sum' is defined twice, by node 'the_Add' (Add) and "
                        "by node 'the_Neg' (Neg)");
  proto = makeModel();
  addFloats(*proto.mutable_graph(), "w", {3}, 12);
  EXPECT_MESSAGE(proto, "the initializer 'w' is given twice");
  proto = makeModel();
  addValue(*proto.mutable_graph()->mutable_output(), "y", {2, 3});
  EXPECT_MESSAGE(proto, "the output 'y' is listed twice");
  proto = makeModel();
  addFloats(*proto.mutable_graph(), "", {3}, 12);
  EXPECT_MESSAGE(proto, "an initializer has no name");
  proto = makeModel();
  proto.mutable_graph()->mutable_input(0)->clear_name();
  EXPECT_MESSAGE(proto, "an input has no name");
}

TEST(ONNXReader, AcceptsInitializersListedAsInputs) {
  ::onnx::ModelProto proto = makeModel();
  addValue(*proto.mutable_graph()->mutable_input(), "w", {3});
  EXPECT_EQ(getMessage(proto), "accepted");
}

TEST(ONNXReader, RefusesUndefinedNames) {
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->mutable_node(0)->set_input(1, "v");
  EXPECT_MESSAGE(proto, "node 'the_Add' (Add): uses 'v', which nothing");
  proto = makeModel();
  proto.mutable_graph()->mutable_output(0)->set_name("z");
  EXPECT_MESSAGE(proto, "nothing computes the output 'z'");
}

TEST(ONNXReader, RefusesCyclesAndShowsThem) {
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->mutable_node(0)->set_input(0, "y");
  EXPECT_MESSAGE(proto, "the graph has a cycle: node 'the_Add' (Add) uses "
                        "node 'the_Relu' (Relu) uses node 'the_Add' (Add)");
}

TEST(ONNXReader, SortsLongChainsWithoutRecursion) {
  ::onnx::ModelProto proto = makeModel();
  constexpr int length = 100000;
  for (int i = length; i > 0; --i)
    addNode(*proto.mutable_graph(), "Neg", {"v" + std::to_string(i - 1)}, {"v" + std::to_string(i)});
  addNode(*proto.mutable_graph(), "Neg", {"x"}, {"v0"});
  Result<Model> model = read(proto);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->graph.nodes.back().outputs[0], "v" + std::to_string(length));
}

TEST(ONNXReader, ChecksSubgraphs) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::AttributeProto *body = addNode(*proto.mutable_graph(), "If", {"x"}, {"z"})->add_attribute();
  body->set_name("then_branch");
  addNode(*body->mutable_g(), "Neg", {"nothing"}, {"inner"});
  EXPECT_MESSAGE(proto, "uses 'nothing', which nothing in the model defines");
  body->mutable_g()->mutable_node(0)->set_input(0, "z");
  EXPECT_MESSAGE(proto, "the graph has a cycle: node 'the_If' (If) uses");
  body->mutable_g()->mutable_node(0)->set_input(0, "x");
  body->mutable_g()->mutable_node(0)->set_output(0, "sum");
  EXPECT_MESSAGE(proto, "'sum' is defined again inside a subgraph");
  body->clear_g();
  body->set_type(::onnx::AttributeProto::GRAPH);
  EXPECT_MESSAGE(proto, "a graph is expected, none is present");
  ::onnx::GraphProto *graph = body->mutable_g();
  for (int i = 0; i < 17; ++i) {
    body = addNode(*graph, "If", {}, {})->add_attribute();
    body->set_name("then_branch");
    graph = body->mutable_g();
  }
  EXPECT_MESSAGE(proto, "subgraphs nest deeper than 16 levels");
}

TEST(ONNXReader, RefusesBadNodes) {
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->mutable_node(0)->clear_op_type();
  EXPECT_MESSAGE(proto, "the operator has no name");
  proto = makeModel();
  for (int i = 0; i < 2; ++i)
    proto.mutable_graph()->mutable_node(0)->add_attribute()->set_name("axis");
  EXPECT_MESSAGE(proto, "attribute 'axis' is given twice");
  proto = makeModel();
  proto.mutable_graph()->mutable_node(0)->add_attribute()->set_f(1);
  EXPECT_MESSAGE(proto, "an attribute needs a name");
  proto = makeModel();
  ::onnx::AttributeProto *attribute = proto.mutable_graph()->mutable_node(0)->add_attribute();
  attribute->set_name("value");
  attribute->set_type(::onnx::AttributeProto::TENSOR);
  EXPECT_MESSAGE(proto, "a tensor is expected, none is present");
  attribute->set_type(::onnx::AttributeProto::SPARSE_TENSOR);
  EXPECT_MESSAGE(proto, "sparse tensors are not supported");
  attribute->set_ref_attr_name("alpha");
  EXPECT_MESSAGE(proto, "refers to the function attribute 'alpha'");
}

TEST(ONNXReader, ChecksFunctions) {
  ::onnx::ModelProto proto = makeModel();
  auto add = [&](const char *name, const char *callee) {
    ::onnx::FunctionProto *function = proto.add_functions();
    function->set_domain("local");
    function->set_name(name);
    function->add_input("a");
    function->add_output("b");
    ::onnx::NodeProto *node = function->add_node();
    node->set_domain("local");
    node->set_op_type(callee);
    node->add_input("a");
    node->add_output("b");
    return function;
  };
  ::onnx::FunctionProto *first = add("F", "G");
  EXPECT_EQ(getMessage(proto), "accepted");
  add("G", "F");
  EXPECT_MESSAGE(proto, "is recursive or calls a function that is");
  proto.mutable_functions(1)->set_name("F");
  EXPECT_MESSAGE(proto, "function 'F' of domain 'local' is defined twice");
  proto.mutable_functions()->RemoveLast();
  first = proto.mutable_functions(0);
  first->mutable_node(0)->set_input(0, "c");
  EXPECT_MESSAGE(proto, "uses 'c', which nothing in the model defines");
  first->mutable_unknown_fields()->AddLengthDelimited(11, "");
  EXPECT_MESSAGE(proto, "default values of attributes are not supported");
  first->clear_name();
  EXPECT_MESSAGE(proto, "a function has no name");
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

::onnx::TensorProto &getWeight(::onnx::ModelProto &proto) { return *proto.mutable_graph()->mutable_initializer(0); }

TEST(ONNXReader, RefusesWrongSizes) {
  ::onnx::ModelProto proto = makeModel();
  getWeight(proto).set_raw_data(std::string(16, 'x'));
  EXPECT_MESSAGE(proto, "initializer 'w': raw_data has 16 bytes, but "
                        "float32[3] needs 12");
  getWeight(proto).set_raw_data(std::string(8, 'x'));
  EXPECT_MESSAGE(proto, "raw_data has 8 bytes");
  getWeight(proto).clear_raw_data();
  EXPECT_MESSAGE(proto, "its data field has 0 bytes");
  getWeight(proto).set_data_type(static_cast<int>(DataType::UInt4));
  getWeight(proto).set_raw_data("abc");
  EXPECT_MESSAGE(proto, "raw_data has 3 bytes, but uint4[3] needs 2");
  getWeight(proto).set_data_type(::onnx::TensorProto::STRING);
  EXPECT_MESSAGE(proto, "has 0 strings, but string[3] needs 3");
}

TEST(ONNXReader, RefusesBadShapes) {
  const std::vector<std::vector<int64_t>> shapes = {
      {-1}, {int64_t{1} << 62, 4}, {int64_t{1} << 61}, {0, int64_t{1} << 62, 4}, {int64_t{1} << 32, int64_t{1} << 32}};
  for (const std::vector<int64_t> &shape : shapes) {
    ::onnx::ModelProto proto = makeModel();
    getWeight(proto).clear_dims();
    for (int64_t dim : shape)
      getWeight(proto).add_dims(dim);
    EXPECT_MESSAGE(proto, "has a negative dimension or more bytes than");
  }
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->clear_input();
  addValue(*proto.mutable_graph()->mutable_input(), "x", {-1, 3});
  EXPECT_MESSAGE(proto, "a dimension that varies needs a dim_param");
}

TEST(ONNXReader, RefusesUnknownTypes) {
  for (int type : {0, 23, 99, -1}) {
    ::onnx::ModelProto proto = makeModel();
    getWeight(proto).set_data_type(type);
    EXPECT_MESSAGE(proto, "initializer 'w': unknown element type " + std::to_string(type));
    proto = makeModel();
    proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(type);
    EXPECT_MESSAGE(proto, "input 'x': unknown element type");
  }
}

TEST(ONNXReader, RefusesNumbersOutOfRange) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::TensorProto &weight = getWeight(proto);
  weight.clear_raw_data();
  weight.set_data_type(::onnx::TensorProto::INT8);
  for (int value : {-128, 127, 128})
    weight.add_int32_data(value);
  EXPECT_MESSAGE(proto, "element 2 is 128, which is no int8");
}

TEST(ONNXReader, RefusesSegmentsAndSparseInitializers) {
  ::onnx::ModelProto proto = makeModel();
  getWeight(proto).mutable_segment()->set_begin(0);
  EXPECT_MESSAGE(proto, "tensors stored in segments are not supported");
  proto = makeModel();
  proto.mutable_graph()->add_sparse_initializer();
  EXPECT_MESSAGE(proto, "sparse initializers are not supported");
}

} // namespace
