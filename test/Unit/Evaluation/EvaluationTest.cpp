// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Preprocessing and metrics against values computed by hand.

#include "condense/Evaluation/Metrics.h"
#include "condense/Evaluation/Preprocessing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace condense;
using namespace condense::evaluation;

namespace {
template <typename T> npy::Array makeArray(npy::DType type, std::vector<int64_t> shape, const std::vector<T> &values) {
  npy::Array array;
  array.type = type;
  array.shape = std::move(shape);
  array.data = reinterpret_cast<const std::byte *>(values.data());
  array.elements = values.size();
  array.bytes = values.size() * sizeof(T);
  return array;
}

runtime::Tensor makeTensor(std::vector<int64_t> shape, const std::vector<float> &values) {
  runtime::Tensor tensor;
  tensor.dtype = CONDENSE_F32;
  tensor.shape = std::move(shape);
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

std::vector<float> floatsOf(const runtime::Tensor &tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

InputType makeInput(std::vector<int64_t> shape, int32_t dtype = CONDENSE_F32) { return {"x", dtype, std::move(shape)}; }

std::string refusal(const npy::Array &samples, const InputType &input, const Preprocessing &steps = {}) {
  Batcher batcher;
  std::string error;
  EXPECT_FALSE(batcher.init(samples, input, steps, 32, error));
  return error;
}

void expectPart(const std::string &message, const std::string &part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}
} // namespace

TEST(Batcher, AppliesScaleMeanAndStdPerChannel) {
  std::vector<uint8_t> pixels = {0, 51, 102, 153, 204, 255};
  npy::Array samples = makeArray(npy::DType::U8, {1, 1, 2, 3}, pixels);
  Preprocessing steps{255, {0.0, 0.1, 0.2}, {1.0, 2.0, 4.0}, false};
  Batcher batcher;
  std::string error;
  ASSERT_TRUE(batcher.init(samples, makeInput({1, 1, 2, 3}), steps, 32, error)) << error;
  runtime::Tensor tensor;
  int64_t count = 0;
  ASSERT_TRUE(batcher.fill(0, tensor, count, error)) << error;
  EXPECT_EQ(count, 1);
  std::vector<float> expected = {0.0f, 0.05f, 0.05f, 0.6f, 0.35f, 0.2f};
  std::vector<float> found = floatsOf(tensor);
  for (int i = 0; i != 6; ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-7) << i;
  // The same, transposed to [channels, height, width].
  steps.nchw = true;
  ASSERT_TRUE(batcher.init(samples, makeInput({1, 3, 1, 2}), steps, 32, error));
  ASSERT_TRUE(batcher.fill(0, tensor, count, error));
  std::vector<float> transposed = floatsOf(tensor);
  for (int channel = 0; channel != 3; ++channel)
    for (int x = 0; x != 2; ++x)
      EXPECT_EQ(transposed[channel * 2 + x], found[x * 3 + channel]);
}

TEST(Batcher, CutsBatches) {
  std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  npy::Array samples = makeArray(npy::DType::F32, {5, 2}, values);
  Batcher batcher;
  std::string error;
  runtime::Tensor tensor;
  int64_t count = 0;
  // Dynamic: the last batch is smaller.
  ASSERT_TRUE(batcher.init(samples, makeInput({-1, 2}), {}, 3, error));
  EXPECT_EQ(batcher.getBatchSize(), 3);
  ASSERT_TRUE(batcher.fill(3, tensor, count, error));
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(floatsOf(tensor), (std::vector<float>{7, 8, 9, 10}));
  // Static: it is filled up with zeros.
  ASSERT_TRUE(batcher.init(samples, makeInput({4, 1, 2}), {}, 3, error));
  ASSERT_TRUE(batcher.fill(4, tensor, count, error));
  EXPECT_EQ(count, 1);
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{4, 1, 2}));
  EXPECT_EQ(floatsOf(tensor), (std::vector<float>{9, 10, 0, 0, 0, 0, 0, 0}));
  // No batch dimension, and a dynamic one besides the batch.
  ASSERT_TRUE(batcher.init(samples, makeInput({2}), {}, 3, error));
  EXPECT_EQ(batcher.getBatchSize(), 1);
  ASSERT_TRUE(batcher.init(samples, makeInput({-1, -1}), {}, 3, error));
  ASSERT_TRUE(batcher.fill(0, tensor, count, error));
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{3, 2}));
}

TEST(Batcher, ConvertsToTheInputsType) {
  std::vector<uint16_t> ids = {0, 511};
  npy::Array samples = makeArray(npy::DType::U16, {1, 2}, ids);
  Batcher batcher;
  std::string error;
  runtime::Tensor tensor;
  int64_t count = 0;
  ASSERT_TRUE(batcher.init(samples, makeInput({1, 2}, CONDENSE_I64), {}, 1, error));
  ASSERT_TRUE(batcher.fill(0, tensor, count, error));
  double value = 0;
  ASSERT_TRUE(readElement(tensor, 1, value));
  EXPECT_EQ(value, 511);
  ASSERT_TRUE(batcher.init(samples, makeInput({1, 2}, CONDENSE_U8), {}, 1, error));
  EXPECT_FALSE(batcher.fill(0, tensor, count, error));
  EXPECT_EQ(error, "sample 0, element 1: value 511.000000 does not fit the "
                   "input's type uint8");
}

