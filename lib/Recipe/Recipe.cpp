// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recipes from YAML, with a line number in every complaint.

#include "condense/Recipe/Recipe.h"

#include "Mapping.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace condense::recipe;
using namespace llvm;

/// Keeps the first complaint as "file:line: text".
static void keepFirst(const SMDiagnostic &diagnostic, void *context) {
  auto &message = *static_cast<std::string *>(context);
  if (message.empty())
    message = (diagnostic.getFilename() + ":" + Twine(diagnostic.getLineNo()) + ": " + diagnostic.getMessage()).str();
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
    depth += line.count('[') + line.count('{') - line.count(']') - line.count('}');
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

static llvm::Error makeError(const Twine &message) { return createStringError(inconvertibleErrorCode(), message); }

Expected<Recipe> condense::recipe::parseRecipe(StringRef text, StringRef file) {
  if (nestsTooDeep(text))
    return makeError(file + ": the recipe nests too deep");
  const std::string isEmpty = (file + ": the recipe is empty: expected a list of rules").str();
  if (hasNoContent(text))
    return makeError(isEmpty);
  Recipe recipe;
  std::string message;
  yaml::Input input(MemoryBufferRef(text, file), /*Ctxt=*/nullptr, keepFirst, &message);
  input >> recipe.rules;
  if (input.error() || !message.empty())
    return makeError(message.empty() ? file + ": not a recipe" : message);
  if (input.nextDocument())
    return makeError(file + ": expected one YAML document, found more");
  if (recipe.rules.empty())
    return makeError(isEmpty);
  for (auto [index, rule] : enumerate(recipe.rules))
    if (rule.isEmpty())
      return makeError(file + ": rule " + Twine(index + 1) +
                       " does nothing: expected a technique such as "
                       "'quantize', 'prune' or 'activations'");
  if (count_if(recipe.rules, [](const Rule &rule) { return rule.train.has_value(); }) > 1)
    return makeError(file + ": more than one rule says how to 'train'");
  if (any_of(recipe.rules, [](const Rule &rule) { return rule.train && rule.match; }))
    return makeError(
        file + ": 'train' is about the whole model: remove 'match' from its rule, or use 'trainable' and 'frozen'");
  bool keepsResidual = any_of(recipe.rules, [](const Rule &rule) { return rule.quantize && rule.quantize->residual; });
  if (keepsResidual && none_of(recipe.rules, [](const Rule &rule) { return rule.factorize.has_value(); }))
    return makeError(file + ": 'residual' keeps what quantization lost for a low-rank correction: "
                            "add 'factorize' for these layers");
  return recipe;
}

Expected<Recipe> condense::recipe::loadRecipe(StringRef nameOrPath, bool *isMissing) {
  if (StringRef text = getBuiltinRecipe(nameOrPath); !text.empty())
    return parseRecipe(text, nameOrPath);
  auto buffer = MemoryBuffer::getFile(nameOrPath);
  if (buffer)
    return parseRecipe((*buffer)->getBuffer(), nameOrPath);
  if (isMissing)
    *isMissing = true;
  return makeError(nameOrPath + ": cannot read: " + buffer.getError().message() + "; built-in recipes are " +
                   join(getBuiltinNames(), ", "));
}
