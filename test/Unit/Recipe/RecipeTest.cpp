// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a recipe may say, and the complaint about everything else.

#include "condense/Recipe/Recipe.h"

#include <gtest/gtest.h>

using namespace condense::recipe;

namespace {
std::string refusal(const std::string &text) {
  llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
  EXPECT_FALSE(static_cast<bool>(recipe)) << text;
  return recipe ? "" : llvm::toString(recipe.takeError());
}
} // namespace

TEST(Recipe, ReadsEveryField) {
  llvm::Expected<Recipe> recipe = parseRecipe(R"(
- match:
    layers: "enc*.fc?"
    ops: [linear, nn.conv2d]
    min_elements: 1024
  quantize: {storage: i4, block: 32, scale: f32, algorithm: mse, ragged: shrink}
- activations:
    storage: ui8
    calibration: moving_average
)",
                                              "r.yaml");
  ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
  ASSERT_EQ(recipe->rules.size(), 2u);
  const Rule &first = recipe->rules[0], &second = recipe->rules[1];
  EXPECT_EQ(first.match->layers, "enc*.fc?");
  EXPECT_EQ(first.match->ops, (std::vector<std::string>{"linear", "nn.conv2d"}));
  EXPECT_EQ(first.match->minElements, 1024);
  EXPECT_EQ(first.quantize->storage, "i4");
  EXPECT_EQ(first.quantize->block, 32);
  EXPECT_EQ(first.quantize->scale, "f32");
  EXPECT_EQ(first.quantize->algorithm, "mse");
  EXPECT_EQ(first.quantize->ragged, "shrink");
  EXPECT_FALSE(first.activations);
  EXPECT_FALSE(second.match);
  EXPECT_EQ(second.activations->calibration, "moving_average");
  EXPECT_TRUE(recipe->needsCalibration());
}

TEST(Recipe, BuiltinsAreValid) {
  EXPECT_GE(getBuiltinNames().size(), 7u);
  for (llvm::StringRef name : getBuiltinNames()) {
    llvm::Expected<Recipe> recipe = loadRecipe(name);
    ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
    bool isBlind = name.ends_with("weight-only") || name.ends_with("dynamic") ||
                   llvm::is_contained({"fp8", "int4-two-level", "lossless", "mxfp4", "mxint8", "nf4"}, name);
    EXPECT_EQ(recipe->needsCalibration(), !isBlind) << name.str();
  }
  EXPECT_EQ(getBuiltinRecipe("int4"), "");
}

TEST(Recipe, IsAListOfPasses) {
  llvm::Expected<Recipe> recipe = parseRecipe(R"(
- match: {layers: "a b{1,2}", ops: [linear, conv2d], min_elements: 64}
  quantize: {storage: i4, block: 32, algorithm: mse, ragged: shrink}
  activations: {storage: ui8, calibration: moving_average}
- match: {layers: "/conv1/*"}
  quantize: {storage: none}
)",
                                              "r.yaml");
  ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
  EXPECT_EQ(recipe->getAnnotatePasses(), "compress-annotate-weights{layers=\"a b{1,2}\" ops=linear,conv2d "
                                         "min-elements=64 storage=i4 block=32 scale=f16 algorithm=mse "
                                         "ragged=shrink},compress-annotate-activations{layers=\"a b{1,2}\" "
                                         "ops=linear,conv2d min-elements=64 storage=ui8 "
                                         "calibration=moving_average},compress-annotate-weights{"
                                         "layers=/conv1/* storage=none block=0 scale=f16 algorithm=minmax "
                                         "ragged=error}");
}

