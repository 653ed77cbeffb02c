// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The keys of a recipe and what their values may be. Keys mirror the fields of
// the scheme attributes; a field that is not given keeps the attribute's default.

#include "Mapping.h"

#include "Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

using namespace condense::recipe;
using namespace llvm;
using namespace llvm::yaml;

std::string condense::recipe::checkOneOf(StringRef key, StringRef value, ArrayRef<StringRef> allowed) {
  if (is_contained(allowed, value))
    return "";
  return ("unknown " + key + " '" + value + "': expected " + join(allowed, ", ")).str();
}

std::string condense::recipe::firstOf(ArrayRef<std::string> problems) {
  for (const std::string &problem : problems)
    if (!problem.empty())
      return problem;
  return "";
}

std::string condense::recipe::checkRange(StringRef key, std::optional<double> value, double low, double high) {
  if (!value || (*value >= low && *value <= high))
    return "";
  return (key + " must be from " + formatNumber(low) + " to " + formatNumber(high)).str();
}

namespace {
/// Reads the fields of a scheme.
class FieldReader {
public:
  FieldReader(IO &io, Scheme &scheme) : io(io), scheme(scheme) {}

  void number(const char *key, double low, double high) {
    std::optional<double> value;
    io.mapOptional(key, value);
    if (complain(checkRange(key, value, low, high)) && value)
      add(key, formatNumber(*value) + " : f64");
  }
  void integer(const char *key, int64_t low, int64_t high = INT64_MAX) {
    std::optional<int64_t> value;
    io.mapOptional(key, value);
    if (!value)
      return;
    if (*value < low || *value > high)
      io.setError(Twine(key) + " must be " + Twine(low) +
                  (high == INT64_MAX ? Twine(" or more") : " to " + Twine(high)));
    else
      add(key, std::to_string(*value));
  }
  void flag(const char *key) {
    std::optional<bool> value;
    io.mapOptional(key, value);
    if (value)
      add(key, *value ? "true" : "false");
  }
  void oneOf(const char *key, ArrayRef<StringRef> allowed) {
    std::optional<std::string> value;
    io.mapOptional(key, value);
    if (value && complain(checkOneOf(key, *value, allowed)))
      add(key, *value);
  }
  /// A name of the user's.
  void name(const char *key) {
    std::optional<std::string> value;
    io.mapOptional(key, value);
    auto isPlain = [](char c) { return isAlnum(c) || StringRef("_.-").contains(c); };
    if (!value)
      return;
    if (value->empty() || !all_of(*value, isPlain))
      io.setError(Twine(key) + " must be a name of letters, digits, '_', '.' and '-', found '" + *value + "'");
    else
      add(key, '"' + *value + '"');
  }
  /// Rows and columns.
  void block(const char *key) {
    std::optional<std::vector<int64_t>> value;
    io.mapOptional(key, value);
    if (!value)
      return;
    if (value->size() != 2 || (*value)[0] < 1 || (*value)[1] < 1)
      io.setError(Twine(key) + " must be [rows, columns], both positive");
    else
      add(key, "[" + std::to_string((*value)[0]) + ", " + std::to_string((*value)[1]) + "]");
  }

private:
  bool complain(const std::string &problem) {
    if (!problem.empty())
      io.setError(problem);
    return problem.empty();
  }
  void add(const char *key, std::string text) { scheme.fields.emplace_back(key, std::move(text)); }

  IO &io;
  Scheme &scheme;
};
} // namespace

void MappingTraits<Match>::mapping(IO &io, Match &match) {
  io.mapOptional("layers", match.layers);
  io.mapOptional("ops", match.ops);
  io.mapOptional("min_elements", match.minElements);
  io.mapOptional("smallest_share", match.smallestShare);
}

std::string MappingTraits<Match>::validate(IO &, Match &match) {
  if (match.minElements < 0)
    return "min_elements must not be negative";
  if (!(match.smallestShare > 0 && match.smallestShare <= 1))
    return "smallest_share must be above 0 and at most 1";
  for (const std::string &op : match.ops)
    if (op.empty() || !all_of(op, [](char c) { return isAlnum(c) || c == '_' || c == '.'; }))
      return "'" + op + "' is no operation's name: expected a name such as linear or nn.conv2d";
  if (Expected<GlobPattern> glob = GlobPattern::create(match.layers); !glob)
    return "bad glob '" + match.layers + "': " + toString(glob.takeError());
  return "";
}

void MappingTraits<Quantize>::mapping(IO &io, Quantize &quantize) {
  io.mapRequired("storage", quantize.storage);
  io.mapOptional("block", quantize.block);
  io.mapOptional("scale", quantize.scale);
  io.mapOptional("algorithm", quantize.algorithm);
  io.mapOptional("ragged", quantize.ragged);
  io.mapOptional("codebook", quantize.codebook);
  io.mapOptional("scale_block", quantize.scaleBlock);
  io.mapOptional("damping", quantize.damping);
  io.mapOptional("act_order", quantize.actOrder);
  io.mapOptional("residual", quantize.residual);
}

