// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled layers of TOSA and linalg against plain loops, at sizes that divide nothing.

#include "TestCompiler.h"

using namespace condense;
using namespace condense::test;

static std::vector<float> ramp(size_t count, int step) {
  std::vector<float> result(count);
  for (size_t i = 0; i < count; ++i)
    result[i] = float(int(i * step % 17) - 8) * 0.25f; // exact in f32, so are the sums below
  return result;
}

TEST(Layers, TosaConvolutionWithPaddingAndStride) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%x: tensor<1x7x5x3xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x3x4xf32> {
      %zx = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
      %0 = tosa.conv2d %x, %w, %b, %zx, %zx {acc_type = f32, dilation = array<i64: 1, 1>,
          pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>}
        : (tensor<1x7x5x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x3x4xf32>
      return %0 : tensor<1x4x3x4xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> x = ramp(7 * 5 * 3, 5), w = ramp(4 * 27, 7), b = {1, -1, 0.5, 2};
  std::vector<float> expected;
  for (int oy = 0; oy < 4; ++oy)
    for (int ox = 0; ox < 3; ++ox)
      for (int f = 0; f < 4; ++f) {
        float sum = b[f];
        for (int ky = 0; ky < 3; ++ky)
          for (int kx = 0; kx < 3; ++kx)
            for (int c = 0; c < 3; ++c) {
              int y = 2 * oy + ky - 1, xx = 2 * ox + kx - 1;
              if (y >= 0 && y < 7 && xx >= 0 && xx < 5)
                sum += x[(y * 5 + xx) * 3 + c] * w[((f * 3 + ky) * 3 + kx) * 3 + c];
            }
        expected.push_back(sum);
      }
  auto outputs = run(*model, {tensor<float>({1, 7, 5, 3}, x), tensor<float>({4, 3, 3, 3}, w), tensor<float>({4}, b)});
  EXPECT_EQ(values<float>(outputs[0]), expected);
}

TEST(Layers, Int8MatmulWithConstantWeights) {
  TestCompiler compiler;
  std::string weights;
  std::vector<int> w(70 * 33);
  for (size_t i = 0; i < w.size(); ++i) {
    w[i] = int(i * 11 % 255) - 127;
    weights += (i ? (i % 33 ? ", " : "], [") : "") + std::to_string(w[i]);
  }
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<?x70xi8>) -> tensor<?x33xi32> {
      %c0 = arith.constant 0 : index
      %m = tensor.dim %a, %c0 : tensor<?x70xi8>
      %w = arith.constant dense<[[)" +
                                weights + R"(]]> : tensor<70x33xi8>
      %z = arith.constant 0 : i32
      %e = tensor.empty(%m) : tensor<?x33xi32>
      %f = linalg.fill ins(%z : i32) outs(%e : tensor<?x33xi32>) -> tensor<?x33xi32>
      %0 = linalg.matmul ins(%a, %w : tensor<?x70xi8>, tensor<70x33xi8>)
                         outs(%f : tensor<?x33xi32>) -> tensor<?x33xi32>
      return %0 : tensor<?x33xi32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  // Where the CPU multiplies groups of four bytes, the sum is padded to 72, and each output has
  // the compensation of the activation's sign, in whole cache lines.
  EXPECT_GE(model->getInfo().weight_bytes, 70u * 33);
  EXPECT_LE(model->getInfo().weight_bytes, 72u * 33 + 48 * 4);
  std::vector<int8_t> a(5 * 70);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = int8_t(i * 37 % 256 - 128);
  std::vector<int32_t> expected(5 * 33);
  for (int i = 0; i < 5; ++i)
    for (int k = 0; k < 70; ++k)
      for (int j = 0; j < 33; ++j)
        expected[i * 33 + j] += a[i * 70 + k] * w[k * 33 + j];
  EXPECT_EQ(values<int32_t>(run(*model, {tensor<int8_t>({5, 70}, a)})[0]), expected);
}

TEST(Layers, StridedCopies) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<3x5xf32>) -> tensor<4x7xf32> {
      %z = arith.constant 9.0 : f32
      %0 = tensor.pad %a low[1, 0] high[0, 2] {
      ^bb0(%i: index, %j: index):
        tensor.yield %z : f32
      } : tensor<3x5xf32> to tensor<4x7xf32>
      return %0 : tensor<4x7xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> a = ramp(15, 3), expected(28, 9);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 5; ++j)
      expected[(i + 1) * 7 + j] = a[i * 5 + j];
  EXPECT_EQ(values<float>(run(*model, {tensor<float>({3, 5}, a)})[0]), expected);
}

TEST(Layers, CopiesOfRows) {
  // rows of 5 x 4 elements, padded on all sides of an unknown number of images
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<?x3x5x4xf32>) -> tensor<?x6x7x4xf32> {
      %z = arith.constant 9.0 : f32
      %0 = tensor.pad %a low[0, 1, 2, 0] high[0, 2, 0, 0] {
      ^bb0(%i: index, %j: index, %k: index, %l: index):
        tensor.yield %z : f32
      } : tensor<?x3x5x4xf32> to tensor<?x6x7x4xf32>
      return %0 : tensor<?x6x7x4xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> a = ramp(2 * 3 * 5 * 4, 3), expected(2 * 6 * 7 * 4, 9);
  for (int n = 0; n < 2; ++n)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 5; ++x)
        for (int c = 0; c < 4; ++c)
          expected[((n * 6 + y + 1) * 7 + x + 2) * 4 + c] = a[((n * 3 + y) * 5 + x) * 4 + c];
  EXPECT_EQ(values<float>(run(*model, {tensor<float>({2, 3, 5, 4}, a)})[0]), expected);
}