TEST(Recipe, WritesSchemesAsAttributes) {
  llvm::Expected<Recipe> recipe = parseRecipe(R"(
- match: {layers: fc*, smallest_share: 0.5}
  share: {group: ffn, rank: 64}
  structured_prune: {ratio: 0.25, importance: obs, multiple_of: 8, correct: true}
  factorize: {energy: 0.9, algorithm: whitened, conv: spatial}
  prune: {sparsity: 0.1, block: [4, 1], method: obs, scope: row, positions: bitmap, damping: 0.00001}
  cluster: {entries: 16, group: 4, value: f32, weighted: true, zero: true, share: books}
  entropy_code: {coder: huffman, block: 1024, floats: false}
  max_error: 1
- remove: [prune]
  quantize: {storage: i4, block: 32, algorithm: gptq, damping: 0.01, act_order: true, residual: true, scale_block: 8}
- quantize: {storage: ui4, codebook: fp4, scale: f8E8M0FNU}
- prune: {n: 2, m: 4}
)",
                                              "r.yaml");
  ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
  EXPECT_EQ(
      recipe->getAnnotatePasses(),
      R"(compress-annotate{layers=fc* smallest-share=0.50 max-error=1.0},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme='#compress.share<group = "ffn", rank = 64>'},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme="#compress.structured_prune<ratio = 0.25 : f64, )"
      R"(importance = obs, multiple_of = 8, correct = true>"},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme="#compress.factorize<energy = 0.9 : f64, )"
      R"(algorithm = whitened, conv = spatial>"},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme="#compress.prune<sparsity = 0.1 : f64, )"
      R"(block = [4, 1], method = obs, scope = row, positions = bitmap, damping = 1.0e-05 : f64>"},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme='#compress.cluster<entries = 16, group = 4, )"
      R"(value = f32, weighted = true, zero = true, share = "books">'},)"
      R"(compress-annotate{layers=fc* smallest-share=0.50 scheme="#compress.entropy_code<coder = huffman, )"
      R"(block = 1024, floats = false>"},)"
      R"(compress-annotate{remove=prune},)"
      R"(compress-annotate{scheme="#compress.quantize<storage = i4, block = 32, scale = f16, algorithm = gptq, )"
      R"(ragged = error, scale_block = 8, damping = 0.01 : f64, act_order = true, residual = true>"},)"
      R"(compress-annotate{scheme="#compress.quantize<storage = ui4, block = 0, scale = f8E8M0FNU, )"
      R"(algorithm = minmax, ragged = error, codebook = [-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, )"
      R"(1.5, 2.0, 3.0, 4.0, 6.0]>"},)"
      R"(compress-annotate{scheme="#compress.prune<n = 2, m = 4>"})");
}

/// "observers | statistics | passes" of each stage.
static std::vector<std::string> getStages(const std::string &text) {
  llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
  if (!recipe)
    return {llvm::toString(recipe.takeError())};
  std::vector<std::string> result;
  for (const Stage &stage : recipe->getStages("a/s.json"))
    result.push_back(stage.observers + " | " + stage.statistics + " | " + stage.passes);
  return result;
}

TEST(Recipe, OneStageWithoutStatistics) {
  EXPECT_EQ(getStages("- quantize: {storage: i8}\n"),
            (std::vector<std::string>{" |  | compress-quantize-weights,compress-verify"}));
}

TEST(Recipe, ScalesOfRunTimeNeedNoStatistics) {
  llvm::Expected<Recipe> recipe =
      parseRecipe("- activations: {storage: i8, calibration: dynamic, block: 32}\n", "r.yaml");
  ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
  EXPECT_EQ(recipe->getAnnotatePasses(), "compress-annotate-activations{storage=i8 calibration=dynamic block=32}");
  EXPECT_EQ(getStages("- activations: {storage: i8, calibration: dynamic}\n"),
            (std::vector<std::string>{" |  | compress-quantize-activations,compress-verify"}));
  // Codebooks become integers, as the activations are.
  EXPECT_EQ(getStages("- quantize: {storage: ui4, codebook: nf4, block: 64}\n"
                      "  activations: {storage: i8, calibration: dynamic}\n"),
            (std::vector<std::string>{" |  | compress-quantize-weights,compress-quantize-activations,"
                                      "compress-round-codebooks,compress-verify"}));
}

