// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recipes from YAML, with a line number in every complaint.

#include "condense/Recipe/Recipe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"

using namespace condense::recipe;
using namespace llvm;

LLVM_YAML_IS_SEQUENCE_VECTOR(condense::recipe::Rule)

/// The complaint if `value` is none of `allowed`, else "".
static std::string checkOneOf(StringRef key, StringRef value,
                              ArrayRef<StringRef> allowed) {
  if (is_contained(allowed, value))
    return "";
  return ("unknown " + key + " '" + value + "': expected " +
          join(allowed, ", "))
      .str();
}

namespace llvm::yaml {
template <> struct MappingTraits<Match> {
  static void mapping(IO &io, Match &match) {
    io.mapOptional("layers", match.layers);
    io.mapOptional("ops", match.ops);
    io.mapOptional("min_elements", match.minElements);
    io.mapOptional("smallest_share", match.smallestShare);
  }
  static std::string validate(IO &, Match &match) {
    if (match.minElements < 0)
      return "min_elements must not be negative";
    if (!(match.smallestShare > 0 && match.smallestShare <= 1))
      return "smallest_share must be above 0 and at most 1";
    for (const std::string &op : match.ops)
      if (op.empty() || !all_of(op, [](char c) {
            return isAlnum(c) || c == '_' || c == '.';
          }))
        return "'" + op +
               "' is no operation's name: expected a name such as "
               "linear or nn.conv2d";
    if (Expected<GlobPattern> glob = GlobPattern::create(match.layers); !glob)
      return "bad glob '" + match.layers + "': " + toString(glob.takeError());
    return "";
  }
};

template <> struct MappingTraits<Quantize> {
  static void mapping(IO &io, Quantize &quantize) {
    io.mapRequired("storage", quantize.storage);
    io.mapOptional("block", quantize.block);
    io.mapOptional("scale", quantize.scale);
    io.mapOptional("algorithm", quantize.algorithm);
    io.mapOptional("ragged", quantize.ragged);
  }
  static std::string validate(IO &, Quantize &quantize) {
    std::string problems[] = {
        checkOneOf("storage", quantize.storage,
                   {"none", "i2", "i3", "i4", "i8", "ui2", "ui3", "ui4", "ui8",
                    "f8E4M3FN", "f8E5M2"}),
        checkOneOf("scale", quantize.scale, {"f16", "f32"}),
        checkOneOf("algorithm", quantize.algorithm, {"minmax", "mse", "squant"}),
        checkOneOf("ragged", quantize.ragged, {"error", "shrink"})};
    for (const std::string &problem : problems)
      if (!problem.empty())
        return problem;
    return quantize.block < -1
               ? "block must be -1 (per tensor), 0 (per channel) or positive"
               : "";
  }
};

template <> struct MappingTraits<Activations> {
  static void mapping(IO &io, Activations &activations) {
    io.mapRequired("storage", activations.storage);
    io.mapOptional("calibration", activations.calibration);
  }
  static std::string validate(IO &, Activations &activations) {
    std::string problem =
        checkOneOf("storage", activations.storage, {"none", "ui8", "i8"});
    return problem.empty()
               ? checkOneOf("calibration", activations.calibration,
                            {"minmax", "percentile", "moving_average", "mse"})
               : problem;
  }
};

template <> struct MappingTraits<Rule> {
  static void mapping(IO &io, Rule &rule) {
    io.mapOptional("match", rule.match);
    io.mapOptional("quantize", rule.quantize);
    io.mapOptional("activations", rule.activations);
  }
};
} // namespace llvm::yaml

/// Keeps the first complaint as "file:line: text".
static void keepFirst(const SMDiagnostic &diagnostic, void *context) {
  auto &message = *static_cast<std::string *>(context);
  if (message.empty())
    message = (diagnostic.getFilename() + ":" + Twine(diagnostic.getLineNo()) +
               ": " + diagnostic.getMessage())
                  .str();
}

