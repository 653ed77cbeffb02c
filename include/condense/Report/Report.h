// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a run of compression did: the contents of the report, as JSON and as one
// self-contained HTML page. Every run is one point of size and quality; a page can show
// several of them side by side.

#ifndef CONDENSE_REPORT_REPORT_H
#define CONDENSE_REPORT_REPORT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>
#include <vector>

namespace condense::report {

/// The values of a weight.
struct Weight {
  std::vector<int64_t> shape;
  std::string scheme;   ///< how it is stored: "f32", "i4 per channel, scale f16"
  int64_t bytes = 0;    ///< as stored
  int64_t elements = 0; ///< of the dense tensor
  int64_t zeros = 0;
  int64_t distinct = 0; ///< different values; 0: more than 4096
  double low = 0, high = 0, deviation = 0;
  /// Counts of values in equal bins over the layer's `histogramLow` to `histogramHigh`.
  std::vector<int64_t> histogram;
};

/// What a technique did to a layer, or why it did nothing.
struct Decision {
  std::string text;
  bool isMissed = false;
};

struct Layer {
  std::string name;
  std::string op; ///< "nn.conv2d"
  double histogramLow = 0, histogramHigh = 0;
  std::optional<Weight> before, after; ///< absent: the layer was made, or removed
  std::optional<double> relativeError; ///< ||before - after|| / ||before||
  std::vector<Decision> decisions;
};

/// Accuracy (0 to 1, more is better) or perplexity (less is better), on the same samples.
struct Quality {
  std::string metric; ///< "accuracy" or "perplexity"
  std::string samples;
  int64_t count = 0;
  double before = 0, after = 0;
};

/// A number at the end of each epoch.
struct Curve {
  std::string name; ///< "loss", "validation.accuracy"
  std::vector<double> values;
};

struct Training {
  int64_t samples = 0, validationSamples = 0;
  int64_t bestEpoch = 0; ///< from 1; 0: the last one
  std::vector<Curve> curves;
};

struct Run {
  std::string model, recipe, output;
  int64_t bytesBefore = 0, bytesAfter = 0; ///< of all weights, and of other constants
  int64_t fileBytes = 0;                   ///< of the written model
  std::optional<Quality> quality;
  std::vector<Layer> layers;
  std::optional<Training> training = {};
};

/// Summarises `values`, with a histogram of `bins` bins over [low, high].
Weight summarize(llvm::ArrayRef<float> values, double low, double high, int bins = 64);

llvm::json::Value toJSON(const Run &run);
/// The inverse. The error names what is missing or of another type.
llvm::Expected<Run> fromJSON(const llvm::json::Value &value);

/// A page that shows the runs, without any reference to another file.
std::string toHTML(llvm::ArrayRef<Run> runs);

} // namespace condense::report

#endif // CONDENSE_REPORT_REPORT_H
