// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recipes: which layers are compressed, and how, as a YAML file.
//
//   - match:                 # optional; without it every layer
//       layers: "encoder.*"  # glob on the layer's name: * ? [a-z] {a,b}
//       ops: [linear, conv2d]
//       min_elements: 1024   # of the weight
//       smallest_share: 0.2  # only the smallest layers, with at most this share of the elements
//     quantize:              # the weight
//       storage: i4
//       block: 32
//       algorithm: gptq
//     prune: {n: 2, m: 4, method: obs}
//     activations:           # the layer's input
//       storage: ui8
//       calibration: mse
//     max_error: 0.1         # of a weight, by any technique
//
// docs/Recipes.md describes every field. Each rule is some runs of the annotate
// passes, in the order of the file; where several rules match a layer, the last
// one counts. The realize passes follow, in a fixed order, cut into stages
// before which activations have to be measured (again).

#ifndef CONDENSE_RECIPE_RECIPE_H
#define CONDENSE_RECIPE_RECIPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <utility>
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
  std::string codebook; ///< "", nf4 or fp4
  int64_t scaleBlock = 0;
  std::optional<double> damping;
  bool actOrder = false;
  bool residual = false;
};

/// How the inputs of layers are quantized, and how their range is found.
struct Activations {
  std::string storage;
  std::string calibration = "minmax"; ///< "dynamic": at run time
  int64_t block = 0;                  ///< of dynamic: elements of a row that share a scale
};

/// A scheme attribute, `#compress.<kind><field = value, ...>`, with those fields
/// that were given, as MLIR writes them.
struct Scheme {
  std::vector<std::pair<std::string, std::string>> fields;

  /// The value of a field, or "".
  llvm::StringRef get(llvm::StringRef field) const;
  std::string getText(llvm::StringRef kind) const;
};
struct Prune : Scheme {};
struct Cluster : Scheme {};
struct Factorize : Scheme {};
struct EntropyCode : Scheme {};
struct StructuredPrune : Scheme {
  std::optional<double> damping; ///< of the correction
  bool acrossNormalisation = false;
  std::string budget; ///< "" (group), channels, parameters or macs
};
struct Share : Scheme {
  bool constants = false;  ///< store equal constants once
  bool isWhitened = false; ///< a basis for the outputs instead of the weights
};

/// How range moves from activations to weights, or back; options of compress-smooth-activations.
struct Smooth {
  std::string algorithm = "smooth";
  std::optional<double> alpha;
  bool all = false;
  bool insertScale = false;
};

/// Options of compress-equalize.
struct Equalize {
  std::optional<int64_t> iterations;
};

/// Options of compress-record-means, for compress-correct-bias.
struct CorrectBias {
  bool all = false;
};

/// The sparsity of all layers together that are to be pruned.
struct SparsityBudget {
  double sparsity = 0;
};

/// Soft labels of a teacher (Hinton et al., arXiv:1503.02531).
struct Distill {
  double temperature = 4;
  double weight = 0.9;
};

/// How what the techniques before it made is trained. A recipe has at most one.
struct Train {
  int64_t epochs = 10;
  int64_t batch = 32;
  std::string optimizer = "sgd";
  std::optional<double> learningRate; ///< default: 0.01 of sgd, 0.001 of adamw
  std::optional<double> momentum, beta1, beta2, epsilon;
  bool nesterov = false;
  double weightDecay = 0, clipNorm = 0;
  std::string schedule = "constant";
  double warmupEpochs = 0;
  double intervalEpochs = 1;
  std::optional<double> factor; ///< default: 0.1 of step, 0 of cosine and linear
  std::string loss = "automatic";
  double labelWeight = 1, labelSmoothing = 0;
  std::optional<Distill> distill;
  std::vector<std::string> trainable, frozen;
  std::string batchNorm = "train";
  double batchNormMomentum = 0.9;
  /// Whether requests to quantize are trained through, instead of followed after training.
  bool quantizationAware = false;
};

/// What is known of the samples when the passes of a training step are named.
struct TrainingFacts {
  int64_t batch = 0, stepsPerEpoch = 0;
  bool hasLabels = false, hasTeacher = false;
  bool hasClasses = false; ///< labels are integers
};

/// The passes of a training step, in their order, each a pipeline on a module.
struct TrainingPasses {
  std::string network;  ///< fixes the batch, outlines the parameters, applies techniques to the graph
  std::string training; ///< what only training does with it: statistics of the batch
  std::string loss;     ///< makes the loss function
  std::string step;     ///< differentiates it and applies the optimizer
};

struct Rule {
  std::optional<Match> match;
  std::optional<Quantize> quantize;
  std::optional<Activations> activations;
  std::optional<Prune> prune;
  std::optional<StructuredPrune> structuredPrune;
  std::optional<Cluster> cluster;
  std::optional<Factorize> factorize;
  std::optional<Smooth> smooth;
  std::optional<Equalize> equalize;
  std::optional<CorrectBias> correctBias;
  std::optional<Share> share;
  std::optional<EntropyCode> entropyCode;
  std::optional<SparsityBudget> sparsityBudget;
  std::optional<Train> train;
  std::optional<double> maxError;
  std::vector<std::string> remove; ///< kinds of requests that earlier rules made

  bool isEmpty() const;
};

/// Passes that run without a calibration in between.
struct Stage {
  /// What inserts the observers for the calibration before this stage; "" if it needs none.
  std::string observers;
  /// The file with what that calibration finds.
  std::string statistics;
  /// "compress-quantize-weights{...},compress-verify".
  std::string passes;
};

/// Which of the stages: those that make the structure that is trained, or those that finish what was trained.
enum class Phase { All, BeforeTraining, AfterTraining };

struct Recipe {
  std::vector<Rule> rules;

  /// How it trains; null if it does not.
  const Train *getTraining() const;
  /// The passes of the training step; an error says what of the facts the recipe lacks.
  llvm::Expected<TrainingPasses> getTrainingPasses(const TrainingFacts &facts) const;

  /// Whether calibration samples (or their statistics) are needed.
  bool needsCalibration(Phase phase = Phase::All) const;

  /// The annotate passes that the rules stand for, as they appear in the text
  /// of a pipeline: "compress-annotate-weights{storage=i8 ...},...".
  std::string getAnnotatePasses() const;

  /// What is done after the annotate passes. `statistics` names the file of the
  /// first calibration, "s.json"; later ones are then "s.2.json" and so on.
  std::vector<Stage> getStages(llvm::StringRef statistics, Phase phase = Phase::All) const;
};

/// Reads YAML. Errors read `<file>:<line>: <what>`.
llvm::Expected<Recipe> parseRecipe(llvm::StringRef text, llvm::StringRef file);

/// Reads a built-in recipe by its name, or a file. A name of neither is an
/// error that lists the built-in ones. `isMissing`, if given, is set when a
/// file was named that cannot be read.
llvm::Expected<Recipe> loadRecipe(llvm::StringRef nameOrPath, bool *isMissing = nullptr);

/// The YAML of a built-in recipe, or "" if there is none of that name.
llvm::StringRef getBuiltinRecipe(llvm::StringRef name);

/// The names of the built-in recipes.
std::vector<llvm::StringRef> getBuiltinNames();

} // namespace condense::recipe

#endif // CONDENSE_RECIPE_RECIPE_H