TEST(Layers, EqualWeightsAreStoredOnce) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<8x4xf32>) {
      %w = arith.constant dense<0.5> : tensor<4x8xf32>
      %v = arith.constant dense<0.5> : tensor<8x4xf32>
      %0 = tosa.add %a, %w : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
      return %0, %v : tensor<4x8xf32>, tensor<8x4xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  EXPECT_LE(model->getInfo().weight_bytes, 128u);
  auto outputs = run(*model, {tensor<float>({4, 8}, std::vector<float>(32, 1))});
  EXPECT_EQ(values<float>(outputs[0]), std::vector<float>(32, 1.5));
  EXPECT_EQ(values<float>(outputs[1]), std::vector<float>(32, 0.5));
}

TEST(Layers, ComparisonsOfManySizes) {
  // 37 = two full vectors of bools and a rest
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<3x37xf32>, %b: tensor<3x37xf32>) -> (tensor<3x37xi1>, tensor<3x37xf32>) {
      %0 = tosa.greater %a, %b : (tensor<3x37xf32>, tensor<3x37xf32>) -> tensor<3x37xi1>
      %1 = tosa.logical_not %0 : (tensor<3x37xi1>) -> tensor<3x37xi1>
      %2 = tosa.select %1, %a, %b : (tensor<3x37xi1>, tensor<3x37xf32>, tensor<3x37xf32>) -> tensor<3x37xf32>
      return %0, %2 : tensor<3x37xi1>, tensor<3x37xf32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> a = ramp(111, 3), b = ramp(111, 5), smaller;
  std::vector<bool> greater;
  for (size_t i = 0; i < a.size(); ++i) {
    greater.push_back(a[i] > b[i]);
    smaller.push_back(a[i] > b[i] ? b[i] : a[i]);
  }
  auto outputs = run(*model, {tensor<float>({3, 37}, a), tensor<float>({3, 37}, b)});
  EXPECT_EQ(values<bool>(outputs[0]), greater);
  EXPECT_EQ(values<float>(outputs[1]), smaller);
}

TEST(Layers, BoolInputs) {
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%c: tensor<37xi1>, %a: tensor<37xi32>) -> tensor<37xi32> {
      %z = "tosa.const"() {values = dense<-1> : tensor<1xi32>} : () -> tensor<1xi32>
      %0 = tosa.select %c, %a, %z : (tensor<37xi1>, tensor<37xi32>, tensor<1xi32>) -> tensor<37xi32>
      return %0 : tensor<37xi32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<bool> condition;
  std::vector<int32_t> a, expected;
  for (int i = 0; i < 37; ++i) {
    condition.push_back(i % 3 == 1);
    a.push_back(i);
    expected.push_back(i % 3 == 1 ? i : -1);
  }
  auto outputs = run(*model, {tensor<bool>({37}, condition), tensor<int32_t>({37}, a)});
  EXPECT_EQ(values<int32_t>(outputs[0]), expected);
}

TEST(Layers, NibblesInMemory) {
  // a tensor of i4 that two operations use, so that it is stored between them
  TestCompiler compiler;
  auto model = compiler.compile(R"(
    func.func @main(%a: tensor<37xi8>) -> (tensor<37xi8>, tensor<37xi32>) {
      %e4 = tensor.empty() : tensor<37xi4>
      %e8 = tensor.empty() : tensor<37xi8>
      %e32 = tensor.empty() : tensor<37xi32>
      %0 = linalg.map ins(%a : tensor<37xi8>) outs(%e4 : tensor<37xi4>)
        (%x: i8, %o: i4) { %n = arith.trunci %x : i8 to i4  linalg.yield %n : i4 }
      %1 = linalg.map ins(%0 : tensor<37xi4>) outs(%e8 : tensor<37xi8>)
        (%x: i4, %o: i8) { %n = arith.extsi %x : i4 to i8  linalg.yield %n : i8 }
      %2 = linalg.map ins(%0 : tensor<37xi4>) outs(%e32 : tensor<37xi32>)
        (%x: i4, %o: i32) { %n = arith.extui %x : i4 to i32  linalg.yield %n : i32 }
      return %1, %2 : tensor<37xi8>, tensor<37xi32>
    })");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<int8_t> a, extended;
  std::vector<int32_t> low;
  for (int i = 0; i < 37; ++i) {
    a.push_back(int8_t(i * 7 - 100));
    low.push_back(a.back() & 15);
    extended.push_back(int8_t(low.back() >= 8 ? low.back() - 16 : low.back()));
  }
  auto outputs = run(*model, {tensor<int8_t>({37}, a)});
  EXPECT_EQ(values<int8_t>(outputs[0]), extended);
  EXPECT_EQ(values<int32_t>(outputs[1]), low);
}
