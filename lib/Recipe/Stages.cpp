// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The realize passes that a recipe asks for, in their fixed order, and where
// activations have to be measured in between. A pass that nobody requested is
// left out.

#include "Text.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace condense::recipe;
using namespace llvm;

namespace {
/// What is measured before a pass.
struct Needs {
  /// Of the requests for activations.
  bool ranges = false;
  /// Kinds of requests that say themselves what they need.
  std::vector<std::string> requests = {};
  /// Options of compress-insert-observers for what no request says.
  std::vector<std::string> observers = {};

  bool isEmpty() const { return !ranges && requests.empty() && observers.empty(); }
};

struct Step {
  std::string pass;
  std::string options;
  Needs needs = {};
  /// Whether activations, or what multiplies them, change.
  bool changes = true;
  /// Whether weights get a structure that the passes behind have to keep.
  bool declaresStructure = false;
};

/// Puts passes behind each other, and cuts where what was measured is out of date.
class StageBuilder {
public:
  StageBuilder(StringRef statistics, bool hasStructure) : statistics(statistics), hasStructure(hasStructure) {
    stages.emplace_back();
  }

  void add(const Step &step) {
    if (isUnverified && step.pass != "compress-verify")
      append("compress-verify{requests=false}");
    bool reads = !step.needs.isEmpty();
    if (reads && isOutOfDate)
      startStage();
    std::string options = step.options;
    if (reads) {
      merge(step.needs);
      options += (options.empty() ? "" : " ") + ("statistics=" + quote(stages.back().statistics));
    }
    hasStructure |= step.declaresStructure;
    isUnverified = hasStructure && step.changes;
    append(step.pass + (options.empty() ? "" : "{" + options + "}"));
    isOutOfDate |= step.changes;
  }

  std::vector<Stage> take() {
    finishStage();
    return std::move(stages);
  }

private:
  void append(const std::string &pass) {
    std::string &passes = stages.back().passes;
    passes += (passes.empty() ? "" : ",") + pass;
  }

  void startStage() {
    finishStage();
    if (!stages.back().passes.empty())
      stages.emplace_back();
    ++calibrations;
    stages.back().statistics = calibrations == 1 ? statistics : insertNumber(calibrations);
    isOutOfDate = false;
  }

  std::string insertNumber(int number) const {
    SmallString<128> path(statistics);
    std::string extension = sys::path::extension(statistics).str();
    sys::path::replace_extension(path, Twine(number) + extension);
    return path.str().str();
  }

  void merge(const Needs &more) {
    needs.ranges |= more.ranges;
    for (const std::string &kind : more.requests)
      if (!is_contained(needs.requests, kind))
        needs.requests.push_back(kind);
    for (const std::string &options : more.observers)
      if (!is_contained(needs.observers, options))
        needs.observers.push_back(options);
  }

  void finishStage() {
    std::vector<std::string> passes;
    auto insert = [&](const std::string &options) { passes.push_back("compress-insert-observers{" + options + "}"); };
    if (needs.ranges || !needs.requests.empty())
      insert(std::string("ranges=") + (needs.ranges ? "true" : "false") +
             " requests=" + (needs.requests.empty() ? "none" : join(needs.requests, ",")));
    for (const std::string &options : needs.observers)
      insert("ranges=false requests=none " + options);
    stages.back().observers = join(passes, ",");
    needs = {};
  }

  std::string statistics;
  std::vector<Stage> stages;
  Needs needs;
  int calibrations = 0;
  bool isOutOfDate = true; // nothing is measured yet
  bool hasStructure, isUnverified = false;
};

/// Asks for the passes of the techniques.
class Planner {
public:
  Planner(const Recipe &recipe, StageBuilder &stages) : rules(recipe.rules), stages(stages) {}

  void plan(Phase phase) {
    if (phase != Phase::AfterTraining)
      planStructure(phase);
    if (phase != Phase::BeforeTraining)
      planRest(phase);
    else
      stages.add({"compress-verify", "requests=false", {}, /*changes=*/false});
  }

private:
  /// What training keeps: which elements there are, and what they share.
  void planStructure(Phase phase) {
    share();
    equalize();
    smooth();
    pruneChannels();
    // with training in between, means are those of the trained model
    if (phase == Phase::All)
      recordMeans();
    factorize();
    prune();
    if (phase == Phase::BeforeTraining)
      cluster();
    if (phase == Phase::BeforeTraining && isQuantizationAware())
      fakeQuantize();
  }

