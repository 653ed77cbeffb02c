// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled models: what goes in and comes out of the C interface.

#include "TestCompiler.h"
#include <thread>

using namespace condense;
using namespace condense::test;

TEST(Execution, SeveralInputsAndOutputs) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<2x3xf32> {nn.name = "left"}, %b: tensor<2x3xf32>, %c: tensor<3xi64>)
        -> (tensor<2x3xf32> {nn.name = "sum"}, tensor<3xi64>) {
      %0 = tosa.add %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
      %e = tensor.empty() : tensor<3xi64>
      %1 = linalg.map { arith.addi } ins(%c, %c : tensor<3xi64>, tensor<3xi64>) outs(%e : tensor<3xi64>)
      return %0, %1 : tensor<2x3xf32>, tensor<3xi64>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  const condense_model_info &info = model->getInfo();
  ASSERT_EQ(info.num_inputs, 3u);
  ASSERT_EQ(info.num_outputs, 2u);
  EXPECT_STREQ(info.inputs[0].name, "left");
  EXPECT_STREQ(info.inputs[1].name, "input1");
  EXPECT_STREQ(info.outputs[0].name, "sum");
  EXPECT_STREQ(info.outputs[1].name, "output1");
  EXPECT_EQ(runtime::describeType(info.inputs[0].dtype, info.inputs[0].shape, info.inputs[0].rank), "float32[2x3]");
  auto outputs =
      run(*model, {tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}), tensor<float>({2, 3}, {10, 20, 30, 40, 50, 60}),
                   tensor<int64_t>({3}, {1, -2, int64_t(1) << 40})});
  EXPECT_EQ(values<float>(outputs[0]), (std::vector<float>{11, 22, 33, 44, 55, 66}));
  EXPECT_EQ(values<int64_t>(outputs[1]), (std::vector<int64_t>{2, -4, int64_t(1) << 41}));
}

