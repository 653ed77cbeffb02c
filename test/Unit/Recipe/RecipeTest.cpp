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
  EXPECT_EQ(first.match->ops,
            (std::vector<std::string>{"linear", "nn.conv2d"}));
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
  EXPECT_EQ(getBuiltinNames().size(), 3u);
  for (llvm::StringRef name : getBuiltinNames()) {
    llvm::Expected<Recipe> recipe = loadRecipe(name);
    ASSERT_TRUE(static_cast<bool>(recipe))
        << llvm::toString(recipe.takeError());
    EXPECT_EQ(recipe->needsCalibration(), name == "int8-static");
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
  EXPECT_EQ(recipe->getAnnotatePasses(),
            "compress-annotate-weights{layers=\"a b{1,2}\" ops=linear,conv2d "
            "min-elements=64 storage=i4 block=32 scale=f16 algorithm=mse "
            "ragged=shrink},compress-annotate-activations{layers=\"a b{1,2}\" "
            "ops=linear,conv2d min-elements=64 storage=ui8 "
            "calibration=moving_average},compress-annotate-weights{"
            "layers=/conv1/* storage=none block=0 scale=f16 algorithm=minmax "
            "ragged=error}");
}

TEST(Recipe, RefusesWithLineNumbers) {
  EXPECT_EQ(refusal(""), "r.yaml: the recipe is empty: expected a list of "
                         "rules");
  EXPECT_EQ(refusal("[]"), refusal(""));
  EXPECT_EQ(refusal("# nothing\n---\n"),
            "r.yaml: the recipe is empty: expected a list of "
            "rules");
  EXPECT_EQ(refusal("- quantize:\n    storage: i8\n    bits: 8\n"),
            "r.yaml:3: unknown key 'bits'");
  EXPECT_EQ(refusal("- quantise:\n    storage: i8\n"),
            "r.yaml:1: unknown key 'quantise'");
  EXPECT_EQ(refusal("- quantize:\n    block: 8\n"),
            "r.yaml:2: missing required key 'storage'");
  EXPECT_EQ(
      refusal("- quantize:\n    storage: i5\n"),
      "r.yaml:2: unknown storage 'i5': expected none, i2, i3, i4, i8, ui2, "
      "ui3, ui4, ui8, f8E4M3FN, f8E5M2");
  EXPECT_EQ(refusal("- quantize: {storage: i8, block: -2}\n"),
            "r.yaml:1: block must be -1 (per tensor), 0 (per channel) or "
            "positive");
  EXPECT_EQ(refusal("- quantize: {storage: i8, block: many}\n"),
            "r.yaml:1: invalid number");
  EXPECT_EQ(refusal("- quantize: {storage: i8, scale: f64}\n"),
            "r.yaml:1: unknown scale 'f64': expected f16, f32");
  EXPECT_EQ(refusal("- quantize: {storage: i8, algorithm: best}\n"),
            "r.yaml:1: unknown algorithm 'best': expected minmax, mse, squant");
  EXPECT_EQ(refusal("- quantize: {storage: i8, ragged: pad}\n"),
            "r.yaml:1: unknown ragged 'pad': expected error, shrink");
  EXPECT_EQ(refusal("- activations: {storage: i4}\n"),
            "r.yaml:1: unknown storage 'i4': expected none, ui8, i8");
  EXPECT_EQ(refusal("- activations: {storage: i8, calibration: max}\n"),
            "r.yaml:1: unknown calibration 'max': expected minmax, percentile, "
            "moving_average, mse");
  EXPECT_EQ(
      refusal("- match: {layers: a}\n"),
      "r.yaml: rule 1 does nothing: expected 'quantize' or 'activations'");
  EXPECT_EQ(refusal("- match: {min_elements: -1}\n  quantize: {storage: i8}\n"),
            "r.yaml:1: min_elements must not be negative");
  EXPECT_EQ(
      refusal("- match: {smallest_share: 2}\n  quantize: {storage: i8}\n"),
      "r.yaml:1: smallest_share must be above 0 and at most 1");
  EXPECT_EQ(refusal("- match: {ops: ['a b']}\n  quantize: {storage: i8}\n"),
            "r.yaml:1: 'a b' is no operation's name: expected a name such as "
            "linear or nn.conv2d");
  EXPECT_NE(refusal("- match: {layers: '[a'}\n  quantize: {storage: i8}\n")
                .find("r.yaml:1: bad glob '[a'"),
            std::string::npos);
  EXPECT_NE(refusal("- quantize: {storage: i8}\n---\n- {}\n")
                .find("expected one YAML document"),
            std::string::npos);
  EXPECT_NE(refusal("storage: i8\n").find("r.yaml:1: "), std::string::npos);
  EXPECT_EQ(refusal(std::string(100, '[')),
            "r.yaml: the recipe nests too deep");
}

TEST(Recipe, SaysWhatCanBeNamed) {
  bool isMissing = false;
  llvm::Expected<Recipe> recipe = loadRecipe("no-such-recipe", &isMissing);
  ASSERT_FALSE(static_cast<bool>(recipe));
  EXPECT_TRUE(isMissing);
  EXPECT_EQ(llvm::toString(recipe.takeError()),
            "no-such-recipe: cannot read: No such file or directory; built-in "
            "recipes are int4-weight-only, int8-static, int8-weight-only");
}
