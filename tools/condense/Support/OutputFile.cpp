// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writing aside and renaming.

#include "OutputFile.h"

#include "ToolError.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace condense::tool;
using namespace llvm;
namespace fs = llvm::sys::fs;

namespace {
llvm::Error writeError(StringRef path, const Twine &reason) { return ioError(path + ": cannot write: " + reason); }

/// Follows a link so that it is its target that is replaced.
std::string resolveLinks(StringRef path) {
  SmallString<256> real;
  if (!fs::is_symlink_file(path))
    return path.str();
  if (!fs::real_path(path, real))
    return std::string(real);
  // The target does not exist yet.
  char target[4096];
  ssize_t size = readlink(path.str().c_str(), target, sizeof(target));
  if (size <= 0)
    return path.str();
  StringRef link(target, size);
  if (sys::path::is_absolute(link))
    return link.str();
  real = sys::path::parent_path(path);
  sys::path::append(real, link);
  return std::string(real);
}

/// fsync of a file or folder by name; folders of some file systems refuse it,
/// which loses nothing that could be saved.
std::error_code syncPath(const std::string &path, int flags) {
  int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0)
    return std::error_code(errno, std::generic_category());
  std::error_code result;
  if (fsync(descriptor) != 0)
    result = std::error_code(errno, std::generic_category());
  close(descriptor);
  return result;
}

/// Creates a file beside `target` that goes away when a signal ends the process. It is
/// announced before it exists: creating it may take long, and the signal may come then.
std::error_code createTemporary(const std::string &target, int &descriptor, SmallVectorImpl<char> &path) {
  std::error_code error;
  for (int attempt = 0; attempt != 100; ++attempt) {
    path.clear();
    fs::createUniquePath(target + ".tmp-%%%%%%%%", path, /*MakeAbsolute=*/false);
    StringRef name(path.data(), path.size());
    sys::RemoveFileOnSignal(name);
    error = fs::openFileForReadWrite(name, descriptor, fs::CD_CreateNew, fs::OF_None);
    if (!error)
      return error;
    sys::DontRemoveFileOnSignal(name);
    if (error != std::errc::file_exists)
      return error;
  }
  return error;
}
} // namespace

Expected<std::unique_ptr<OutputFile>> OutputFile::create(StringRef path) {
  std::string target = resolveLinks(path);
  fs::file_status status;
  bool exists = path != "-" && !fs::status(target, status) && fs::exists(status);
  if (exists && fs::is_directory(status))
    return writeError(path, "it is a directory; name a file");
  bool direct = path == "-" || (exists && !fs::is_regular_file(status));

  std::error_code error;
  if (direct) {
    std::unique_ptr<OutputFile> file(new OutputFile(path.str(), target, target));
    file->stream = std::make_unique<raw_fd_ostream>(target, error, fs::CD_OpenExisting, fs::FA_Write, fs::OF_None);
    if (error)
      return writeError(path, error.message());
    return file;
  }
  int descriptor = -1;
  SmallString<256> temporary;
  error = createTemporary(target, descriptor, temporary);
  if (error)
    return writeError(path, error.message());
  std::unique_ptr<OutputFile> file(new OutputFile(path.str(), target, std::string(temporary)));
  file->stream = std::make_unique<raw_fd_ostream>(descriptor, /*shouldClose=*/true);
  return file;
}

OutputFile::~OutputFile() {
  if (stream)
    stream->clear_error();
  if (isDirect() || temporary.empty())
    return;
  stream.reset();
  fs::remove(temporary);
  sys::DontRemoveFileOnSignal(temporary);
}

llvm::Error OutputFile::flush() {
  stream->flush();
  if (!stream->has_error())
    return llvm::Error::success();
  std::error_code error = stream->error();
  stream->clear_error();
  return writeError(path, error.message());
}

llvm::Error OutputFile::commit() {
  if (llvm::Error error = flush())
    return error;
  if (isDirect())
    return llvm::Error::success();
  stream->close();
  if (stream->has_error())
    return flush();
  std::error_code error = syncPath(temporary, O_RDONLY);
  if (!error)
    error = fs::rename(temporary, target);
  // a signal's handler, on another thread, may have removed the file just now: it is
  // about to end the process, and that is what the caller shall see
  if (error == std::errc::no_such_file_or_directory)
    std::this_thread::sleep_for(std::chrono::seconds(2));
  if (error)
    return writeError(path, error.message());
  sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
  StringRef folder = sys::path::parent_path(target);
  syncPath(folder.empty() ? "." : folder.str(), O_RDONLY | O_DIRECTORY);
  return llvm::Error::success();
}
