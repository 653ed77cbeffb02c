// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values in the text of pipelines and attributes.

#ifndef CONDENSE_LIB_RECIPE_TEXT_H
#define CONDENSE_LIB_RECIPE_TEXT_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace condense::recipe {

/// The shortest decimal that reads back as `value`, with a point as MLIR wants it.
std::string formatNumber(double value);
std::string formatNumber(float value);

/// The value of a pass option, quoted if it must be. Globs may hold what
/// separates options.
std::string quote(llvm::StringRef value);

} // namespace condense::recipe

#endif // CONDENSE_LIB_RECIPE_TEXT_H