TEST(Batcher, RoundsHalfFloatsToNearestEven) {
  std::vector<double> values = {1.0 + 0x1p-11, 1.0 + 3 * 0x1p-11, 65520, 0x1p-25, -0x1.8p-25};
  npy::Array samples = makeArray(npy::DType::F64, {1, 5}, values);
  Batcher batcher;
  std::string error;
  runtime::Tensor tensor;
  int64_t count = 0;
  std::vector<double> expected = {1.0, 1.0 + 0x1p-9, INFINITY, 0, -0x1p-24};
  ASSERT_TRUE(batcher.init(samples, makeInput({1, 5}, CONDENSE_F16), {}, 1, error));
  ASSERT_TRUE(batcher.fill(0, tensor, count, error)) << error;
  for (int i = 0; i != 5; ++i) {
    double value = 0;
    ASSERT_TRUE(readElement(tensor, i, value));
    EXPECT_EQ(value, expected[i]) << i;
  }
}

TEST(Batcher, RefusesWhatDoesNotFit) {
  std::vector<float> values = {1, NAN, 3, 4};
  npy::Array samples = makeArray(npy::DType::F32, {2, 2}, values);
  InputType input = makeInput({1, 2});
  EXPECT_EQ(refusal(samples, makeInput({1, 3})), "samples [2] do not fit input 'x': expected float32[1x3]");
  expectPart(refusal(samples, input, {1, {1, 2, 3}, {}, false}),
             "--mean has 3 values: expected 1, or one for each of the 2 "
             "channels");
  expectPart(refusal(samples, input, {1, {}, {0}, false}), "must be finite, and --std not 0");
  expectPart(refusal(samples, input, {0, {}, {}, false}), "--scale must be a number other than 0");
  expectPart(refusal(samples, input, {1, {}, {}, true}), "--layout nchw needs samples [height, width, channels], found "
                                                         "[2]");
  expectPart(refusal(samples, makeInput({1, 2}, CONDENSE_I32), {2, {}, {}, false}), "input 'x' takes integers");
  expectPart(refusal(makeArray(npy::DType::F32, {0, 2}, values), input), "the set is empty");
  Batcher batcher;
  std::string error;
  runtime::Tensor tensor;
  int64_t count = 0;
  ASSERT_TRUE(batcher.init(samples, input, {}, 1, error));
  EXPECT_FALSE(batcher.fill(0, tensor, count, error));
  expectPart(error, "sample 0, element 1: value nan is not finite");
}

TEST(Accuracy, CountsTheLargest) {
  Accuracy accuracy;
  std::string error;
  runtime::Tensor scores = makeTensor({3, 2}, {1, 2, 5, 4, 7, 7});
  EXPECT_TRUE(accuracy.add(scores, 3, 0, 1, error));
  EXPECT_TRUE(accuracy.add(scores, 3, 1, 1, error));
  EXPECT_TRUE(accuracy.add(scores, 3, 2, 0, error));
  EXPECT_EQ(accuracy.correct, 2);
  EXPECT_EQ(accuracy.total, 3);
  EXPECT_FALSE(accuracy.add(scores, 3, 0, 2, error));
  EXPECT_EQ(error, "label 2 is out of range: the model knows 0 to 1");
  EXPECT_FALSE(accuracy.add(scores, 4, 0, 0, error));
  EXPECT_EQ(error, "the output float32[3x2] is not 4 rows of at least 2 scores");
  EXPECT_FALSE(accuracy.add(makeTensor({1, 2}, {NAN, 1}), 1, 0, 0, error));
  EXPECT_EQ(error, "the output is not a number (NaN)");
}

TEST(Perplexity, IsTheVocabularyForUniformLogits) {
  Perplexity perplexity;
  std::string error;
  runtime::Tensor logits = makeTensor({1, 2, 4}, {3, 3, 3, 3, 90, 90, 90, 90});
  EXPECT_TRUE(perplexity.add(logits, 1, 0, 2, 0, 2, error));
  EXPECT_TRUE(perplexity.add(logits, 1, 0, 2, 1, 0, error));
  EXPECT_NEAR(perplexity.get(), 4, 1e-12);
  EXPECT_FALSE(perplexity.add(logits, 1, 0, 2, 0, 4, error));
  EXPECT_EQ(error, "token 4 is out of range: the model knows 0 to 3");
  runtime::Tensor bad = makeTensor({1, 1, 2}, {NAN, 0});
  EXPECT_FALSE(perplexity.add(bad, 1, 0, 1, 0, 0, error));
  expectPart(error, "the loss is not finite");
}

TEST(Fidelity, ComparesOutputs) {
  Fidelity fidelity;
  std::string error;
  runtime::Tensor x = makeTensor({2, 2}, {1, 0, 9, 9});
  runtime::Tensor y = makeTensor({2, 2}, {1, 1, 0, 0});
  // The second sample only fills up the batch.
  EXPECT_TRUE(fidelity.add(x, y, 2, 1, error));
  EXPECT_NEAR(fidelity.getCosine(), std::sqrt(0.5), 1e-12);
  EXPECT_EQ(fidelity.getMaxError(), 1);
  EXPECT_EQ(fidelity.getRelativeError(), std::sqrt(0.5));
  EXPECT_NEAR(fidelity.getSQNR(), 10 * std::log10(2), 1e-12);
  EXPECT_EQ(Fidelity().getCosine(), 1);
  EXPECT_EQ(Fidelity().getRelativeError(), 0);
  EXPECT_EQ(Fidelity().getSQNR(), INFINITY);
  EXPECT_FALSE(fidelity.add(x, makeTensor({4}, {1, 1, 0, 0}), 2, 1, error));
  EXPECT_EQ(error, "outputs differ in shape: float32[2x2] and float32[4]");
  runtime::Tensor bad = makeTensor({2}, {NAN, 0});
  EXPECT_FALSE(fidelity.add(bad, makeTensor({2}, {0, 0}), 1, 1, error));
  EXPECT_EQ(error, "an output is not finite");
}
