// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The header of a safetensors file: an object of objects with three keys. Read
// without recursion, so that no nesting can exhaust the stack.

#ifndef CONDENSE_LIB_IO_SAFETENSORSHEADER_H
#define CONDENSE_LIB_IO_SAFETENSORSHEADER_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace condense::safetensors {

struct HeaderEntry {
  std::string name;
  std::string type;
  std::vector<int64_t> shape;
  int64_t begin = 0, end = 0; ///< of the data
};

/// Parses `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
/// ...}`; "__metadata__" is skipped. On failure returns false and says why in
/// `reason`.
bool parseHeader(std::string_view text, std::vector<HeaderEntry> &entries, std::string &reason);

/// `text` as a JSON string.
std::string quote(std::string_view text);

} // namespace condense::safetensors

#endif // CONDENSE_LIB_IO_SAFETENSORSHEADER_H
