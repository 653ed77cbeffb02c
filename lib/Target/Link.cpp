// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes temporary files and links them to a shared library.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace condense::target;

extern "C" const char condense_embedded_archive_begin[], condense_embedded_archive_end[],
    condense_embedded_header_begin[], condense_embedded_header_end[];

llvm::ArrayRef<char> condense::target::runtimeArchive() {
  return {condense_embedded_archive_begin, condense_embedded_archive_end};
}

llvm::StringRef condense::target::modelHeaderText() {
  return {condense_embedded_header_begin,
          static_cast<size_t>(condense_embedded_header_end - condense_embedded_header_begin)};
}

static llvm::Error fileError(const llvm::Twine &action, llvm::StringRef path, std::error_code code) {
  return llvm::createStringError("cannot " + action + " '" + path + "': " + code.message());
}

llvm::Expected<TemporaryFolder> TemporaryFolder::create() {
  llvm::SmallString<128> path;
  if (std::error_code code = llvm::sys::fs::createUniqueDirectory("condense", path)) {
    llvm::sys::path::system_temp_directory(/*erasedOnReboot=*/true, path);
    return fileError("create a folder for temporary files in", path, code);
  }
  TemporaryFolder folder;
  folder.path = path.str().str();
  return folder;
}

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    llvm::sys::fs::remove_directories(path);
}

std::string TemporaryFolder::file(llvm::StringRef name) const {
  llvm::SmallString<128> result(path);
  llvm::sys::path::append(result, name);
  return result.str().str();
}

llvm::Error condense::target::writeFile(llvm::StringRef path,
                                        llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return fileError("write", path, code);
  llvm::Error error = write(os);
  os.close();
  code = os.error();
  os.clear_error();
  if (error)
    return error;
  return code ? fileError("write", path, code) : llvm::Error::success();
}

static llvm::Expected<std::string> findLinker(llvm::StringRef name) {
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(name);
  if (program)
    return *program;
  return llvm::createStringError("'" + name +
                                 "' was not found: it links compiled models; install "
                                 "the packages clang-22 and lld-22, or name another C compiler");
}

static llvm::Error runLinker(llvm::ArrayRef<std::string> arguments, const TemporaryFolder &folder) {
  std::string log = folder.file("linker.txt"), reason;
  llvm::SmallVector<llvm::StringRef> views(arguments.begin(), arguments.end());
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), llvm::StringRef(log), llvm::StringRef(log)};
  int status = llvm::sys::ExecuteAndWait(arguments[0], views, std::nullopt, redirects,
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &reason);
  if (status == 0)
    return llvm::Error::success();
  std::string text = reason;
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    text += (*buffer)->getBuffer().take_front(2000).str();
  return llvm::createStringError("linking with '" + arguments[0] + "' failed: " + text);
}

/// What is exported: the functions of the C interface and nothing else.
static llvm::Error writeVersionScript(llvm::StringRef path) {
  return writeFile(path, [](llvm::raw_pwrite_stream &os) {
    os << "{ global: condense_model_*; condense_tensor_free; local: *; };\n";
    return llvm::Error::success();
  });
}

/// After the last section of the library's own memory the weights have a segment of their own.
static llvm::Error writeLayoutScript(llvm::StringRef path) {
  return writeFile(path, [](llvm::raw_pwrite_stream &os) {
    os << "SECTIONS { " << storedSection << " : { *(" << storedSection << ") } } INSERT AFTER .bss;\n";
    return llvm::Error::success();
  });
}

/// Where libomp lies beside the linker's own libraries, for those who have it in no standard place.
static std::string ompFolder(llvm::StringRef linker) {
  llvm::SmallString<128> real;
  if (llvm::sys::fs::real_path(linker, real))
    return "";
  llvm::StringRef prefix = llvm::sys::path::parent_path(llvm::sys::path::parent_path(real));
  llvm::SmallString<128> folder(prefix);
  llvm::sys::path::append(folder, "lib");
  return folder.str().str();
}

/// Whether the disk has less room than what is linked takes. The linker, which maps the file that it
/// writes, would end by a signal.
static bool isDiskFull(llvm::ArrayRef<std::string> inputs, uint64_t weightBytes, llvm::StringRef output) {
  uint64_t needed = weightBytes, size = 0;
  for (const std::string &input : inputs)
    if (!llvm::sys::fs::file_size(input, size))
      needed += size;
  llvm::ErrorOr<llvm::sys::fs::space_info> space = llvm::sys::fs::disk_space(output);
  return space && space->available < needed;
}

llvm::Error condense::target::linkSharedLibrary(llvm::ArrayRef<std::string> inputs, WeightBlob &weights,
                                                llvm::StringRef linker, bool threads, const TemporaryFolder &folder,
                                                llvm::StringRef outputPath) {
  llvm::Expected<std::string> program = findLinker(linker);
  if (!program)
    return program.takeError();
  std::string script = folder.file("exports.map"), layout = folder.file("layout.ld");
  if (llvm::Error error = writeVersionScript(script))
    return error;
  if (llvm::Error error = writeLayoutScript(layout))
    return error;
  llvm::SmallString<128> temporary;
  if (std::error_code code = llvm::sys::fs::createUniqueFile(outputPath + ".%%%%%%.tmp", temporary))
    return fileError("write", outputPath, code);
  llvm::scope_exit cleanup([&] { llvm::sys::fs::remove(temporary); });
  if (isDiskFull(inputs, getStoredBytes(weights), temporary))
    return fileError("write", outputPath, std::make_error_code(std::errc::no_space_on_device));

  std::vector<std::string> arguments = {*program,
                                        "-shared",
                                        "-fuse-ld=lld",
                                        "-nostartfiles",
                                        "-Wl,-z,defs",
                                        "-Wl,--gc-sections",
                                        "-Wl,--version-script=" + script};
  if (getStoredBytes(weights))
    arguments.push_back("-Wl,-T," + layout);
  // the functions of the runtime that nothing in the model calls are the ones that programs call
  arguments.push_back("-Wl,--whole-archive");
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  arguments.insert(arguments.end(), {"-Wl,--no-whole-archive", "-lm"});
  if (threads) {
    std::string omp = ompFolder(*program);
    arguments.insert(arguments.end(), {"-L" + omp, "-lomp", "-Wl,-rpath," + omp});
  }
  arguments.insert(arguments.end(), {"-o", temporary.str().str()});
  if (llvm::Error error = runLinker(arguments, folder))
    return error;
  if (llvm::Error error = storeWeights(weights, temporary))
    return error;
  if (std::error_code code = llvm::sys::fs::rename(temporary, outputPath))
    return fileError("write", outputPath, code);
  cleanup.release();
  return llvm::Error::success();
}
