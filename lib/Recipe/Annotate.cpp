// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The annotate passes that rules stand for.

#include "Text.h"
#include "condense/Numerics/Codebooks.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <charconv>

using namespace condense::recipe;
using namespace llvm;

template <typename T> static std::string formatShortest(T value) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string text(buffer, end);
  if (text.find('.') == std::string::npos)
    text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

std::string condense::recipe::formatNumber(double value) { return formatShortest(value); }
std::string condense::recipe::formatNumber(float value) { return formatShortest(value); }

std::string condense::recipe::quote(StringRef value) {
  bool isPlain = !value.empty() && all_of(value, [](char c) { return isAlnum(c) || StringRef("*?._-/").contains(c); });
  if (isPlain)
    return value.str();
  char mark = value.contains('"') ? '\'' : '"';
  return mark + value.str() + mark;
}

StringRef Scheme::get(StringRef field) const {
  for (const auto &[name, text] : fields)
    if (name == field)
      return text;
  return "";
}

std::string Scheme::getText(StringRef kind) const {
  std::string text;
  for (const auto &[name, value] : fields)
    text += (text.empty() ? "" : ", ") + name + " = " + value;
  return ("#compress." + kind + "<" + text + ">").str();
}

bool Rule::isEmpty() const {
  return !quantize && !activations && !prune && !structuredPrune && !cluster && !factorize && !smooth && !equalize &&
         !correctBias && !share && !entropyCode && !sparsityBudget && !train && !maxError && remove.empty();
}

static std::string getMatchOptions(const Rule &rule) {
  std::string options;
  if (!rule.match)
    return options;
  if (!rule.match->layers.empty())
    options += "layers=" + quote(rule.match->layers) + " ";
  if (!rule.match->ops.empty())
    options += "ops=" + join(rule.match->ops, ",") + " ";
  if (rule.match->minElements)
    options += "min-elements=" + std::to_string(rule.match->minElements) + " ";
  return options;
}

static std::string getShareOption(const Rule &rule) {
  if (!rule.match || rule.match->smallestShare == 1)
    return "";
  return formatv("smallest-share={0} ", rule.match->smallestShare);
}

/// The fields of a codebook's attribute.
static std::string describeCodebook(StringRef name) {
  const auto &table = name == "nf4" ? condense::numerics::getNF4() : condense::numerics::getFP4();
  std::vector<float> entries(table.begin(), table.end());
  llvm::sort(entries);
  // -0 and 0
  entries.erase(llvm::unique(entries), entries.end());
  std::string text;
  for (float entry : entries)
    text += (text.empty() ? "" : ", ") + formatNumber(entry == 0 ? 0.0f : entry);
  return "[" + text + "]";
}

/// The request as an attribute, for what compress-annotate-weights has no option for.
static std::string describeQuantize(const Quantize &quantize) {
  Scheme scheme;
  scheme.fields = {{"storage", quantize.storage},
                   {"block", std::to_string(quantize.block)},
                   {"scale", quantize.scale},
                   {"algorithm", quantize.algorithm},
                   {"ragged", quantize.ragged}};
  if (!quantize.codebook.empty())
    scheme.fields.emplace_back("codebook", describeCodebook(quantize.codebook));
  if (quantize.scaleBlock)
    scheme.fields.emplace_back("scale_block", std::to_string(quantize.scaleBlock));
  if (quantize.damping)
    scheme.fields.emplace_back("damping", formatNumber(*quantize.damping) + " : f64");
  if (quantize.actOrder)
    scheme.fields.emplace_back("act_order", "true");
  if (quantize.residual)
    scheme.fields.emplace_back("residual", "true");
  return scheme.getText("quantize");
}

static std::string annotateQuantize(const Rule &rule, const std::string &match) {
  const Quantize &quantize = *rule.quantize;
  bool isPlain = quantize.codebook.empty() && !quantize.scaleBlock && !quantize.damping && !quantize.actOrder &&
                 !quantize.residual;
  if (!isPlain && quantize.storage != "none")
    return "compress-annotate{" + match + "scheme=" + quote(describeQuantize(quantize)) + "}";
  return "compress-annotate-weights{" + match + "storage=" + quantize.storage +
         " block=" + std::to_string(quantize.block) + " scale=" + quantize.scale + " algorithm=" + quantize.algorithm +
         " ragged=" + quantize.ragged + "}";
}

static void annotateRule(const Rule &rule, std::vector<std::string> &passes) {
  std::string match = getMatchOptions(rule) + getShareOption(rule);
  for (const std::string &kind : rule.remove)
    passes.push_back("compress-annotate{" + match + "remove=" + kind + "}");
  if (rule.maxError)
    passes.push_back("compress-annotate{" + match + "max-error=" + formatNumber(*rule.maxError) + "}");
  auto annotate = [&](const auto &scheme, StringRef kind) {
    if (scheme && !scheme->fields.empty())
      passes.push_back("compress-annotate{" + match + "scheme=" + quote(scheme->getText(kind)) + "}");
  };
  annotate(rule.share, "share");
  annotate(rule.structuredPrune, "structured_prune");
  annotate(rule.factorize, "factorize");
  annotate(rule.prune, "prune");
  if (rule.quantize)
    passes.push_back(annotateQuantize(rule, match));
  if (rule.cluster)
    passes.push_back("compress-annotate{" + match + "scheme=" + quote(rule.cluster->getText("cluster")) + "}");
  if (rule.entropyCode)
    passes.push_back("compress-annotate{" + match + "scheme=" + quote(rule.entropyCode->getText("entropy_code")) + "}");
  if (const auto &activations = rule.activations)
    passes.push_back("compress-annotate-activations{" + getMatchOptions(rule) + "storage=" + activations->storage +
                     " calibration=" + activations->calibration +
                     (activations->block ? " block=" + std::to_string(activations->block) : "") + "}");
}

std::string Recipe::getAnnotatePasses() const {
  std::vector<std::string> passes;
  for (const Rule &rule : rules)
    annotateRule(rule, passes);
  return join(passes, ",");
}
