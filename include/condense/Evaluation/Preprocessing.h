// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From raw samples (pixels, token ids) to the inputs of a model.

#ifndef CONDENSE_EVALUATION_PREPROCESSING_H
#define CONDENSE_EVALUATION_PREPROCESSING_H

#include "condense/IO/Npy.h"
#include "condense/Runtime/Loader.h"

#include <string>
#include <vector>

namespace condense::evaluation {

/// input = (float(x) / scale - mean) / std, with mean and std per index of the
/// last dimension of a sample, or one for all; then, for `nchw`, samples
/// [height, width, channels] become [channels, height, width].
struct Preprocessing {
  double scale = 1;
  std::vector<double> mean;
  std::vector<double> deviation;
  bool nchw = false;

  bool isIdentity() const { return scale == 1 && mean.empty() && deviation.empty() && !nchw; }
};

/// What one input of a model takes, -1 for dynamic dimensions.
struct InputType {
  std::string name;
  int32_t dtype = CONDENSE_F32;
  std::vector<int64_t> shape;
};

/// Cuts an array [samples, ...] into batches for one input of a model.
///
/// A sample fits if it has as many elements as the input without its first
/// dimension (the batch), or as the whole input (which then takes one sample at
/// a time), or if the dimensions of the input other than the batch equal its
/// own or are dynamic. A static batch larger than the rest of the samples is
/// filled up with zeros.
class Batcher {
public:
  /// `batchSize` is used where the batch is dynamic. Returns false and sets
  /// `error` (without a file's name) if the array does not fit.
  bool init(const npy::Array &samples, const InputType &input, const Preprocessing &preprocessing, int64_t batchSize,
            std::string &error);

  int64_t getNumSamples() const { return samples.shape[0]; }
  /// Samples per run of the model.
  int64_t getBatchSize() const { return batch; }
  /// Samples in the tensor of a run that has `count` of them: a static batch
  /// is always whole.
  int64_t getBatchSize(int64_t count) const { return isBatchDynamic ? count : batch; }
  int64_t getSampleElements() const { return sampleElements; }

  /// Fills `tensor` with the samples from `first` on and sets `count` to their
  /// number. Returns false and sets `error` if a value is NaN or infinite, or
  /// does not fit into an integer input.
  bool fill(int64_t first, runtime::Tensor &tensor, int64_t &count, std::string &error) const;

private:
  bool matchShape(int64_t batchSize, std::string &error);
  bool checkPreprocessing(std::string &error) const;
  bool writeElement(double value, std::byte *target) const;

  npy::Array samples;
  InputType input;
  Preprocessing preprocessing;
  std::vector<int64_t> sampleShape;
  std::vector<int64_t> tensorShape; ///< with the batch in dimension 0 if any
  int64_t sampleElements = 1;
  int64_t batch = 1;
  bool isBatchDynamic = false;
};

/// The elements of a tensor as numbers; false for types other than those of
/// npy::DType and BF16.
bool readElement(const runtime::Tensor &tensor, int64_t index, double &value);

/// The npy type of a runtime type; false for BF16, which NumPy lacks.
bool toNpyType(int32_t dtype, npy::DType &type);

} // namespace condense::evaluation

#endif // CONDENSE_EVALUATION_PREPROCESSING_H
