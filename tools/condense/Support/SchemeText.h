// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A weight expression in words.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_SCHEMETEXT_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_SCHEMETEXT_H

#include "condense/Interfaces/CompressibleOpInterface.h"
#include <string>

namespace condense::tool {

/// How the weight of a layer is stored, and its input if that is quantized:
/// "f32", "i4 block 1x32, scale f16", "codebook of 16 f16, 10.0 % kept (bitmap), huffman".
std::string describeScheme(CompressibleOpInterface layer);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_SCHEMETEXT_H
