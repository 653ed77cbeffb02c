// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The bytes of a model's constants, collected without copying them.

#ifndef CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H
#define CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace condense {

/// Constants that are placed one after the other in an array of bytes. The bytes are those of the
/// attributes: the context that owns them must live as long as this object, and resources
/// must not be changed.
class WeightBlob {
public:
  static constexpr uint64_t alignment = 64;
  /// The array of bytes that code refers to.
  static constexpr llvm::StringLiteral symbol = "condense_weights";

  /// Adds the elements of `attr`, unless equal bytes are there already. Returns their offset, or
  /// failure if the attribute's bytes are not available.
  mlir::FailureOr<uint64_t> add(mlir::ElementsAttr attr);

  /// Bytes of the whole array.
  uint64_t size() const { return end; }

  /// Writes all `size()` bytes, the gaps as zeros.
  void write(llvm::raw_ostream &os) const;

private:
  struct Chunk {
    uint64_t offset;
    llvm::ArrayRef<char> bytes;
  };
  uint64_t place(llvm::ArrayRef<char> bytes);

  std::vector<Chunk> chunks;
  /// Bytes that are not as they must be stored in any attribute.
  std::vector<std::unique_ptr<std::vector<char>>> owned;
  llvm::DenseMap<uint64_t, llvm::SmallVector<unsigned, 1>> chunksByHash;
  uint64_t end = 0;
};

} // namespace condense

#endif // CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H