TEST(Execution, DynamicDimensions) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %m = tensor.dim %a, %c0 : tensor<?x?xf32>
      %n = tensor.dim %a, %c1 : tensor<?x?xf32>
      %e = tensor.empty(%n, %m) : tensor<?x?xf32>
      %0 = linalg.transpose ins(%a : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) permutation = [1, 0]
      return %0 : tensor<?x?xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  EXPECT_EQ(model->getInfo().inputs[0].shape[0], -1);
  auto outputs = run(*model, {tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6})});
  EXPECT_EQ(outputs[0].shape, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(values<float>(outputs[0]), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  // another size with the same object, and an empty tensor
  EXPECT_EQ(values<float>(run(*model, {tensor<float>({1, 2}, {7, 8})})[0]), (std::vector<float>{7, 8}));
  EXPECT_EQ(run(*model, {tensor<float>({0, 5}, {})})[0].shape, (std::vector<int64_t>{5, 0}));
}

TEST(Execution, ResultThatIsAnArgument) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>) {
      %0 = tensor.expand_shape %a [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
      return %a, %a, %0 : tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> in = {1, 2, 3, 4};
  for (const runtime::Tensor &output : run(*model, {tensor<float>({4}, in)}))
    EXPECT_EQ(values<float>(output), in);
}

TEST(Execution, ResultThatIsAConstant) {
  TestCompiler compiler;
  // the first is small and stays in the code; the second lies with the weights
  auto model = compiler.compile(R"(
    func.func @main() -> (tensor<2xf32>, tensor<40xi16>, tensor<40xi16>) {
      %0 = arith.constant dense<[1.5, 2.5]> : tensor<2xf32>
      %1 = arith.constant dense<7> : tensor<40xi16>
      return %0, %1, %1 : tensor<2xf32>, tensor<40xi16>, tensor<40xi16>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  for (int repeat = 0; repeat < 2; ++repeat) {
    auto outputs = run(*model, {});
    EXPECT_EQ(values<float>(outputs[0]), (std::vector<float>{1.5, 2.5}));
    ASSERT_EQ(outputs[1].data.size(), 80u);
    EXPECT_EQ(outputs[1].data, outputs[2].data);
    EXPECT_EQ(int(outputs[1].data[78]), 7);
  }
}

TEST(Execution, TwoResultsThatShareABuffer) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>, tensor<2xf32>) {
      %e = tensor.empty() : tensor<4xf32>
      %0 = linalg.map { math.absf } ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>)
      %1 = tensor.expand_shape %0 [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
      %2 = tensor.extract_slice %0[2] [2] [1] : tensor<4xf32> to tensor<2xf32>
      return %0, %1, %2 : tensor<4xf32>, tensor<2x2xf32>, tensor<2xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  for (int repeat = 0; repeat < 3; ++repeat) {
    auto outputs = run(*model, {tensor<float>({4}, {-1, 2, -3, 4})});
    EXPECT_EQ(values<float>(outputs[0]), (std::vector<float>{1, 2, 3, 4}));
    EXPECT_EQ(values<float>(outputs[1]), (std::vector<float>{1, 2, 3, 4}));
    EXPECT_EQ(values<float>(outputs[2]), (std::vector<float>{3, 4}));
  }
}

TEST(Execution, InputsAreNotWritten) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<3xf32>, %f: tensor<f32>) -> tensor<3xf32> {
      %0 = tensor.insert_slice %f into %a[1] [1] [1] : tensor<f32> into tensor<3xf32>
      return %0 : tensor<3xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  runtime::Tensor in = tensor<float>({3}, {1, 2, 3});
  std::vector<runtime::Tensor> inputs = {in, tensor<float>({}, {9})};
  EXPECT_EQ(values<float>(run(*model, inputs)[0]), (std::vector<float>{1, 9, 3}));
  EXPECT_EQ(inputs[0].data, in.data);
}

TEST(Execution, ScalarsAndElementTypes) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%s: tensor<f64>, %b: tensor<3xi1>, %u: tensor<3xui8>, %h: tensor<2xbf16>)
        -> (tensor<f64>, tensor<3xi1>, tensor<3xui8>, tensor<2xbf16>) {
      %es = tensor.empty() : tensor<f64>
      %0 = linalg.map { math.sqrt } ins(%s : tensor<f64>) outs(%es : tensor<f64>)
      %eb = tensor.empty() : tensor<3xi1>
      %true = arith.constant true
      %1 = linalg.map ins(%b : tensor<3xi1>) outs(%eb : tensor<3xi1>)
        (%x: i1, %o: i1) { %n = arith.xori %x, %true : i1  linalg.yield %n : i1 }
      %eh = tensor.empty() : tensor<2xbf16>
      %2 = linalg.map { arith.mulf } ins(%h, %h : tensor<2xbf16>, tensor<2xbf16>) outs(%eh : tensor<2xbf16>)
      return %0, %1, %u, %2 : tensor<f64>, tensor<3xi1>, tensor<3xui8>, tensor<2xbf16>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  EXPECT_EQ(model->getInfo().inputs[0].rank, 0);
  auto outputs =
      run(*model, {tensor<double>({}, {6.25}), tensor<bool>({3}, {true, false, true}),
                   tensor<uint8_t>({3}, {0, 200, 255}), tensor<uint16_t>({2}, {0x4040 /* 3 */, 0xbf80 /* -1 */})});
  EXPECT_EQ(values<double>(outputs[0]), (std::vector<double>{2.5}));
  EXPECT_EQ(values<bool>(outputs[1]), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(values<uint8_t>(outputs[2]), (std::vector<uint8_t>{0, 200, 255}));
  EXPECT_EQ(values<uint16_t>(outputs[3]), (std::vector<uint16_t>{0x4110 /* 9 */, 0x3f80}));
}

TEST(Execution, ThreadsComputeTheSame) {
  const char *text = R"(
    func.func @main(%a: tensor<301x77xf32>, %b: tensor<77x130xf32>) -> tensor<301x130xf32> {
      %z = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<301x130xf32>
      %f = linalg.fill ins(%z : f32) outs(%e : tensor<301x130xf32>) -> tensor<301x130xf32>
      %0 = linalg.matmul ins(%a, %b : tensor<301x77xf32>, tensor<77x130xf32>)
                         outs(%f : tensor<301x130xf32>) -> tensor<301x130xf32>
      return %0 : tensor<301x130xf32>
    })";
  std::vector<float> a(301 * 77), b(77 * 130);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = float(int(i * 7 % 23) - 11);
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = float(int(i * 5 % 19) - 9);
  std::vector<float> expected(301 * 130);
  for (int i = 0; i < 301; ++i)
    for (int k = 0; k < 77; ++k)
      for (int j = 0; j < 130; ++j)
        expected[i * 130 + j] += a[i * 77 + k] * b[k * 130 + j];
  std::vector<runtime::Tensor> inputs = {tensor<float>({301, 77}, a), tensor<float>({77, 130}, b)};
  for (bool threads : {false, true}) {
    TestCompiler compiler;
    compiler.options.threads = threads;
    auto model = compiler.compile(text);
    ASSERT_TRUE(model) << compiler.errors;
    for (int count : {1, 2, 3, 0}) {
      model->setThreads(count);
      EXPECT_EQ(values<float>(run(*model, inputs)[0]), expected); // exact: small integers
    }
  }
}

TEST(Execution, RunsInSeveralThreadsAtOnce) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<?xf32>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %a, %c0 : tensor<?xf32>
      %e = tensor.empty(%n) : tensor<?xf32>
      %0 = linalg.map { arith.addf } ins(%a, %a : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>)
      return %0 : tensor<?xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 1; t <= 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        std::vector<float> in(100 * t + i, float(t));
        std::vector<runtime::Tensor> outputs;
        std::string error;
        wrong += !model->run({tensor<float>({int64_t(in.size())}, in)}, outputs, error) ||
                 values<float>(outputs[0]) != std::vector<float>(in.size(), 2.0f * t);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}