/// YAML's parser is recursive, and no recipe nests deep.
static bool nestsTooDeep(StringRef text) {
  constexpr int maxDepth = 64;
  int depth = 0;
  for (StringRef rest = text; !rest.empty();) {
    auto [line, tail] = rest.split('\n');
    rest = tail;
    if (line.count("- ") > maxDepth || line.count(": ") > maxDepth)
      return true;
    depth +=
        line.count('[') + line.count('{') - line.count(']') - line.count('}');
    if (depth > maxDepth || line.count('[') + line.count('{') > maxDepth)
      return true;
  }
  return false;
}

/// YAML's reader does not expect a file without any document.
static bool hasNoContent(StringRef text) {
  for (StringRef rest = text; !rest.empty();) {
    auto [line, tail] = rest.split('\n');
    rest = tail;
    if (line = line.trim(); !line.empty() && line[0] != '#' && line != "---")
      return false;
  }
  return true;
}

static llvm::Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

Expected<Recipe> condense::recipe::parseRecipe(StringRef text, StringRef file) {
  if (nestsTooDeep(text))
    return makeError(file + ": the recipe nests too deep");
  const std::string isEmpty =
      (file + ": the recipe is empty: expected a list of rules").str();
  if (hasNoContent(text))
    return makeError(isEmpty);
  Recipe recipe;
  std::string message;
  yaml::Input input(MemoryBufferRef(text, file), /*Ctxt=*/nullptr, keepFirst,
                    &message);
  input >> recipe.rules;
  if (input.error() || !message.empty())
    return makeError(message.empty() ? file + ": not a recipe" : message);
  if (input.nextDocument())
    return makeError(file + ": expected one YAML document, found more");
  if (recipe.rules.empty())
    return makeError(isEmpty);
  for (auto [index, rule] : enumerate(recipe.rules))
    if (!rule.quantize && !rule.activations)
      return makeError(file + ": rule " + Twine(index + 1) +
                       " does nothing: expected 'quantize' or 'activations'");
  return recipe;
}

Expected<Recipe> condense::recipe::loadRecipe(StringRef nameOrPath,
                                              bool *isMissing) {
  if (StringRef text = getBuiltinRecipe(nameOrPath); !text.empty())
    return parseRecipe(text, nameOrPath);
  auto buffer = MemoryBuffer::getFile(nameOrPath);
  if (buffer)
    return parseRecipe((*buffer)->getBuffer(), nameOrPath);
  if (isMissing)
    *isMissing = true;
  return makeError(nameOrPath +
                   ": cannot read: " + buffer.getError().message() +
                   "; built-in recipes are " + join(getBuiltinNames(), ", "));
}

/// A value of a pass option. Globs may hold what separates options.
static std::string quote(StringRef value) {
  bool isPlain = all_of(value, [](char c) {
    return isAlnum(c) || StringRef("*?._-/").contains(c);
  });
  if (isPlain)
    return value.str();
  char mark = value.contains('"') ? '\'' : '"';
  return mark + value.str() + mark;
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

std::string Recipe::getAnnotatePasses() const {
  std::vector<std::string> passes;
  for (const Rule &rule : rules) {
    if (const auto &quantize = rule.quantize)
      passes.push_back("compress-annotate-weights{" + getMatchOptions(rule) +
                       getShareOption(rule) + "storage=" + quantize->storage +
                       " block=" + std::to_string(quantize->block) + " scale=" +
                       quantize->scale + " algorithm=" + quantize->algorithm +
                       " ragged=" + quantize->ragged + "}");
    if (const auto &activations = rule.activations) {
      passes.push_back("compress-annotate-activations{" +
                       getMatchOptions(rule) +
                       "storage=" + activations->storage +
                       " calibration=" + activations->calibration + "}");
    }
  }
  return join(passes, ",");
}

bool Recipe::needsCalibration() const {
  return any_of(rules, [](const Rule &rule) {
    return rule.activations && rule.activations->storage != "none";
  });
}
