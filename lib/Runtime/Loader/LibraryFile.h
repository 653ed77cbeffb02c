// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whether a file can be a shared library at all.

#ifndef CONDENSE_LIB_RUNTIME_LOADER_LIBRARYFILE_H
#define CONDENSE_LIB_RUNTIME_LOADER_LIBRARYFILE_H

#include <string>

namespace condense::runtime {

/// Checks that `path` is a regular ELF file that holds everything its headers
/// speak of: the system's loader maps a file without looking, and a program
/// dies when it touches what is not there. Sets `error` if it returns false.
bool checkLibraryFile(const std::string &path, std::string &error);

} // namespace condense::runtime

#endif // CONDENSE_LIB_RUNTIME_LOADER_LIBRARYFILE_H
