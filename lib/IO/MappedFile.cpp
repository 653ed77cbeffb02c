// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Regular files mapped for reading.

#include "MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace condense::io;

Mapping::~Mapping() {
  if (address)
    munmap(address, size);
}

/// Without O_NONBLOCK, opening a FIFO would wait for a writer.
std::shared_ptr<Mapping> condense::io::mapFile(const std::string &path, std::string &reason) {
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    reason = std::strerror(errno);
    return nullptr;
  }
  auto mapping = std::make_shared<Mapping>();
  struct stat status;
  bool ok = fstat(descriptor, &status) == 0;
  bool isRegular = ok && S_ISREG(status.st_mode);
  if (isRegular && status.st_size > 0) {
    mapping->size = static_cast<size_t>(status.st_size);
    void *address = mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    ok = address != MAP_FAILED;
    mapping->address = ok ? address : nullptr;
  }
  reason = ok ? "not a regular file" : std::strerror(errno);
  close(descriptor);
  return ok && isRegular ? mapping : nullptr;
}
