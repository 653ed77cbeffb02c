// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Collects the bytes of constants. Blobs of resources are used where they lie (often in a mapped
// file); only splats and bools are expanded.

#include "condense/Codegen/Buffers/WeightBlob.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace condense;

/// Bytes of one element in memory; 0 for types without a fixed size.
static uint64_t storedBytes(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * storedBytes(complex.getElementType());
  if (type.isIndex())
    return 8;
  return type.isIntOrFloat() ? llvm::divideCeil(type.getIntOrFloatBitWidth(), 8) : 0;
}

/// The bytes of `attr` if it holds them one element after the other, else nothing.
static std::optional<ArrayRef<char>> rawBytes(ElementsAttr attr) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? std::optional(blob->getData()) : std::nullopt;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || dense.isSplat() || dense.getElementType().isInteger(1))
    return std::nullopt;
  return dense.getRawData();
}

/// The bytes of a splat or of bools, expanded.
static std::unique_ptr<std::vector<char>> expand(DenseElementsAttr attr, uint64_t elementBytes) {
  auto bytes = std::make_unique<std::vector<char>>();
  if (attr.getElementType().isInteger(1)) {
    for (bool value : attr.getValues<bool>())
      bytes->push_back(value);
    return bytes;
  }
  ArrayRef<char> element = attr.getRawData();
  if (!attr.isSplat() || element.size() != elementBytes)
    return nullptr;
  bytes->reserve(attr.getNumElements() * elementBytes);
  for (int64_t i = 0, e = attr.getNumElements(); i < e; ++i)
    bytes->insert(bytes->end(), element.begin(), element.end());
  return bytes;
}

/// Coding must save this share of what it is applied to.
static constexpr double leastSaving = 0.05;

FailureOr<WeightBlob::Place> WeightBlob::add(ElementsAttr attr) {
  uint64_t elementBytes = storedBytes(attr.getElementType());
  uint64_t expected = elementBytes * attr.getNumElements();
  if (std::optional<ArrayRef<char>> bytes = rawBytes(attr)) {
    if (expected == 0 || bytes->size() != expected)
      return failure();
    return place(*bytes, elementBytes);
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  std::unique_ptr<std::vector<char>> bytes = dense ? expand(dense, elementBytes) : nullptr;
  if (!bytes || bytes->size() != expected)
    return failure();
  size_t before = chunks.size();
  Place result = place(*bytes, elementBytes);
  if (chunks.size() != before)
    owned.push_back(std::move(bytes));
  return result;
}

WeightBlob::Place WeightBlob::place(ArrayRef<char> bytes, uint64_t elementBytes) {
  uint64_t hash = llvm::xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  hash &= ~uint64_t(3); // the map reserves the largest keys
  for (unsigned index : chunksByHash[hash])
    if (chunks[index].bytes == bytes)
      return chunks[index].place;
  std::optional<std::vector<uint8_t>> code;
  if (coding != Coding::none)
    code =
        numerics::codeArray({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}, elementBytes, leastSaving);
  uint64_t &arrayEnd = code ? decodedEnd : end;
  Place place{code.has_value(), llvm::alignTo(arrayEnd, alignment)};
  if (code)
    coded.add(place.offset, *code);
  chunksByHash[hash].push_back(chunks.size());
  chunks.push_back({place, bytes});
  arrayEnd = place.offset + bytes.size();
  return place;
}

bool WeightBlob::isWorthwhile() const {
  if (coding != Coding::worthwhile)
    return true;
  return numCoded() && codedSize() + leastSaving * (end + decodedEnd) < decodedEnd;
}

void WeightBlob::write(llvm::raw_ostream &os) const {
  uint64_t position = 0;
  for (const Chunk &chunk : chunks) {
    if (chunk.place.isCoded)
      continue;
    os.write_zeros(chunk.place.offset - position);
    os.write(chunk.bytes.data(), chunk.bytes.size());
    position = chunk.place.offset + chunk.bytes.size();
  }
}

void WeightBlob::writeCoded(llvm::raw_ostream &os) {
  const std::vector<uint8_t> &bytes = coded.finish();
  os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}
