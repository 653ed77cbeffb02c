// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The header of an .npy file: a Python dictionary literal with three keys.

#ifndef CONDENSE_LIB_IO_NPYHEADER_H
#define CONDENSE_LIB_IO_NPYHEADER_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace condense::npy {

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, the
/// keys in any order. On failure returns false and says why in `reason`.
bool parseHeader(std::string_view text, Header &header, std::string &reason);

} // namespace condense::npy

#endif // CONDENSE_LIB_IO_NPYHEADER_H
