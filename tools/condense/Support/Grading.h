// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Measures how good a model is on samples.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_GRADING_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_GRADING_H

#include "Samples.h"
#include "condense/Evaluation/Metrics.h"
#include "condense/Evaluation/Preprocessing.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace condense::tool {

/// Samples along the first dimension, and how a model is fed with them.
struct GradedSamples {
  std::string path; ///< the .npy file, for messages
  npy::Array array;
  evaluation::Preprocessing preprocessing;
  int64_t batchSize = 32;              ///< where the model's batch is dynamic
  int64_t output = 0;                  ///< the output that is graded
  std::string input = "";              ///< name of the input of `array`; "" for the first
  std::vector<SampleFile> others = {}; ///< for further inputs
};

/// Reads samples that were given as `x.npy` or `name=x.npy`.
llvm::Expected<GradedSamples> readGradedSamples(llvm::ArrayRef<std::string> arguments);

/// Reads the classes of `samples`: one for each.
llvm::Expected<npy::Array> readLabels(llvm::StringRef path, const GradedSamples &samples);

/// What happens with the outputs of a batch: samples [first, first + count).
using BatchFunction =
    llvm::function_ref<llvm::Error(const std::vector<runtime::Tensor> &inputs,
                                   const std::vector<runtime::Tensor> &outputs, int64_t first, int64_t count)>;

/// Cuts the samples into batches for a model, which `path` names in messages.
llvm::Expected<Samples> bindSamples(const runtime::Model &model, llvm::StringRef path, const GradedSamples &samples);

/// Runs the model over all samples.
llvm::Error forEachBatch(const runtime::Model &model, llvm::StringRef path, const Samples &samples, BatchFunction use);

llvm::Expected<evaluation::Accuracy> gradeAccuracy(const runtime::Model &model, llvm::StringRef path,
                                                   const GradedSamples &samples, const npy::Array &classes);

/// `array` are token ids, each sample one token longer than the model's input.
llvm::Expected<evaluation::Perplexity> gradePerplexity(const runtime::Model &model, llvm::StringRef path,
                                                       const GradedSamples &samples);

/// An error about one sample.
llvm::Error sampleError(const GradedSamples &samples, int64_t sample, const llvm::Twine &what);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_GRADING_H