  bool isQuantizationAware() const {
    return any_of(rules, [](const Rule &rule) { return rule.train && rule.train->quantizationAware; });
  }

  void applyRanges() {
    if (!needsRanges())
      return;
    Needs needs;
    needs.ranges = true;
    stages.add({"compress-apply-ranges", "", needs, /*changes=*/false});
  }

  void fakeQuantize() {
    applyRanges();
    if (quantizesActivations())
      stages.add({"compress-quantize-activations", ""});
    stages.add({"train-fake-quantize", ""});
  }

  void planRest(Phase phase) {
    bool isTrained = phase == Phase::AfterTraining && isQuantizationAware();
    if (isTrained)
      stages.add({"train-realize-fake-quantize", "", {}, /*changes=*/false});
    if (phase == Phase::AfterTraining)
      recordMeans();
    if (!isTrained)
      quantize();
    if (phase == Phase::All)
      cluster();
    if (any(&Rule::correctBias))
      stages.add({"compress-correct-bias", ""});
    if (quantizesActivations() && !isTrained)
      stages.add({"compress-quantize-activations", ""});
    if (quantizesActivations() && hasCodebooks())
      stages.add({"compress-round-codebooks", ""});
    if (any(&Rule::entropyCode))
      stages.add({"compress-entropy-code", "", {}, /*changes=*/false});
    stages.add({"compress-verify", "", {}, /*changes=*/false});
  }

  template <typename T> bool any(std::optional<T> Rule::*technique) const {
    return any_of(rules, [&](const Rule &rule) { return (rule.*technique).has_value(); });
  }
  /// Whether a rule has the technique with `field = value`.
  template <typename T> bool any(std::optional<T> Rule::*technique, StringRef field, StringRef value) const {
    return any_of(rules, [&](const Rule &rule) { return rule.*technique && (rule.*technique)->get(field) == value; });
  }

  bool quantizesActivations() const {
    return any_of(rules, [](const Rule &rule) { return rule.activations && rule.activations->storage != "none"; });
  }
  bool hasCodebooks() const {
    return any(&Rule::cluster) ||
           any_of(rules, [](const Rule &rule) { return rule.quantize && !rule.quantize->codebook.empty(); });
  }
  bool needsRanges() const {
    return any_of(rules, [](const Rule &rule) {
      return rule.activations && rule.activations->storage != "none" && rule.activations->calibration != "dynamic";
    });
  }

  static std::string getLayers(const Rule &rule) {
    return rule.match && !rule.match->layers.empty() ? "layers=" + quote(rule.match->layers) : "";
  }
  static std::string joinOptions(ArrayRef<std::string> options) {
    std::string text;
    for (const std::string &option : options)
      if (!option.empty())
        text += (text.empty() ? "" : " ") + option;
    return text;
  }

  void share() {
    auto sharesConstants = [](const Rule &rule) { return rule.share && rule.share->constants; };
    if (any_of(rules, sharesConstants))
      stages.add({"compress-share-constants", "", {}, /*changes=*/false});
    auto sharesBasis = [](const Rule &rule) { return rule.share && !rule.share->fields.empty(); };
    if (none_of(rules, sharesBasis))
      return;
    Needs needs;
    for (const Rule &rule : rules)
      if (sharesBasis(rule) && rule.share->isWhitened)
        needs.observers.push_back(joinOptions({"moments=gram", getLayers(rule)}));
    stages.add({"compress-share-basis", "", needs});
    stages.add({"compress-split-products", ""});
  }

  void equalize() {
    for (const Rule &rule : rules)
      if (const auto &equalize = rule.equalize)
        stages.add({"compress-equalize",
                    joinOptions({getLayers(rule),
                                 equalize->iterations ? "iterations=" + std::to_string(*equalize->iterations) : ""})});
  }

  void smooth() {
    for (const Rule &rule : rules) {
      const auto &smooth = rule.smooth;
      if (!smooth)
        continue;
      bool isAWQ = smooth->algorithm == "awq";
      Needs needs;
      needs.observers = {joinOptions({isAWQ ? "moments=gram" : "moments=channels", getLayers(rule)})};
      stages.add({"compress-smooth-activations",
                  joinOptions({"algorithm=" + smooth->algorithm,
                               smooth->alpha ? "alpha=" + formatNumber(*smooth->alpha) : "", getLayers(rule),
                               smooth->all ? "all=true" : "", smooth->insertScale ? "insert-scale=true" : ""}),
                  needs});
    }
  }