TEST(Recipe, StagesWhereStatisticsAreOutOfDate) {
  EXPECT_EQ(getStages("- quantize: {storage: i8}\n  activations: {storage: ui8}\n"),
            (std::vector<std::string>{"compress-insert-observers{ranges=true requests=none} | a/s.json | "
                                      "compress-apply-ranges{statistics=a/s.json},compress-quantize-weights,"
                                      "compress-quantize-activations,compress-verify"}));
  // Equalizing comes first and needs nothing; smoothing, pruning, and then
  // quantizing with ranges are each measured for.
  EXPECT_EQ(getStages(R"(
- match: {layers: fc*}
  equalize: {iterations: 5}
  smooth: {alpha: 0.75}
  prune: {n: 2, m: 4, method: obs}
- quantize: {storage: i8, algorithm: gptq}
  activations: {storage: i8}
- correct_bias: {}
- entropy_code: {}
)"),
            (std::vector<std::string>{
                " |  | compress-equalize{layers=fc* iterations=5}",
                "compress-insert-observers{ranges=false requests=none moments=channels layers=fc*} | a/s.json | "
                "compress-smooth-activations{algorithm=smooth alpha=0.75 layers=fc* statistics=a/s.json}",
                "compress-insert-observers{ranges=false requests=prune},"
                "compress-insert-observers{ranges=false requests=none moments=channels} | a/s.2.json | "
                "compress-record-means{statistics=a/s.2.json},compress-prune-weights{statistics=a/s.2.json},"
                "compress-verify{requests=false}",
                "compress-insert-observers{ranges=true requests=quantize} | a/s.3.json | "
                "compress-apply-ranges{statistics=a/s.3.json},compress-quantize-weights{statistics=a/s.3.json},"
                "compress-verify{requests=false},"
                "compress-correct-bias,compress-verify{requests=false},compress-quantize-activations,"
                "compress-verify{requests=false},compress-entropy-code,compress-verify"}));
}

TEST(Recipe, ResidualsAreFactorizedAfterQuantizing) {
  EXPECT_EQ(getStages("- quantize: {storage: i4, residual: true}\n  factorize: {rank: 8, algorithm: whitened}\n"),
            (std::vector<std::string>{"compress-insert-observers{ranges=false requests=factorize} | a/s.json | "
                                      "compress-quantize-weights{statistics=a/s.json},"
                                      "compress-factorize-weights{statistics=a/s.json},"
                                      "compress-split-products,compress-verify"}));
}

TEST(Recipe, ResidualsNeedACorrection) {
  auto recipe = parseRecipe("- quantize: {storage: i4, residual: true}\n", "r.yaml");
  ASSERT_FALSE(static_cast<bool>(recipe));
  EXPECT_EQ(
      llvm::toString(recipe.takeError()),
      "r.yaml: 'residual' keeps what quantization lost for a low-rank correction: add 'factorize' for these layers");
}

