// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Regular files mapped for reading.

#ifndef CONDENSE_LIB_IO_MAPPEDFILE_H
#define CONDENSE_LIB_IO_MAPPEDFILE_H

#include <cstddef>
#include <memory>
#include <string>

namespace condense::io {

struct Mapping {
  void *address = nullptr;
  size_t size = 0;
  ~Mapping();
};

/// Maps the regular file `path`. On failure returns null and says why in
/// `reason`, without the file's name.
std::shared_ptr<Mapping> mapFile(const std::string &path, std::string &reason);

} // namespace condense::io

#endif // CONDENSE_LIB_IO_MAPPEDFILE_H
