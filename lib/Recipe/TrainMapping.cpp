// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The keys of `train` in a recipe.

#include "Mapping.h"

#include "llvm/Support/GlobPattern.h"
#include <cmath>

using namespace condense::recipe;
using namespace llvm;
using namespace llvm::yaml;

static constexpr double kLargest = 1e9;

void MappingTraits<Distill>::mapping(IO &io, Distill &distill) {
  io.mapOptional("temperature", distill.temperature);
  io.mapOptional("weight", distill.weight);
}

std::string MappingTraits<Distill>::validate(IO &, Distill &distill) {
  if (!(distill.temperature > 0))
    return "temperature must be positive";
  return distill.weight > 0 ? "" : "weight must be positive";
}

void MappingTraits<Train>::mapping(IO &io, Train &train) {
  io.mapOptional("epochs", train.epochs);
  io.mapOptional("batch", train.batch);
  io.mapOptional("optimizer", train.optimizer);
  io.mapOptional("learning_rate", train.learningRate);
  io.mapOptional("momentum", train.momentum);
  io.mapOptional("nesterov", train.nesterov);
  io.mapOptional("beta1", train.beta1);
  io.mapOptional("beta2", train.beta2);
  io.mapOptional("epsilon", train.epsilon);
  io.mapOptional("weight_decay", train.weightDecay);
  io.mapOptional("clip_norm", train.clipNorm);
  io.mapOptional("schedule", train.schedule);
  io.mapOptional("warmup_epochs", train.warmupEpochs);
  io.mapOptional("interval_epochs", train.intervalEpochs);
  io.mapOptional("factor", train.factor);
  io.mapOptional("loss", train.loss);
  io.mapOptional("label_weight", train.labelWeight);
  io.mapOptional("label_smoothing", train.labelSmoothing);
  io.mapOptional("distill", train.distill);
  io.mapOptional("trainable", train.trainable);
  io.mapOptional("frozen", train.frozen);
  io.mapOptional("batch_norm", train.batchNorm);
  io.mapOptional("batch_norm_momentum", train.batchNormMomentum);
  io.mapOptional("quantization_aware", train.quantizationAware);
}

static std::string checkGlobs(ArrayRef<std::string> globs) {
  for (const std::string &text : globs)
    if (Expected<GlobPattern> glob = GlobPattern::create(text); !glob)
      return "bad glob '" + text + "': " + toString(glob.takeError());
  return "";
}

std::string MappingTraits<Train>::validate(IO &, Train &train) {
  if (train.epochs < 1 || train.batch < 1)
    return "epochs and batch must be positive";
  if (train.learningRate && !(*train.learningRate > 0))
    return "learning_rate must be positive";
  if (!(train.intervalEpochs > 0))
    return "interval_epochs must be positive";
  if (!(train.labelSmoothing >= 0 && train.labelSmoothing < 1))
    return "label_smoothing must be at least 0 and below 1";
  double belowOne = std::nextafter(1.0, 0.0);
  return firstOf({checkOneOf("optimizer", train.optimizer, {"sgd", "adamw"}),
                  checkOneOf("schedule", train.schedule, {"constant", "step", "cosine", "linear"}),
                  checkOneOf("loss", train.loss, {"automatic", "cross_entropy", "mse", "none"}),
                  checkOneOf("batch_norm", train.batchNorm, {"train", "freeze"}),
                  checkRange("momentum", train.momentum, 0, belowOne), checkRange("beta1", train.beta1, 0, belowOne),
                  checkRange("beta2", train.beta2, 0, belowOne), checkRange("epsilon", train.epsilon, 0, 1),
                  checkRange("weight_decay", train.weightDecay, 0, kLargest),
                  checkRange("clip_norm", train.clipNorm, 0, kLargest),
                  checkRange("warmup_epochs", train.warmupEpochs, 0, kLargest),
                  checkRange("factor", train.factor, 0, 1), checkRange("label_weight", train.labelWeight, 0, kLargest),
                  checkRange("batch_norm_momentum", train.batchNormMomentum, 0, 1), checkGlobs(train.trainable),
                  checkGlobs(train.frozen)});
}