  void pruneChannels() {
    if (!any(&Rule::structuredPrune))
      return;
    Needs needs;
    // The readers of what is pruned are measured: any layer may be one.
    if (any(&Rule::structuredPrune, "importance", "wanda") || any(&Rule::structuredPrune, "importance", "obs") ||
        any(&Rule::structuredPrune, "correct", "true"))
      needs.observers = {"moments=gram"};
    std::optional<double> damping;
    bool across = false;
    std::string budget;
    for (const Rule &rule : rules)
      if (rule.structuredPrune) {
        budget = rule.structuredPrune->budget.empty() ? budget : rule.structuredPrune->budget;
        damping = rule.structuredPrune->damping ? rule.structuredPrune->damping : damping;
        across |= rule.structuredPrune->acrossNormalisation;
      }
    stages.add({"compress-prune-channels",
                joinOptions({damping ? "damping=" + formatNumber(*damping) : "",
                             budget.empty() ? "" : "budget=" + budget, across ? "across-normalisation=true" : ""}),
                needs});
  }

  /// Before the first technique that changes a weight in place.
  void recordMeans() {
    for (const Rule &rule : rules) {
      if (!rule.correctBias)
        continue;
      Needs needs;
      needs.observers = {joinOptions({"moments=channels", getLayers(rule)})};
      stages.add({"compress-record-means", joinOptions({getLayers(rule), rule.correctBias->all ? "all=true" : ""}),
                  needs, /*changes=*/false});
    }
  }

  bool keepsResidual() const {
    return any_of(rules, [](const Rule &rule) { return rule.quantize && rule.quantize->residual; });
  }
  Needs getFactorizeNeeds() const {
    Needs needs;
    if (any(&Rule::factorize, "algorithm", "whitened"))
      needs.requests = {"factorize"};
    return needs;
  }

  void factorize() {
    // With a residual the request waits until the weight is quantized.
    bool isBefore =
        any_of(rules, [&](const Rule &rule) { return rule.factorize && !(rule.quantize && rule.quantize->residual); });
    if (!isBefore)
      return;
    stages.add({"compress-factorize-weights", "", getFactorizeNeeds()});
    stages.add({"compress-split-products", ""});
  }

  void prune() {
    if (!any(&Rule::prune))
      return;
    Needs needs;
    if (any(&Rule::prune, "method", "wanda") || any(&Rule::prune, "method", "obs"))
      needs.requests = {"prune"};
    for (const Rule &rule : rules)
      if (rule.sparsityBudget)
        stages.add({"compress-distribute-sparsity",
                    joinOptions({getLayers(rule), "budget=" + formatNumber(rule.sparsityBudget->sparsity)}), needs,
                    /*changes=*/false});
    stages.add({"compress-prune-weights", "", needs, /*changes=*/true, /*declaresStructure=*/true});
  }

  void quantize() {
    applyRanges();
    if (any(&Rule::quantize)) {
      Needs needs;
      if (any_of(rules, [](const Rule &rule) { return rule.quantize && rule.quantize->algorithm == "gptq"; }))
        needs.requests = {"quantize"};
      // What is read afterwards holds for the same inputs.
      if (keepsResidual())
        append_range(needs.requests, getFactorizeNeeds().requests);
      stages.add({"compress-quantize-weights", "", needs, /*changes=*/!keepsResidual()});
    }
    if (keepsResidual() && any(&Rule::factorize)) {
      stages.add({"compress-factorize-weights", "", getFactorizeNeeds()});
      stages.add({"compress-split-products", ""});
    }
  }

  void cluster() {
    if (!any(&Rule::cluster))
      return;
    Needs needs;
    if (any(&Rule::cluster, "weighted", "true"))
      needs.requests = {"cluster"};
    stages.add({"compress-cluster-weights", "", needs, /*changes=*/true, /*declaresStructure=*/true});
  }

  const std::vector<Rule> &rules;
  StageBuilder &stages;
};
} // namespace

std::vector<Stage> Recipe::getStages(StringRef statistics, Phase phase) const {
  bool isPruned = any_of(rules, [](const Rule &rule) { return rule.prune || rule.cluster; });
  StageBuilder stages(statistics, /*hasStructure=*/phase == Phase::AfterTraining && isPruned);
  Planner(*this, stages).plan(phase);
  return stages.take();
}

bool Recipe::needsCalibration(Phase phase) const {
  return any_of(getStages("statistics.json", phase), [](const Stage &stage) { return !stage.observers.empty(); });
}