TEST(Recipe, RefusesSchemesWithLineNumbers) {
  auto expectRefusal = [](const std::string &rule, const std::string &message) {
    EXPECT_EQ(refusal("- " + rule + "\n"), "r.yaml:1: " + message);
  };
  expectRefusal("prune: {}", "prune needs either sparsity, or n and m");
  expectRefusal("prune: {sparsity: 0.5, n: 2, m: 4}", "prune needs either sparsity, or n and m");
  expectRefusal("prune: {sparsity: 1.5}", "sparsity must be from 0.0 to 1.0");
  expectRefusal("prune: {sparsity: -.inf}", "invalid floating point number");
  expectRefusal("prune: {n: 4, m: 4}", "n must be less than m");
  expectRefusal("prune: {n: 4, m: 17}", "m must be 2 to 16");
  expectRefusal("prune: {n: 2, m: 4, block: [1, 2]}", "n and m exclude block");
  expectRefusal("prune: {sparsity: 0.5, block: [1]}", "block must be [rows, columns], both positive");
  expectRefusal("prune: {sparsity: 0.5, method: best}", "unknown method 'best': expected magnitude, wanda, obs");
  expectRefusal("prune: {sparsity: 0.5, speed: 2}", "unknown key 'speed'");
  expectRefusal("structured_prune: {}", "missing required key 'ratio'");
  expectRefusal("structured_prune: {ratio: 0.5, budget: bytes}",
                "unknown budget 'bytes': expected group, channels, parameters, macs");
  expectRefusal("cluster: {entries: 1}", "entries must be 2 to 256");
  expectRefusal("cluster: {share: 'a b'}", "share must be a name of letters, digits, '_', '.' and '-', found 'a b'");
  expectRefusal("factorize: {rank: 0}", "rank must be 1 or more");
  expectRefusal("factorize: {rank: 1, energy: 0.5}",
                "factorize needs exactly one of rank, energy, error, bytes and macs");
  expectRefusal("smooth: {algorithm: rough}", "unknown algorithm 'rough': expected smooth, awq");
  expectRefusal("smooth: {alpha: 2}", "alpha must be from 0.0 to 1.0");
  expectRefusal("equalize: {iterations: 0}", "iterations must be positive");
  expectRefusal("share: {}", "share needs group and rank, or constants: true");
  expectRefusal("share: {group: a}", "group and rank belong together");
  expectRefusal("entropy_code: {coder: lz}", "unknown coder 'lz': expected automatic, huffman, rans, run_length");
  expectRefusal("entropy_code: {block: 1}", "block must be 256 to 16777216");
  expectRefusal("sparsity_budget: {sparsity: 7}", "sparsity must be from 0.0 to 1.0");
  expectRefusal("max_error: 0", "max_error must be positive");
  expectRefusal("remove: [weights]", "unknown request 'weights': expected quantize, prune, structured_prune, cluster, "
                                     "factorize, share, entropy_code");
  expectRefusal("quantize: {storage: i4, codebook: nf4}",
                "codebook nf4 needs storage ui4: its codes are indices of 16 entries");
  expectRefusal("quantize: {storage: i4, damping: -1}", "damping must be from 0.0 to 1.0");
}

