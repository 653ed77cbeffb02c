//===- CorruptionTest.cpp - Damaged ONNX files never crash the reader -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Seeded damage to a model that has a bit of everything. Each case must end
// with a model or a message, soon. Meant to run under address and undefined
// behaviour sanitizers too, so every accepted tensor is read to its last byte.
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include <chrono>
#include <random>

using namespace condense::onnx;
using namespace condense::onnx::test;

namespace {

::onnx::ModelProto makeRichModel() {
  ::onnx::ModelProto model = makeModel();
  ::onnx::GraphProto &graph = *model.mutable_graph();
  addFloats(graph, "kernel", {4, 3, 3, 3}, 4 * 27 * 4);
  ::onnx::TensorProto *shape = graph.add_initializer();
  shape->set_name("shape");
  shape->set_data_type(::onnx::TensorProto::INT64);
  shape->add_dims(2);
  shape->add_int64_data(3);
  shape->add_int64_data(-1);
  ::onnx::NodeProto *conv = addNode(graph, "Conv", {"y", "kernel"}, {"conv"});
  ::onnx::AttributeProto *pads = conv->add_attribute();
  pads->set_name("pads");
  pads->set_type(::onnx::AttributeProto::INTS);
  for (int i = 0; i < 4; ++i)
    pads->add_ints(1);
  addNode(graph, "Reshape", {"conv", "shape"}, {"flat"});
  ::onnx::AttributeProto *body = addNode(graph, "If", {"flat"}, {"chosen"})->add_attribute();
  body->set_name("then_branch");
  body->set_type(::onnx::AttributeProto::GRAPH);
  addNode(*body->mutable_g(), "Neg", {"flat"}, {"negated"});
  addValue(*body->mutable_g()->mutable_output(), "negated", {3});
  ::onnx::FunctionProto *function = model.add_functions();
  function->set_domain("local");
  function->set_name("F");
  function->add_input("a");
  function->add_output("b");
  ::onnx::NodeProto *node = function->add_node();
  node->set_op_type("Relu");
  node->add_input("a");
  node->add_output("b");
  return model;
}

uint64_t sumGraph(const Graph &graph);

uint64_t sumNodes(const std::vector<Node> &nodes) {
  uint64_t sum = 0;
  for (const Node &node : nodes)
    for (const Attribute &attribute : node.attributes)
      for (const Graph &graph : attribute.graphs)
        sum += sumGraph(graph);
  return sum;
}

uint64_t sumGraph(const Graph &graph) {
  uint64_t sum = sumNodes(graph.nodes);
  for (const Tensor &tensor : graph.initializers)
    for (size_t i = 0; i < tensor.size; ++i)
      sum += std::to_integer<uint64_t>(tensor.data[i]);
  return sum;
}

struct CorruptionTest : testing::Test {
  std::string original = makeRichModel().SerializeAsString();
  std::mt19937 random{20240229};
  unsigned accepted = 0, refused = 0;

  void tryBytes(const std::string &bytes) {
    // An own allocation: reading past it is visible to the sanitizer.
    std::vector<char> copy(bytes.begin(), bytes.end());
    auto start = std::chrono::steady_clock::now();
    Result<Model> model = readModelFromMemory(copy.data(), copy.size(), "m.onnx", "");
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_LT(elapsed.count(), 2.0);
    if (model) {
      ++accepted;
      volatile uint64_t sink = sumGraph(model->graph);
      (void)sink;
      return;
    }
    ++refused;
    EXPECT_EQ(model.error().message.find("m.onnx: "), 0u);
    EXPECT_GT(model.error().message.size(), 20u);
  }
};

TEST_F(CorruptionTest, OriginalIsAccepted) {
  tryBytes(original);
  EXPECT_EQ(accepted, 1u);
}

TEST_F(CorruptionTest, Truncations) {
  for (size_t size = 0; size < original.size(); ++size)
    tryBytes(original.substr(0, size));
  // A prefix that ends between two top-level fields is a valid message, but
  // the last ones carry the graph and the function.
  EXPECT_LE(accepted, 3u);
}

TEST_F(CorruptionTest, BitFlips) {
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = original;
    for (unsigned flips = 1 + random() % 4; flips; --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    tryBytes(bytes);
  }
  EXPECT_EQ(accepted + refused, 2000u);
}

TEST_F(CorruptionTest, SplicedBytes) {
  for (int i = 0; i < 1000; ++i) {
    std::string bytes = original;
    size_t from = random() % bytes.size(), to = random() % bytes.size();
    size_t count = random() % 64;
    bytes.replace(to, std::min(count, bytes.size() - to), original.substr(from, random() % 64));
    tryBytes(bytes);
  }
  EXPECT_EQ(accepted + refused, 1000u);
}

/// Well-formed messages with extreme numbers in them.
TEST_F(CorruptionTest, ShapeOverflows) {
  const int64_t extremes[] = {
      -1, 0, 1, INT64_MIN, INT64_MAX, int64_t{1} << 31, int64_t{1} << 32, int64_t{1} << 61, (int64_t{1} << 62) + 1};
  for (int i = 0; i < 1000; ++i) {
    ::onnx::ModelProto proto = makeRichModel();
    ::onnx::GraphProto &graph = *proto.mutable_graph();
    ::onnx::TensorProto &tensor = *graph.mutable_initializer(static_cast<int>(random() % graph.initializer_size()));
    for (int64_t &dim : *tensor.mutable_dims())
      if (random() % 2)
        dim = extremes[random() % std::size(extremes)];
    if (random() % 4 == 0)
      tensor.add_dims(extremes[random() % std::size(extremes)]);
    if (random() % 4 == 0)
      tensor.set_data_type(static_cast<int>(random() % 24));
    graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_value(
        extremes[random() % std::size(extremes)]);
    tryBytes(proto.SerializeAsString());
  }
  EXPECT_GT(refused, 500u);
}

} // namespace