std::string MappingTraits<Quantize>::validate(IO &, Quantize &quantize) {
  std::string problem =
      firstOf({checkOneOf("storage", quantize.storage,
                          {"none", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "ui2", "ui3", "ui4", "ui5", "ui6", "ui7",
                           "ui8", "f8E4M3FN", "f8E5M2"}),
               checkOneOf("scale", quantize.scale, {"f16", "f32", "f8E8M0FNU"}),
               checkOneOf("algorithm", quantize.algorithm, {"minmax", "mse", "squant", "gptq"}),
               checkOneOf("ragged", quantize.ragged, {"error", "shrink"}),
               quantize.codebook.empty() ? "" : checkOneOf("codebook", quantize.codebook, {"nf4", "fp4"}),
               checkRange("damping", quantize.damping, 0, 1)});
  if (!problem.empty())
    return problem;
  if (quantize.block < -1)
    return "block must be -1 (per tensor), 0 (per channel) or positive";
  if (!quantize.codebook.empty() && quantize.storage != "ui4")
    return "codebook " + quantize.codebook + " needs storage ui4: its codes are indices of 16 entries";
  return quantize.scaleBlock < -1 ? "scale_block must be -1 (one f32 scale per output channel), 0 or positive" : "";
}

void MappingTraits<Activations>::mapping(IO &io, Activations &activations) {
  io.mapRequired("storage", activations.storage);
  io.mapOptional("calibration", activations.calibration);
  io.mapOptional("block", activations.block);
}

std::string MappingTraits<Activations>::validate(IO &, Activations &activations) {
  std::string problem = firstOf({checkOneOf("storage", activations.storage, {"none", "ui8", "i8"}),
                                 checkOneOf("calibration", activations.calibration,
                                            {"minmax", "percentile", "moving_average", "mse", "entropy", "dynamic"})});
  bool isDynamic = activations.calibration == "dynamic";
  if (!problem.empty())
    return problem;
  if (isDynamic && activations.storage == "ui8")
    return "calibration dynamic is symmetric: it needs storage i8";
  if (activations.block < 0 || (activations.block != 0 && !isDynamic))
    return "block of activations needs calibration dynamic, and must not be negative";
  return "";
}

void MappingTraits<Prune>::mapping(IO &io, Prune &prune) {
  FieldReader fields(io, prune);
  fields.number("sparsity", 0, 1);
  fields.integer("n", 1, 15);
  fields.integer("m", 2, 16);
  fields.block("block");
  fields.oneOf("method", {"magnitude", "wanda", "obs"});
  fields.oneOf("scope", {"layer", "row", "global"});
  fields.oneOf("positions", {"automatic", "bitmap", "n_m", "relative", "list"});
  fields.number("damping", 0, 1);
}

std::string MappingTraits<Prune>::validate(IO &, Prune &prune) {
  bool hasSparsity = !prune.get("sparsity").empty(), hasN = !prune.get("n").empty(), hasM = !prune.get("m").empty();
  if (hasN != hasM || hasSparsity == hasM)
    return "prune needs either sparsity, or n and m";
  if (hasM && std::stoll(prune.get("n").str()) >= std::stoll(prune.get("m").str()))
    return "n must be less than m";
  return hasM && !prune.get("block").empty() ? "n and m exclude block" : "";
}

void MappingTraits<StructuredPrune>::mapping(IO &io, StructuredPrune &prune) {
  FieldReader fields(io, prune);
  fields.number("ratio", 0, 1);
  fields.oneOf("importance", {"l1", "l2", "wanda", "obs"});
  fields.integer("multiple_of", 1);
  fields.flag("correct");
  io.mapOptional("damping", prune.damping);
  io.mapOptional("across_normalisation", prune.acrossNormalisation);
  io.mapOptional("budget", prune.budget);
}

std::string MappingTraits<StructuredPrune>::validate(IO &, StructuredPrune &prune) {
  if (prune.get("ratio").empty())
    return "missing required key 'ratio'";
  if (!prune.budget.empty())
    if (std::string problem = checkOneOf("budget", prune.budget, {"group", "channels", "parameters", "macs"});
        !problem.empty())
      return problem;
  return checkRange("damping", prune.damping, 0, 1);
}

void MappingTraits<Cluster>::mapping(IO &io, Cluster &cluster) {
  FieldReader fields(io, cluster);
  fields.integer("entries", 2, 256);
  fields.integer("group", 0);
  fields.oneOf("value", {"f16", "f32"});
  fields.flag("weighted");
  fields.flag("zero");
  fields.name("share");
}

