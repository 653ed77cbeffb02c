// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Samples for the inputs of a model, from one .npy file for each.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_SAMPLES_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_SAMPLES_H

#include "condense/Evaluation/Preprocessing.h"
#include "condense/Runtime/Loader.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace condense::tool {

/// An array and the input that it is for.
struct SampleFile {
  std::string path;
  std::string input; ///< name; "" for the next input that is not named
  npy::Array array;
};

/// Reads files that were given as `x.npy` or `name=x.npy`.
llvm::Expected<std::vector<SampleFile>> readSamples(llvm::ArrayRef<std::string> arguments);

/// Cuts the samples of all inputs of a model into batches.
class Samples {
public:
  /// `option` ("--inputs") and `modelPath` are for messages. Where there are
  /// several inputs, `preprocessing` is for those that take floats.
  static llvm::Expected<Samples> create(llvm::ArrayRef<SampleFile> files, const condense_model_info &info,
                                        llvm::StringRef option, llvm::StringRef modelPath,
                                        const evaluation::Preprocessing &preprocessing, int64_t batchSize);

  int64_t getNumSamples() const { return batchers.front().getNumSamples(); }
  /// Samples in the tensors of a run that has `count` of them.
  int64_t getBatchSize(int64_t count) const { return batchers.front().getBatchSize(count); }
  /// The file of the first input.
  llvm::StringRef getPath() const { return paths.front(); }

  /// Fills `inputs` with the samples from `first` on, `count` of them.
  llvm::Error fill(int64_t first, std::vector<runtime::Tensor> &inputs, int64_t &count) const;

private:
  std::vector<evaluation::Batcher> batchers; ///< for each input
  std::vector<std::string> paths;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_SAMPLES_H