TEST(Recipe, RefusesWithLineNumbers) {
  EXPECT_EQ(refusal(""), "r.yaml: the recipe is empty: expected a list of "
                         "rules");
  EXPECT_EQ(refusal("[]"), refusal(""));
  EXPECT_EQ(refusal("# nothing\n---\n"), "r.yaml: the recipe is empty: expected a list of "
                                         "rules");
  EXPECT_EQ(refusal("- quantize:\n    storage: i8\n    bits: 8\n"), "r.yaml:3: unknown key 'bits'");
  EXPECT_EQ(refusal("- quantise:\n    storage: i8\n"), "r.yaml:1: unknown key 'quantise'");
  EXPECT_EQ(refusal("- quantize:\n    block: 8\n"), "r.yaml:2: missing required key 'storage'");
  EXPECT_EQ(refusal("- quantize:\n    storage: i9\n"),
            "r.yaml:2: unknown storage 'i9': expected none, i2, i3, i4, i5, i6, i7, "
            "i8, ui2, ui3, ui4, ui5, ui6, ui7, ui8, f8E4M3FN, f8E5M2");
  EXPECT_EQ(refusal("- quantize: {storage: i8, block: -2}\n"),
            "r.yaml:1: block must be -1 (per tensor), 0 (per channel) or "
            "positive");
  EXPECT_EQ(refusal("- quantize: {storage: i8, block: many}\n"), "r.yaml:1: invalid number");
  EXPECT_EQ(refusal("- quantize: {storage: i8, scale: f64}\n"),
            "r.yaml:1: unknown scale 'f64': expected f16, f32, f8E8M0FNU");
  EXPECT_EQ(refusal("- quantize: {storage: i8, algorithm: best}\n"),
            "r.yaml:1: unknown algorithm 'best': expected minmax, mse, squant, gptq");
  EXPECT_EQ(refusal("- quantize: {storage: i8, ragged: pad}\n"),
            "r.yaml:1: unknown ragged 'pad': expected error, shrink");
  EXPECT_EQ(refusal("- activations: {storage: i4}\n"), "r.yaml:1: unknown storage 'i4': expected none, ui8, i8");
  EXPECT_EQ(refusal("- activations: {storage: i8, calibration: max}\n"),
            "r.yaml:1: unknown calibration 'max': expected minmax, percentile, "
            "moving_average, mse, entropy, dynamic");
  EXPECT_EQ(refusal("- activations: {storage: ui8, calibration: dynamic}\n"),
            "r.yaml:1: calibration dynamic is symmetric: it needs storage i8");
  EXPECT_EQ(refusal("- activations: {storage: i8, block: 32}\n"),
            "r.yaml:1: block of activations needs calibration dynamic, and must not be negative");
  EXPECT_EQ(refusal("- match: {layers: a}\n"), "r.yaml: rule 1 does nothing: expected a technique such as 'quantize', "
                                               "'prune' or 'activations'");
  EXPECT_EQ(refusal("- match: {min_elements: -1}\n  quantize: {storage: i8}\n"),
            "r.yaml:1: min_elements must not be negative");
  EXPECT_EQ(refusal("- match: {smallest_share: 2}\n  quantize: {storage: i8}\n"),
            "r.yaml:1: smallest_share must be above 0 and at most 1");
  EXPECT_EQ(refusal("- match: {ops: ['a b']}\n  quantize: {storage: i8}\n"),
            "r.yaml:1: 'a b' is no operation's name: expected a name such as "
            "linear or nn.conv2d");
  EXPECT_NE(refusal("- match: {layers: '[a'}\n  quantize: {storage: i8}\n").find("r.yaml:1: bad glob '[a'"),
            std::string::npos);
  EXPECT_NE(refusal("- quantize: {storage: i8}\n---\n- {}\n").find("expected one YAML document"), std::string::npos);
  EXPECT_NE(refusal("storage: i8\n").find("r.yaml:1: "), std::string::npos);
  EXPECT_EQ(refusal(std::string(100, '[')), "r.yaml: the recipe nests too deep");
}

TEST(Recipe, SaysWhatCanBeNamed) {
  bool isMissing = false;
  llvm::Expected<Recipe> recipe = loadRecipe("no-such-recipe", &isMissing);
  ASSERT_FALSE(static_cast<bool>(recipe));
  EXPECT_TRUE(isMissing);
  std::string message = llvm::toString(recipe.takeError());
  EXPECT_EQ(message.find("no-such-recipe: cannot read: No such file or "
                         "directory; built-in recipes are "),
            0u);
  EXPECT_NE(message.find("int4-gptq, int4-two-level, int4-weight-only, int8-dynamic"), std::string::npos) << message;
}

TEST(Recipe, TrainsWithWhatIsGiven) {
  llvm::Expected<Recipe> recipe = parseRecipe(R"(
- prune: {sparsity: 0.5}
- quantize: {storage: i8}
- train: {epochs: 4, batch: 16, optimizer: adamw, learning_rate: 0.002, weight_decay: 0.1, schedule: cosine,
          warmup_epochs: 0.5, clip_norm: 1, label_smoothing: 0.1, frozen: ["*.bias"], batch_norm: freeze,
          distill: {temperature: 2, weight: 0.5}}
)",
                                              "r.yaml");
  ASSERT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
  TrainingFacts facts{16, 10, true, true, true};
  llvm::Expected<TrainingPasses> passes = recipe->getTrainingPasses(facts);
  ASSERT_TRUE(static_cast<bool>(passes)) << llvm::toString(passes.takeError());
  EXPECT_EQ(passes->network, "train-set-batch{batch=16},train-outline-parameters{frozen=*.bias,*.mean,*.variance}");
  EXPECT_EQ(passes->training, "train-batch-norm{momentum=0.9}");
  EXPECT_EQ(passes->loss, "train-attach-loss{kind=cross-entropy weight=1.0 label-smoothing=0.1},"
                          "train-attach-loss{kind=distill weight=0.5 temperature=2.0}");
  EXPECT_EQ(passes->step, "train-differentiate-loss,train-apply-optimizer{kind=adamw learning-rate=0.002 "
                          "weight-decay=0.1 clip-norm=1.0 schedule=cosine warmup-steps=5 total-steps=40 factor=0.0},"
                          "train-decompose-fake-quantize,canonicalize,cse");

  // what makes the structure comes before, what finishes it behind
  EXPECT_EQ(recipe->getStages("s.json", Phase::BeforeTraining)[0].passes,
            "compress-prune-weights,compress-verify{requests=false}");
  EXPECT_EQ(recipe->getStages("s.json", Phase::AfterTraining)[0].passes, "compress-quantize-weights,compress-verify");
}

