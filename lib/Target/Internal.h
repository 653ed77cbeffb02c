// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The steps of compiling to a shared library. Each returns an llvm::Error whose text is complete;
// the caller makes it a diagnostic.

#ifndef CONDENSE_LIB_TARGET_INTERNAL_H
#define CONDENSE_LIB_TARGET_INTERNAL_H

#include "condense/Target/Cpu.h"
#include "condense/Target/ModelInterface.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
class raw_ostream;
class raw_pwrite_stream;
} // namespace llvm

namespace condense {
class WeightBlob;
}

namespace condense::target {

/// What the tables of a compiled model say, beside its inputs and outputs.
struct ModelDescription {
  ModelInterface interface;
  std::string entry;         ///< name of the entry function in the module
  uint64_t weightBytes = 0;  ///< stored as they are
  uint64_t codedBytes = 0;   ///< stored coded
  uint64_t decodedBytes = 0; ///< what those become
};

/// Adds to the translated module what the runtime expects (tables and entry), makes everything else
/// internal, and gives all functions the attributes of `cpu`.
void completeModule(llvm::Module &module, const ModelDescription &description, const Cpu &cpu);

/// Optimises `module` for `cpu` and writes an object file for it. If `irPath` is not
/// empty, the optimised LLVM IR goes there.
llvm::Error emitObject(llvm::Module &module, const Cpu &cpu, llvm::StringRef irPath, llvm::raw_pwrite_stream &os);

/// The section of the weights' bytes, coded ones included. An object file reserves memory for it; its bytes are
/// appended to the linked library.
inline constexpr llvm::StringLiteral storedSection = ".condense.weights";
uint64_t getStoredBytes(const WeightBlob &weights);
void writeStoredBytes(WeightBlob &weights, llvm::raw_ostream &os);

/// Writes an object file that defines the symbols of the weights, without their bytes.
void writeWeightObject(const WeightBlob &weights, llvm::raw_ostream &os);

/// Appends the bytes of the weights to the library that was linked with that object.
llvm::Error storeWeights(WeightBlob &weights, llvm::StringRef path);

/// The static library that is linked into every model.
llvm::ArrayRef<char> runtimeArchive();
/// The text of condense/Runtime/Model.h.
llvm::StringRef modelHeaderText();

/// A folder for temporary files, removed with the object.
class TemporaryFolder {
public:
  static llvm::Expected<TemporaryFolder> create();
  TemporaryFolder(TemporaryFolder &&other) : path(std::exchange(other.path, std::string())) {}
  TemporaryFolder &operator=(TemporaryFolder &&) = delete;
  ~TemporaryFolder();

  std::string file(llvm::StringRef name) const;

private:
  TemporaryFolder() = default;
  std::string path;
};

/// Runs `write` on a stream to `path`; an error names the file and the reason.
llvm::Error writeFile(llvm::StringRef path, llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write);

/// Links the files to a shared library with the weights, that appears at `outputPath` complete or not at all.
/// `folder` is for the linker's own files.
llvm::Error linkSharedLibrary(llvm::ArrayRef<std::string> inputs, WeightBlob &weights, llvm::StringRef linker,
                              bool threads, const TemporaryFolder &folder, llvm::StringRef outputPath);

} // namespace condense::target

#endif // CONDENSE_LIB_TARGET_INTERNAL_H
