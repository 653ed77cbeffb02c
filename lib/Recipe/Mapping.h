// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What may stand in a recipe: the traits that YAML's reader asks for.

#ifndef CONDENSE_LIB_RECIPE_MAPPING_H
#define CONDENSE_LIB_RECIPE_MAPPING_H

#include "condense/Recipe/Recipe.h"
#include "llvm/Support/YAMLTraits.h"

LLVM_YAML_IS_SEQUENCE_VECTOR(condense::recipe::Rule)

namespace condense::recipe {
/// The complaint if `value` is none of `allowed`, else "".
std::string checkOneOf(llvm::StringRef key, llvm::StringRef value, llvm::ArrayRef<llvm::StringRef> allowed);
/// The complaint if a number is given and not in the interval, else "".
std::string checkRange(llvm::StringRef key, std::optional<double> value, double low, double high);
/// The first that is not "".
std::string firstOf(llvm::ArrayRef<std::string> problems);
} // namespace condense::recipe

namespace llvm::yaml {
#define CONDENSE_RECIPE_MAPPING(TYPE)                                                                                  \
  template <> struct MappingTraits<condense::recipe::TYPE> {                                                           \
    static void mapping(IO &io, condense::recipe::TYPE &value);                                                        \
    static std::string validate(IO &io, condense::recipe::TYPE &value);                                                \
  };
CONDENSE_RECIPE_MAPPING(Match)
CONDENSE_RECIPE_MAPPING(Quantize)
CONDENSE_RECIPE_MAPPING(Activations)
CONDENSE_RECIPE_MAPPING(Prune)
CONDENSE_RECIPE_MAPPING(StructuredPrune)
CONDENSE_RECIPE_MAPPING(Cluster)
CONDENSE_RECIPE_MAPPING(Factorize)
CONDENSE_RECIPE_MAPPING(Smooth)
CONDENSE_RECIPE_MAPPING(Equalize)
CONDENSE_RECIPE_MAPPING(CorrectBias)
CONDENSE_RECIPE_MAPPING(Share)
CONDENSE_RECIPE_MAPPING(EntropyCode)
CONDENSE_RECIPE_MAPPING(SparsityBudget)
CONDENSE_RECIPE_MAPPING(Distill)
CONDENSE_RECIPE_MAPPING(Train)
CONDENSE_RECIPE_MAPPING(Rule)
#undef CONDENSE_RECIPE_MAPPING
} // namespace llvm::yaml

#endif // CONDENSE_LIB_RECIPE_MAPPING_H
