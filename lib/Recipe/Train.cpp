// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes that a recipe's `train` stands for.

#include "Text.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace condense::recipe;
using namespace llvm;

const Train *Recipe::getTraining() const {
  for (const Rule &rule : rules)
    if (rule.train)
      return &*rule.train;
  return nullptr;
}

namespace {
/// The text of a pass with its options.
class PassText {
public:
  explicit PassText(StringRef name) : name(name) {}
  PassText &add(StringRef option, const std::string &value) {
    if (!value.empty())
      options += (options.empty() ? "" : " ") + (option + "=").str() + value;
    return *this;
  }
  PassText &add(StringRef option, double value) { return add(option, formatNumber(value)); }
  PassText &add(StringRef option, const std::optional<double> &value) { return value ? add(option, *value) : *this; }
  PassText &add(StringRef option, int64_t value) { return add(option, std::to_string(value)); }
  PassText &add(StringRef option, ArrayRef<std::string> globs) {
    return add(option, join(map_range(globs, [](const std::string &glob) { return quote(glob); }), ","));
  }
  std::string str() const { return options.empty() ? name : name + "{" + options + "}"; }

private:
  std::string name, options;
};
} // namespace

static int64_t toSteps(double epochs, const TrainingFacts &facts) { return std::llround(epochs * facts.stepsPerEpoch); }

static std::string getOptimizer(const Train &train, const TrainingFacts &facts) {
  bool isSGD = train.optimizer == "sgd", isStep = train.schedule == "step";
  PassText pass("train-apply-optimizer");
  pass.add("kind", train.optimizer).add("learning-rate", train.learningRate.value_or(isSGD ? 0.01 : 0.001));
  pass.add("momentum", train.momentum).add("nesterov", std::string(train.nesterov ? "true" : ""));
  pass.add("beta1", train.beta1).add("beta2", train.beta2).add("epsilon", train.epsilon);
  pass.add("weight-decay", train.weightDecay).add("clip-norm", train.clipNorm);
  pass.add("schedule", train.schedule).add("warmup-steps", toSteps(train.warmupEpochs, facts));
  if (isStep)
    pass.add("interval", std::max<int64_t>(1, toSteps(train.intervalEpochs, facts)));
  else
    pass.add("total-steps", train.epochs * facts.stepsPerEpoch);
  return pass.add("factor", train.factor.value_or(isStep ? 0.1 : 0)).str();
}

/// The terms of the loss, or what is missing for them.
static Expected<std::string> getLoss(const Train &train, const TrainingFacts &facts) {
  auto fail = [](const Twine &message) { return createStringError(inconvertibleErrorCode(), message); };
  bool usesLabels = facts.hasLabels && train.loss != "none" && train.labelWeight > 0;
  if (!facts.hasLabels && (train.loss == "cross_entropy" || train.loss == "mse"))
    return fail("loss '" + train.loss + "' needs labels");
  if (train.distill && !facts.hasTeacher)
    return fail("'distill' needs a teacher");
  bool isClasses = train.loss == "automatic" ? facts.hasClasses : train.loss == "cross_entropy";
  if (usesLabels && isClasses != facts.hasClasses)
    return fail(isClasses ? "loss 'cross_entropy' needs integer labels" : "loss 'mse' needs labels that are floats");
  std::vector<std::string> passes;
  if (usesLabels)
    passes.push_back(PassText("train-attach-loss")
                         .add("kind", isClasses ? "cross-entropy" : "mse")
                         .add("weight", train.labelWeight)
                         .add("label-smoothing", isClasses ? train.labelSmoothing : 0)
                         .str());
  if (facts.hasTeacher) {
    Distill distill = train.distill.value_or(Distill());
    passes.push_back(PassText("train-attach-loss")
                         .add("kind", "distill")
                         .add("weight", distill.weight)
                         .add("temperature", distill.temperature)
                         .str());
  }
  if (passes.empty())
    return fail("nothing to learn from: expected labels or a teacher");
  return join(passes, ",");
}

Expected<TrainingPasses> Recipe::getTrainingPasses(const TrainingFacts &facts) const {
  const Train train = getTraining() ? *getTraining() : Train();
  Expected<std::string> loss = getLoss(train, facts);
  if (!loss)
    return loss.takeError();
  TrainingPasses passes;
  std::vector<std::string> frozen = train.frozen;
  if (train.batchNorm == "freeze")
    append_range(frozen, std::vector<std::string>{"*.mean", "*.variance"});
  passes.network = PassText("train-set-batch").add("batch", facts.batch).str() + "," +
                   PassText("train-outline-parameters").add("trainable", train.trainable).add("frozen", frozen).str();
  passes.training = PassText("train-batch-norm").add("momentum", train.batchNormMomentum).str();
  passes.loss = *loss;
  passes.step =
      "train-differentiate-loss," + getOptimizer(train, facts) + ",train-decompose-fake-quantize,canonicalize,cse";
  return passes;
}
