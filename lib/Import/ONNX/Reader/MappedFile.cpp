//===- MappedFile.cpp - Open and map files that a model names -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model may name other files. Such a path is untrusted: the kernel is asked
// to resolve it strictly below the model's directory (openat2), and where that
// call is missing each component is opened by itself without following links.
//
//===----------------------------------------------------------------------===//

#include "ReaderContext.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace condense::onnx;

MappedFile::~MappedFile() {
  if (data)
    munmap(const_cast<std::byte *>(data), size);
}

std::shared_ptr<MappedFile> condense::onnx::mapDescriptor(int descriptor, std::string &reason) {
  struct Closer {
    int descriptor;
    ~Closer() { close(descriptor); }
  } closer{descriptor};

  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    reason = std::strerror(errno);
    return nullptr;
  }
  if (!S_ISREG(status.st_mode)) {
    reason = "it is not a regular file";
    return nullptr;
  }
  auto mapping = std::make_shared<MappedFile>();
  mapping->size = static_cast<size_t>(status.st_size);
  if (mapping->size == 0)
    return mapping;
  void *address = mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) {
    reason = std::strerror(errno);
    return nullptr;
  }
  mapping->data = static_cast<const std::byte *>(address);
  return mapping;
}

namespace {
/// Without O_NONBLOCK, opening a FIFO would wait for a writer.
constexpr int openFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

int openWithKernelCheck(int directory, const std::string &path) {
  open_how how = {};
  how.flags = openFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how)));
}

/// The same by hand, for kernels and sandboxes without openat2. `path` has no
/// ".." component (the caller has refused it).
int openByComponents(int directory, const std::string &path) {
  int current = dup(directory);
  size_t begin = 0;
  while (current >= 0) {
    size_t end = path.find('/', begin);
    std::string component = path.substr(begin, end - begin);
    bool last = end == std::string::npos;
    int flags = openFlags | O_NOFOLLOW | (last ? 0 : O_DIRECTORY);
    if (component.empty())
      component = ".";
    int next = openat(current, component.c_str(), flags);
    int savedError = errno;
    close(current);
    errno = savedError;
    if (last)
      return next;
    current = next;
    begin = end + 1;
  }
  return -1;
}

bool isPlainRelativePath(const std::string &path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string::npos)
    return false;
  for (size_t begin = 0; begin != std::string::npos;) {
    size_t end = path.find('/', begin);
    if (path.substr(begin, end - begin) == "..")
      return false;
    begin = end == std::string::npos ? end : end + 1;
  }
  return true;
}
} // namespace

int condense::onnx::openBeneath(const std::string &directory, const std::string &path, std::string &reason) {
  if (!isPlainRelativePath(path)) {
    reason = "the path must be relative and stay below the model's directory";
    return -1;
  }
  int base = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (base < 0) {
    reason = "the model's directory: " + std::string(std::strerror(errno));
    return -1;
  }
  int descriptor = openWithKernelCheck(base, path);
  if (descriptor < 0 && (errno == ENOSYS || errno == EPERM))
    descriptor = openByComponents(base, path);
  int savedError = errno;
  close(base);
  if (descriptor >= 0)
    return descriptor;
  if (savedError == ELOOP || savedError == EXDEV)
    reason = "the path goes through a symbolic link or leaves the model's "
             "directory; put the file itself beside the model";
  else
    reason = std::strerror(savedError);
  return -1;
}
