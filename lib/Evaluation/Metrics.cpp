// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Accuracy, perplexity and fidelity, summed over batches.

#include "condense/Evaluation/Metrics.h"

#include "condense/Evaluation/Preprocessing.h"

#include <algorithm>
#include <cmath>

using namespace condense;
using namespace condense::evaluation;

namespace {
int64_t countElements(const runtime::Tensor &tensor) {
  int64_t elements = 1;
  for (int64_t dim : tensor.shape)
    elements *= dim;
  return elements;
}

std::string describe(const runtime::Tensor &tensor) {
  return runtime::describeType(tensor.dtype, tensor.shape.data(), tensor.shape.size());
}

double read(const runtime::Tensor &tensor, int64_t index) {
  double value = 0;
  return readElement(tensor, index, value) ? value : std::nan("");
}

/// Splits `tensor` into `rows` equal rows of at least two elements.
bool getRowSize(const runtime::Tensor &tensor, int64_t rows, const char *what, int64_t &size, std::string &error) {
  int64_t elements = countElements(tensor);
  size = elements / rows;
  if (elements % rows == 0 && size >= 2)
    return true;
  error = "the output " + describe(tensor) + " is not " + std::to_string(rows) + " rows of at least 2 " + what;
  return false;
}

bool checkIndex(double index, int64_t size, const char *what, std::string &error) {
  if (index >= 0 && index < static_cast<double>(size) && index == std::trunc(index))
    return true;
  error = std::string(what) + " " + std::to_string(int64_t(index)) + " is out of range: the model knows 0 to " +
          std::to_string(size - 1);
  return false;
}
} // namespace

bool Accuracy::add(const runtime::Tensor &scores, int64_t batch, int64_t index, double label, std::string &error) {
  int64_t classes = 0;
  if (!getRowSize(scores, batch, "scores", classes, error) || !checkIndex(label, classes, "label", error))
    return false;
  int64_t best = 0;
  double bestScore = read(scores, index * classes);
  for (int64_t i = 1; i != classes; ++i) {
    double score = read(scores, index * classes + i);
    if (score > bestScore) {
      best = i;
      bestScore = score;
    }
  }
  if (std::isnan(bestScore)) {
    error = "the output is not a number (NaN)";
    return false;
  }
  correct += best == static_cast<int64_t>(label);
  ++total;
  return true;
}

double Perplexity::get() const { return tokens ? std::exp(sum / static_cast<double>(tokens)) : 0; }

bool Perplexity::add(const runtime::Tensor &logits, int64_t batch, int64_t index, int64_t length, int64_t position,
                     double token, std::string &error) {
  int64_t vocabulary = 0;
  if (!getRowSize(logits, batch * length, "logits", vocabulary, error) ||
      !checkIndex(token, vocabulary, "token", error))
    return false;
  int64_t row = (index * length + position) * vocabulary;
  double largest = -INFINITY;
  for (int64_t i = 0; i != vocabulary; ++i)
    largest = std::max(largest, read(logits, row + i));
  double total = 0;
  for (int64_t i = 0; i != vocabulary; ++i)
    total += std::exp(read(logits, row + i) - largest);
  double loss = largest + std::log(total) - read(logits, row + static_cast<int64_t>(token));
  if (!std::isfinite(loss)) {
    error = "the loss is not finite: the logits hold NaN or infinity";
    return false;
  }
  sum += loss;
  ++tokens;
  return true;
}

double Fidelity::getCosine() const {
  if (norm == 0 || referenceNorm == 0)
    return norm == referenceNorm ? 1 : 0;
  return dot / std::sqrt(norm) / std::sqrt(referenceNorm);
}

double Fidelity::getRelativeError() const {
  return differenceNorm == 0 ? 0 : std::sqrt(differenceNorm / referenceNorm);
}

double Fidelity::getSQNR() const {
  return differenceNorm == 0 ? INFINITY : 10 * std::log10(referenceNorm / differenceNorm);
}

bool Fidelity::add(const runtime::Tensor &output, const runtime::Tensor &reference, int64_t batch, int64_t count,
                   std::string &error) {
  int64_t total = countElements(output);
  if (output.shape != reference.shape) {
    error = "outputs differ in shape: " + describe(output) + " and " + describe(reference);
    return false;
  }
  int64_t used = total % batch == 0 ? total / batch * count : total;
  for (int64_t i = 0; i != used; ++i) {
    double x = read(output, i), y = read(reference, i);
    if (!std::isfinite(x) || !std::isfinite(y)) {
      error = "an output is not finite";
      return false;
    }
    dot += x * y;
    norm += x * x;
    referenceNorm += y * y;
    differenceNorm += (x - y) * (x - y);
    maxError = std::max(maxError, std::fabs(x - y));
  }
  elements += used;
  return true;
}
