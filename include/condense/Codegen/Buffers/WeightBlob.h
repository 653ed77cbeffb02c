// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The bytes of a model's constants, collected without copying them.

#ifndef CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H
#define CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H

#include "condense/Numerics/CodedArrays.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace condense {

/// Constants that are placed one after the other in an array of bytes. The bytes are those of the
/// attributes: the context that owns them must live as long as this object, and resources
/// must not be changed. Constants that become smaller when they are entropy-coded belong to a
/// second array, which exists only once they are decoded.
class WeightBlob {
public:
  static constexpr uint64_t alignment = 64;
  /// The array of bytes that code refers to.
  static constexpr llvm::StringLiteral symbol = "condense_weights";
  /// The array that is decoded when the model is loaded, and its coded form.
  static constexpr llvm::StringLiteral decodedSymbol = "condense_decoded_weights";
  static constexpr llvm::StringLiteral codedSymbol = "condense_coded_weights";

  /// Which constants are coded: none, those that save 5 %, or those, provided that the whole saves that much.
  enum class Coding { none, always, worthwhile };

  /// Where a constant lies.
  struct Place {
    bool isCoded; ///< in the array that is decoded
    uint64_t offset;
  };

  explicit WeightBlob(Coding coding = Coding::none) : coding(coding) {}

  /// Adds the elements of `attr`, unless equal bytes are there already. Returns their place, or
  /// failure if the attribute's bytes are not available.
  mlir::FailureOr<Place> add(mlir::ElementsAttr attr);

  /// Bytes of the array that is stored as it is.
  uint64_t size() const { return end; }
  /// Bytes of the other array, once decoded, and of its coded form; 0 if nothing is coded.
  uint64_t decodedSize() const { return decodedEnd; }
  uint64_t codedSize() const { return coded.numArrays() ? coded.size() : 0; }
  uint64_t numCoded() const { return coded.numArrays(); }

  Coding getCoding() const { return coding; }
  /// Whether the coding pays as it was asked to.
  bool isWorthwhile() const;

  /// Writes all `size()` bytes, the gaps as zeros.
  void write(llvm::raw_ostream &os) const;
  /// Writes the container of the coded array.
  void writeCoded(llvm::raw_ostream &os);

private:
  struct Chunk {
    Place place;
    llvm::ArrayRef<char> bytes;
  };
  Place place(llvm::ArrayRef<char> bytes, uint64_t elementBytes);

  Coding coding;
  std::vector<Chunk> chunks;
  numerics::CodedArrayContainer coded;
  /// Bytes that are not as they must be stored in any attribute.
  std::vector<std::unique_ptr<std::vector<char>>> owned;
  llvm::DenseMap<uint64_t, llvm::SmallVector<unsigned, 1>> chunksByHash;
  uint64_t end = 0, decodedEnd = 0;
};

} // namespace condense

#endif // CONDENSE_CODEGEN_BUFFERS_WEIGHTBLOB_H
