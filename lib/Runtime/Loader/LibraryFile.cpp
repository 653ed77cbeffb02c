// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the headers of an ELF file. Sizes are checked before they are used.

#include "LibraryFile.h"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <sys/stat.h>
#include <vector>

using namespace condense::runtime;

namespace {
/// Whether `count` entries of `size` bytes at `offset` lie within `fileSize`.
bool liesWithin(uint64_t offset, uint64_t count, uint64_t size, uint64_t fileSize) {
  uint64_t bytes = 0;
  return !__builtin_mul_overflow(count, size, &bytes) && bytes <= fileSize && offset <= fileSize - bytes;
}

bool hasWholeSegments(std::ifstream &file, const Elf64_Ehdr &header, uint64_t fileSize) {
  if (!liesWithin(header.e_phoff, header.e_phnum, sizeof(Elf64_Phdr), fileSize) ||
      !liesWithin(header.e_shoff, header.e_shnum, sizeof(Elf64_Shdr), fileSize))
    return false;
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  file.seekg(static_cast<std::streamoff>(header.e_phoff));
  file.read(reinterpret_cast<char *>(segments.data()),
            static_cast<std::streamsize>(segments.size() * sizeof(Elf64_Phdr)));
  if (!file)
    return false;
  for (const Elf64_Phdr &segment : segments)
    if (!liesWithin(segment.p_offset, 1, segment.p_filesz, fileSize))
      return false;
  return true;
}
} // namespace

bool condense::runtime::checkLibraryFile(const std::string &path, std::string &error) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    error = path + ": cannot load: " + std::strerror(errno);
    return false;
  }
  Elf64_Ehdr header = {};
  std::ifstream file;
  if (S_ISREG(status.st_mode))
    file.open(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char *>(&header), sizeof(header)) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr)) {
    error = path + ": not a compiled model: expected a shared library";
    return false;
  }
  if (!hasWholeSegments(file, header, static_cast<uint64_t>(status.st_size))) {
    error = path + ": the file is truncated: it ends before its segments; "
                   "copy or compile it again";
    return false;
  }
  return true;
}
