// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compares two versions of a model layer by layer, on samples.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_COMPARISON_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_COMPARISON_H

#include "Grading.h"
#include <optional>

namespace condense::tool {

/// Sums over each channel of a layer's output, to compare versions whose channels are
/// scaled (equalized, smoothed): then other layers undo the scale.
struct ChannelSums {
  int64_t dim = -1; ///< of the channels; -1: not known
  std::vector<double> dot, norm, referenceNorm;

  void add(const runtime::Tensor &output, const runtime::Tensor &reference, int64_t batch, int64_t count);
  /// The relative error that is left when each channel is multiplied by the number that
  /// makes it least.
  double getError() const;
};

/// The output of one layer, or of the model, in both versions.
struct ComparedOutput {
  std::string name;
  std::string op;     ///< of a layer: "nn.linear"
  std::string scheme; ///< of a layer's weight, in the second version
  evaluation::Fidelity fidelity;
  ChannelSums channels;
  bool hasOtherShape = false; ///< then there is no fidelity

  /// The relative error up to a scale per channel where channels are known.
  double getScaledError() const { return channels.dim < 0 ? fidelity.getRelativeError() : channels.getError(); }
};

/// Where the error, up to scales, is several times what it was in all layers before.
struct ErrorGrowth {
  size_t layer; ///< index into the layers
  double before, after;
};

struct Comparison {
  std::vector<ComparedOutput> layers; ///< that both have, in the first's order
  std::vector<std::string> onlyFirst, onlySecond;
  std::vector<ComparedOutput> outputs;
  /// With labels: of both, and how often both have the same largest output.
  std::optional<evaluation::Accuracy> accuracies[2];
  evaluation::Accuracy agreement;

  std::optional<ErrorGrowth> findGrowth() const;
};

/// Runs the models in two files over `samples` with the output of each layer that both
/// have as an additional result. `classes` may be null.
llvm::Expected<Comparison> compareModels(llvm::StringRef first, llvm::StringRef second, const GradedSamples &samples,
                                         const npy::Array *classes, int threads);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_COMPARISON_H
