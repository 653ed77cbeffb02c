// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytecode starts with 4 bytes of magic, the format's version as a
// variable-length number (one byte so far) and the producer, a string that ends
// in 0. Ours is "Condense <version> xxh3=<32 hexadecimal digits>".

#include "Bytecode.h"

#include "ToolError.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"

using namespace condense::tool;
using namespace llvm;

namespace {
constexpr StringLiteral magic("ML\xefR");
constexpr StringLiteral producer("Condense ");
constexpr StringLiteral mark(" xxh3=");
constexpr size_t digestSize = 32;
/// Further than this the producer is not looked for.
constexpr size_t maxHeader = 256;

/// The checksum of a file without its digest: of what is before and after it.
std::string computeDigest(StringRef before, StringRef after) {
  std::string parts;
  for (StringRef part : {before, after}) {
    XXH128_hash_t hash = xxh3_128bits({part.bytes_begin(), part.bytes_end()});
    char bytes[16];
    support::endian::write64le(bytes, hash.low64);
    support::endian::write64le(bytes + 8, hash.high64);
    parts.append(bytes, sizeof(bytes));
  }
  XXH128_hash_t hash = xxh3_128bits(arrayRefFromStringRef(parts));
  return utohexstr(hash.high64, /*LowerCase=*/true, 16) + utohexstr(hash.low64, /*LowerCase=*/true, 16);
}

/// Where the digest of bytecode with our producer begins, or npos.
size_t findDigest(StringRef bytes) {
  StringRef header = bytes.take_front(maxHeader);
  if (!header.drop_front(magic.size() + 1).starts_with(producer))
    return StringRef::npos;
  size_t begin = header.find(mark);
  if (begin == StringRef::npos)
    return begin;
  begin += mark.size();
  return begin + digestSize < bytes.size() && bytes[begin + digestSize] == 0 ? begin : StringRef::npos;
}
} // namespace

bool condense::tool::isBytecode(StringRef bytes) { return bytes.starts_with(magic); }

llvm::Error condense::tool::writeBytecode(mlir::ModuleOp module, OutputFile &file) {
  std::string name = (producer + CONDENSE_VERSION + mark).str() + std::string(digestSize, '0');
  mlir::BytecodeWriterConfig config(name);
  if (failed(mlir::writeBytecodeToFile(module, file.os(), config)))
    return makeError(ExitCode::Internal, "the model cannot be written");
  // What cannot be read again cannot be hashed; it is for pipes to vouch for.
  if (!file.canReadBack())
    return file.flush();
  if (llvm::Error error = file.flush())
    return error;
  auto buffer = MemoryBuffer::getFile(file.getTemporaryPath(), /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return ioError(file.getTemporaryPath() + ": cannot read back: " + buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  size_t begin = findDigest(bytes);
  if (begin == StringRef::npos)
    return makeError(ExitCode::Internal, "the checksum has no place");
  std::string digest = computeDigest(bytes.take_front(begin), bytes.drop_front(begin + digestSize));
  file.os().pwrite(digest.data(), digest.size(), begin);
  return file.flush();
}

llvm::Error condense::tool::verifyBytecode(StringRef bytes, StringRef path) {
  size_t begin = findDigest(bytes);
  if (begin == StringRef::npos)
    return inputError(path + ": bytecode without the checksum of Condense: it "
                             "is damaged or of another producer; convert it "
                             "to text (.mlir) with the tool that wrote it");
  StringRef expected = bytes.substr(begin, digestSize);
  std::string found = computeDigest(bytes.take_front(begin), bytes.drop_front(begin + digestSize));
  if (expected != found)
    return inputError(path + ": the file is damaged: expected checksum " + expected + ", found " + found +
                      "; make or copy it again");
  return llvm::Error::success();
}
