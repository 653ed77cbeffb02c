// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Batches and their preprocessing. One sample is converted at a time, so that
// memory is bounded by a batch however many samples there are.

#include "condense/Evaluation/Preprocessing.h"

#include "Elements.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace condense;
using namespace condense::evaluation;

static int64_t product(const std::vector<int64_t> &shape, size_t begin) {
  int64_t result = 1;
  for (size_t i = begin; i < shape.size(); ++i)
    result *= shape[i];
  return result;
}

static bool hasDynamic(const std::vector<int64_t> &shape, size_t begin) {
  return std::any_of(shape.begin() + std::min(begin, shape.size()), shape.end(), [](int64_t dim) { return dim < 0; });
}

bool Batcher::init(const npy::Array &array, const InputType &inputType, const Preprocessing &steps, int64_t batchSize,
                   std::string &error) {
  samples = array;
  input = inputType;
  preprocessing = steps;
  if (samples.shape.empty() || samples.shape[0] == 0) {
    error = "the set is empty: expected samples along the first dimension, "
            "found shape " +
            npy::toString(samples.shape);
    return false;
  }
  sampleShape.assign(samples.shape.begin() + 1, samples.shape.end());
  if (!checkPreprocessing(error))
    return false;
  if (preprocessing.nchw)
    sampleShape = {sampleShape[2], sampleShape[0], sampleShape[1]};
  sampleElements = product(sampleShape, 0);
  return matchShape(batchSize, error);
}

bool Batcher::checkPreprocessing(std::string &error) const {
  if (!(preprocessing.scale != 0) || !std::isfinite(preprocessing.scale)) {
    error = "--scale must be a number other than 0";
    return false;
  }
  if (preprocessing.nchw && sampleShape.size() != 3) {
    error = "--layout nchw needs samples [height, width, channels], found " + npy::toString(sampleShape);
    return false;
  }
  size_t channels = sampleShape.empty() ? 1 : sampleShape.back();
  for (auto [name, values] : {std::pair("--mean", &preprocessing.mean), std::pair("--std", &preprocessing.deviation)}) {
    if (values->size() > 1 && values->size() != channels) {
      error = std::string(name) + " has " + std::to_string(values->size()) +
              " values: expected 1, or one for each of the " + std::to_string(channels) +
              " channels (the last dimension of a " + "sample)";
      return false;
    }
    for (double value : *values)
      if (!std::isfinite(value) || (values == &preprocessing.deviation && value == 0)) {
        error = std::string(name) + " must be finite, and --std not 0";
        return false;
      }
  }
  if (isInteger(input.dtype) && !preprocessing.isIdentity()) {
    error = "input '" + input.name +
            "' takes integers: --scale, --mean, --std "
            "and --layout do not apply to it";
    return false;
  }
  return true;
}

bool Batcher::matchShape(int64_t batchSize, std::string &error) {
  const std::vector<int64_t> &shape = input.shape;
  tensorShape = shape;
  if (!shape.empty() && !hasDynamic(shape, 1) && product(shape, 1) == sampleElements) {
    isBatchDynamic = shape[0] < 0;
    batch = isBatchDynamic ? batchSize : shape[0];
    if (batch > 0)
      return true;
  }
  if (!hasDynamic(shape, 0) && product(shape, 0) == sampleElements) {
    batch = 1;
    return true;
  }
  bool matches = shape.size() == sampleShape.size() + 1;
  for (size_t i = 0; matches && i != sampleShape.size(); ++i)
    matches = shape[i + 1] < 0 || shape[i + 1] == sampleShape[i];
  if (matches && shape[0] != 0) {
    std::copy(sampleShape.begin(), sampleShape.end(), tensorShape.begin() + 1);
    isBatchDynamic = shape[0] < 0;
    batch = isBatchDynamic ? batchSize : shape[0];
    return true;
  }
  error = "samples " + npy::toString(sampleShape) + " do not fit input '" + input.name + "': expected " +
          runtime::describeType(input.dtype, shape.data(), shape.size());
  return false;
}

bool Batcher::writeElement(double value, std::byte *target) const { return storeElement(input.dtype, value, target); }

bool Batcher::fill(int64_t first, runtime::Tensor &tensor, int64_t &count, std::string &error) const {
  count = std::min(batch, getNumSamples() - first);
  int64_t held = isBatchDynamic ? count : batch;
  tensor.dtype = static_cast<condense_dtype>(input.dtype);
  tensor.shape = tensorShape;
  if (isBatchDynamic)
    tensor.shape[0] = count;
  size_t width = runtime::elementBytes(input.dtype);
  tensor.data.assign(held * sampleElements * width, std::byte(0));

  const auto &[scale, mean, deviation, nchw] = preprocessing;
  int64_t channels = samples.shape.size() > 1 ? samples.shape.back() : 1;
  int64_t positions = nchw ? sampleElements / std::max<int64_t>(channels, 1) : 0;
  for (int64_t i = 0; i != count * sampleElements; ++i) {
    int64_t source = first * sampleElements + i;
    int64_t inSample = i % sampleElements;
    int64_t channel = inSample % channels;
    double x = samples.at(source);
    if (!isInteger(input.dtype)) {
      x = x / scale;
      if (!mean.empty())
        x -= mean.size() == 1 ? mean[0] : mean[channel];
      if (!deviation.empty())
        x /= deviation.size() == 1 ? deviation[0] : deviation[channel];
    }
    int64_t target = i;
    if (nchw)
      target = i - inSample + channel * positions + inSample / channels;
    if (!std::isfinite(x) || !writeElement(x, &tensor.data[target * width])) {
      error = "sample " + std::to_string(first + i / sampleElements) + ", element " + std::to_string(inSample) +
              ": value " + std::to_string(samples.at(source)) +
              (std::isfinite(x) ? " does not fit the input's type " : " is not finite; expected ") +
              runtime::dtypeName(input.dtype);
      return false;
    }
  }
  return true;
}