std::string MappingTraits<Cluster>::validate(IO &, Cluster &) { return ""; }

void MappingTraits<Factorize>::mapping(IO &io, Factorize &factorize) {
  FieldReader fields(io, factorize);
  fields.integer("rank", 1);
  for (const char *key : {"energy", "error", "bytes", "macs"})
    fields.number(key, 0, 1);
  fields.oneOf("algorithm", {"svd", "whitened"});
  fields.oneOf("conv", {"channel", "spatial"});
}

std::string MappingTraits<Factorize>::validate(IO &, Factorize &factorize) {
  int64_t given = count_if(ArrayRef<StringRef>{"rank", "energy", "error", "bytes", "macs"},
                           [&](StringRef key) { return !factorize.get(key).empty(); });
  return given == 1 ? "" : "factorize needs exactly one of rank, energy, error, bytes and macs";
}

void MappingTraits<Smooth>::mapping(IO &io, Smooth &smooth) {
  io.mapOptional("algorithm", smooth.algorithm);
  io.mapOptional("alpha", smooth.alpha);
  io.mapOptional("all", smooth.all);
  io.mapOptional("insert_scale", smooth.insertScale);
}

std::string MappingTraits<Smooth>::validate(IO &, Smooth &smooth) {
  return firstOf(
      {checkOneOf("algorithm", smooth.algorithm, {"smooth", "awq"}), checkRange("alpha", smooth.alpha, 0, 1)});
}

void MappingTraits<Equalize>::mapping(IO &io, Equalize &equalize) { io.mapOptional("iterations", equalize.iterations); }

std::string MappingTraits<Equalize>::validate(IO &, Equalize &equalize) {
  return equalize.iterations.value_or(1) < 1 ? "iterations must be positive" : "";
}

void MappingTraits<CorrectBias>::mapping(IO &io, CorrectBias &correctBias) { io.mapOptional("all", correctBias.all); }

std::string MappingTraits<CorrectBias>::validate(IO &, CorrectBias &) { return ""; }

void MappingTraits<Share>::mapping(IO &io, Share &share) {
  FieldReader fields(io, share);
  fields.name("group");
  fields.integer("rank", 1);
  io.mapOptional("constants", share.constants);
  std::string algorithm = "svd";
  io.mapOptional("algorithm", algorithm);
  if (std::string problem = checkOneOf("algorithm", algorithm, {"svd", "whitened"}); !problem.empty())
    io.setError(problem);
  share.isWhitened = algorithm == "whitened";
}

std::string MappingTraits<Share>::validate(IO &, Share &share) {
  if (share.get("group").empty() != share.get("rank").empty())
    return "group and rank belong together";
  return share.fields.empty() && !share.constants ? "share needs group and rank, or constants: true" : "";
}

void MappingTraits<EntropyCode>::mapping(IO &io, EntropyCode &entropyCode) {
  FieldReader fields(io, entropyCode);
  fields.oneOf("coder", {"automatic", "huffman", "rans", "run_length"});
  fields.integer("block", 256, int64_t(1) << 24);
  fields.flag("floats");
}

std::string MappingTraits<EntropyCode>::validate(IO &, EntropyCode &) { return ""; }

void MappingTraits<SparsityBudget>::mapping(IO &io, SparsityBudget &budget) {
  io.mapRequired("sparsity", budget.sparsity);
}

std::string MappingTraits<SparsityBudget>::validate(IO &, SparsityBudget &budget) {
  return checkRange("sparsity", budget.sparsity, 0, 1);
}

void MappingTraits<Rule>::mapping(IO &io, Rule &rule) {
  io.mapOptional("match", rule.match);
  io.mapOptional("quantize", rule.quantize);
  io.mapOptional("activations", rule.activations);
  io.mapOptional("prune", rule.prune);
  io.mapOptional("structured_prune", rule.structuredPrune);
  io.mapOptional("cluster", rule.cluster);
  io.mapOptional("factorize", rule.factorize);
  io.mapOptional("smooth", rule.smooth);
  io.mapOptional("equalize", rule.equalize);
  io.mapOptional("correct_bias", rule.correctBias);
  io.mapOptional("share", rule.share);
  io.mapOptional("entropy_code", rule.entropyCode);
  io.mapOptional("sparsity_budget", rule.sparsityBudget);
  io.mapOptional("train", rule.train);
  io.mapOptional("max_error", rule.maxError);
  io.mapOptional("remove", rule.remove);
}

std::string MappingTraits<Rule>::validate(IO &, Rule &rule) {
  for (const std::string &kind : rule.remove) {
    std::string problem = checkOneOf(
        "request", kind, {"quantize", "prune", "structured_prune", "cluster", "factorize", "share", "entropy_code"});
    if (!problem.empty())
      return problem;
  }
  return rule.maxError && !(*rule.maxError > 0) ? "max_error must be positive" : "";
}
