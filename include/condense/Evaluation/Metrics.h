// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How good a model's outputs are.

#ifndef CONDENSE_EVALUATION_METRICS_H
#define CONDENSE_EVALUATION_METRICS_H

#include "condense/Runtime/Loader.h"

#include <string>

namespace condense::evaluation {

/// Top-1 accuracy: the share of samples whose largest output is at the label.
/// Of equal outputs the first counts.
struct Accuracy {
  int64_t correct = 0;
  int64_t total = 0;

  double get() const { return total ? double(correct) / double(total) : 0; }

  /// Adds sample `index` of `batch` samples in `scores` [batch, classes].
  /// Returns false and sets `error` if the shape does not fit or the label is
  /// no class.
  bool add(const runtime::Tensor &scores, int64_t batch, int64_t index, double label, std::string &error);
};

/// Perplexity: e to the mean of -log(probability of the token that follows).
struct Perplexity {
  double sum = 0;
  int64_t tokens = 0;

  double get() const;

  /// Adds the logits [batch, length, vocabulary] of position `position` of
  /// sample `index` for the token that follows it.
  bool add(const runtime::Tensor &logits, int64_t batch, int64_t index, int64_t length, int64_t position, double token,
           std::string &error);
};

/// How close an output is to a reference.
struct Fidelity {
  double dot = 0;
  double norm = 0;
  double referenceNorm = 0;
  double differenceNorm = 0; ///< squared, as the other norms
  double maxError = 0;
  int64_t elements = 0;

  /// 1 if both are zero.
  double getCosine() const;
  double getMaxError() const { return maxError; }
  /// ||output - reference|| / ||reference||; infinite when only the reference is 0.
  double getRelativeError() const;
  /// Signal-to-noise ratio in dB; infinite when nothing differs.
  double getSQNR() const;

  /// Adds `count` of `batch` samples. Returns false and sets `error` if the
  /// shapes differ or a value is not finite.
  bool add(const runtime::Tensor &output, const runtime::Tensor &reference, int64_t batch, int64_t count,
           std::string &error);
};

} // namespace condense::evaluation

#endif // CONDENSE_EVALUATION_METRICS_H
