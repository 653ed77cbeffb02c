// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An output that appears complete or not at all: written aside in the same
// folder, flushed to the disk, then renamed. The file that was there before
// stays until then, and the one aside is removed on failure and on signals.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_OUTPUTFILE_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_OUTPUTFILE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>

namespace condense::tool {

class OutputFile {
public:
  /// Starts to write `path`. "-" is the standard output; devices and pipes are
  /// written directly; a symbolic link keeps pointing where it points.
  static llvm::Expected<std::unique_ptr<OutputFile>> create(llvm::StringRef path);

  /// Discards what was written unless commit() succeeded.
  ~OutputFile();

  llvm::raw_fd_ostream &os() { return *stream; }

  /// What is written until commit(): for programs that write by name. Equal to
  /// the final path for devices and pipes.
  llvm::StringRef getTemporaryPath() const { return temporary; }

  /// False for devices and pipes: what went there is gone.
  bool canReadBack() const { return !isDirect(); }

  /// Flushes what os() wrote, so that it can be read from getTemporaryPath().
  llvm::Error flush();

  /// Makes the output appear under its name.
  llvm::Error commit();

private:
  OutputFile(std::string path, std::string target, std::string temporary)
      : path(std::move(path)), target(std::move(target)), temporary(std::move(temporary)) {}

  bool isDirect() const { return target == temporary; }

  std::string path;      ///< as the user wrote it
  std::string target;    ///< with symbolic links resolved
  std::string temporary; ///< where bytes go; `target` if it is no regular file
  std::unique_ptr<llvm::raw_fd_ostream> stream;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_OUTPUTFILE_H
