// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recipes: which layers are compressed, and how, as a YAML file.
//
//   - match:                 # optional; without it every layer
//       layers: "encoder.*"  # glob on the layer's name: * ? [a-z] {a,b}
//       ops: [linear, conv2d]
//       min_elements: 1024   # of the weight
//       smallest_share: 0.2  # only the smallest layers, with at most this share of the elements
//     quantize:              # the weight
//       storage: i4          # none, i2 i3 i4 i8, ui2 ui3 ui4 ui8 (asymmetric),
//       f8E4M3FN f8E5M2 block: 32            # channels that share a scale; 0:
//       one scale per
//                            # output channel (default); -1: one per tensor
//       scale: f16           # f16 (default) or f32
//       algorithm: minmax    # minmax (default) or mse
//       ragged: error        # error (default) or shrink, where block does not
//       divide
//     activations:           # the layer's input
//       storage: ui8         # none, ui8 (asymmetric) or i8 (symmetric)
//       calibration: minmax  # minmax (default), percentile, moving_average,
//       mse
//
// Each rule is one run of the annotate passes, in the order of the file; where
// several rules match a layer, the last one counts.

#ifndef CONDENSE_RECIPE_RECIPE_H
#define CONDENSE_RECIPE_RECIPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <vector>

namespace condense::recipe {

/// Which layers a rule is about; empty fields match everything.
struct Match {
  std::string layers;
  std::vector<std::string> ops;
  int64_t minElements = 0;
  /// Only the smallest layers that hold at most this share of the elements; for weights.
  double smallestShare = 1;
};

/// How weights are quantized; the fields of #compress.quantize.
struct Quantize {
  std::string storage;
  int64_t block = 0;
  std::string scale = "f16";
  std::string algorithm = "minmax";
  std::string ragged = "error";
};

/// How the inputs of layers are quantized, and how their range is found.
struct Activations {
  std::string storage;
  std::string calibration = "minmax";
};

struct Rule {
  std::optional<Match> match;
  std::optional<Quantize> quantize;
  std::optional<Activations> activations;
};

struct Recipe {
  std::vector<Rule> rules;

  /// Whether calibration samples (or their statistics) are needed.
  bool needsCalibration() const;

  /// The annotate passes that the rules stand for, as they appear in the text
  /// of a pipeline: "compress-annotate-weights{storage=i8 ...},...".
  std::string getAnnotatePasses() const;
};

/// Reads YAML. Errors read `<file>:<line>: <what>`.
llvm::Expected<Recipe> parseRecipe(llvm::StringRef text, llvm::StringRef file);

/// Reads a built-in recipe by its name, or a file. A name of neither is an
/// error that lists the built-in ones. `isMissing`, if given, is set when a
/// file was named that cannot be read.
llvm::Expected<Recipe> loadRecipe(llvm::StringRef nameOrPath,
                                  bool *isMissing = nullptr);

/// The YAML of a built-in recipe, or "" if there is none of that name.
llvm::StringRef getBuiltinRecipe(llvm::StringRef name);

/// The names of the built-in recipes.
std::vector<llvm::StringRef> getBuiltinNames();

} // namespace condense::recipe

#endif // CONDENSE_RECIPE_RECIPE_H