TEST(Recipe, TrainingNeedsSomethingToLearnFrom) {
  auto complain = [](const std::string &text, TrainingFacts facts) {
    llvm::Expected<Recipe> recipe = parseRecipe(text, "r.yaml");
    EXPECT_TRUE(static_cast<bool>(recipe)) << llvm::toString(recipe.takeError());
    llvm::Expected<TrainingPasses> passes = recipe->getTrainingPasses(facts);
    return passes ? std::string() : llvm::toString(passes.takeError());
  };
  EXPECT_EQ(complain("- train: {}", {8, 1, false, false, false}),
            "nothing to learn from: expected labels or a teacher");
  EXPECT_EQ(complain("- train: {loss: mse}", {8, 1, false, true, false}), "loss 'mse' needs labels");
  EXPECT_EQ(complain("- train: {loss: mse}", {8, 1, true, false, true}), "loss 'mse' needs labels that are floats");
  EXPECT_EQ(complain("- train: {loss: cross_entropy}", {8, 1, true, false, false}),
            "loss 'cross_entropy' needs integer labels");
  EXPECT_EQ(complain("- train: {distill: {}}", {8, 1, true, false, true}), "'distill' needs a teacher");
  EXPECT_EQ(complain("- train: {loss: none}", {8, 1, true, true, true}), "");
}

TEST(Recipe, RefusesTrainingThatMakesNoSense) {
  EXPECT_EQ(refusal("- train: {}\n- train: {}"), "r.yaml: more than one rule says how to 'train'");
  EXPECT_EQ(refusal("- match: {layers: a}\n  train: {}"),
            "r.yaml: 'train' is about the whole model: remove 'match' from its rule, or use 'trainable' and 'frozen'");
  using Case = std::pair<const char *, const char *>;
  for (auto [text, complaint] :
       {Case("epochs: 0", "epochs and batch must be positive"), Case("batch: 0", "epochs and batch must be positive"),
        Case("learning_rate: 0", "learning_rate must be positive"),
        Case("optimizer: lion", "unknown optimizer 'lion': expected sgd, adamw"),
        Case("schedule: none", "unknown schedule 'none': expected constant, step, cosine, linear"),
        Case("loss: huber", "unknown loss 'huber': expected automatic, cross_entropy, mse, none"),
        Case("batch_norm: fold", "unknown batch_norm 'fold': expected train, freeze"),
        Case("momentum: 1", "momentum must be from 0.0 to 0.999"), Case("factor: 2", "factor must be from 0.0 to 1.0"),
        Case("clip_norm: -1", "clip_norm must be from 0.0 to"),
        Case("label_smoothing: 1", "label_smoothing must be at least 0 and below 1"),
        Case("interval_epochs: 0", "interval_epochs must be positive"), Case("frozen: ['[']", "bad glob '['"),
        Case("distill: {temperature: 0}", "temperature must be positive"),
        Case("distill: {weight: 0}", "weight must be positive"), Case("rate: 1", "unknown key 'rate'")})
    EXPECT_NE(refusal(std::string("- train: {") + text + "}").find(complaint), std::string::npos) << text;
}
