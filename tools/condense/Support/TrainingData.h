// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Samples and labels for training: checked and converted once, then gathered in any order.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGDATA_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGDATA_H

#include "Samples.h"
#include "condense/Target/ModelInterface.h"

namespace condense::tool {

class TrainingData {
public:
  /// Reads the arrays: one file for each input, and the labels unless their path is "".
  static llvm::Expected<TrainingData> read(llvm::ArrayRef<std::string> samples, llvm::StringRef labels,
                                           const evaluation::Preprocessing &preprocessing);

  int64_t getNumSamples() const { return numSamples; }
  bool hasLabels() const { return !labelPath.empty(); }
  /// Whether labels are integers.
  bool hasClasses() const;
  llvm::StringRef getPath() const { return files.front().path; }

  /// Converts the samples to the inputs of a network, and the labels to `label` (of a batch of any size; null: they are
  /// not used). Integer labels must be below `classes`. What is wrong names the file and the sample.
  llvm::Error bind(llvm::ArrayRef<target::ModelIO> inputs, const target::ModelIO *label, int64_t classes,
                   llvm::StringRef modelPath);

  /// Copies samples into batches, `inputs` one behind the other for each input.
  void gather(llvm::ArrayRef<int64_t> indices, std::vector<std::vector<std::byte>> &inputs,
              std::vector<std::byte> &labels) const;

  /// Bytes that the converted samples take.
  size_t getBytes() const;
  /// Changes with every bit of what was bound.
  uint64_t getDigest() const;

private:
  struct Column {
    size_t sampleBytes = 0;
    std::vector<std::byte> data;
  };
  llvm::Error bindInput(const SampleFile &file, target::ModelIO io, Column &column) const;
  llvm::Error bindLabels(const target::ModelIO &io, int64_t classes);

  std::vector<SampleFile> files;
  std::string labelPath;
  npy::Array labels;
  evaluation::Preprocessing preprocessing;
  int64_t numSamples = 0;
  std::vector<Column> inputColumns;
  Column labelColumn;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_TRAININGDATA_H
