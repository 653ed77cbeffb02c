// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constant tensors as raw bytes.

#include "condense/IR/TensorConstant.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstdlib>

using namespace mlir;
using namespace condense;

/// Constants up to this size are printed where they are used.
static constexpr size_t kInlineBytes = 64;

int64_t condense::getElementBytes(Type elementType) {
  if (elementType.isInteger(1))
    return 1;
  if (!elementType.isIntOrFloat() || elementType.getIntOrFloatBitWidth() % 8 != 0)
    return 0;
  return elementType.getIntOrFloatBitWidth() / 8;
}

std::optional<int64_t> condense::getHostBytes(RankedTensorType type) {
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return std::nullopt;
  std::optional<int64_t> bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  if (llvm::is_contained(type.getShape(), 0))
    return 0;
  for (int64_t size : type.getShape())
    if (bytes)
      bytes = llvm::checkedMul(*bytes, size);
  return bytes;
}

bool condense::fitsInMemory(RankedTensorType type) {
  std::optional<int64_t> bytes = getHostBytes(type);
  if (!bytes)
    return false;
  // LLVM ends the process where `new` fails. Without volatile the pair would be optimized away.
  void *volatile memory = std::malloc(std::max<int64_t>(*bytes, 1));
  bool fits = memory != nullptr;
  std::free(memory);
  return fits;
}

static std::vector<char> repeat(ArrayRef<char> element, int64_t count) {
  std::vector<char> result(element.size() * count);
  for (int64_t i = 0; i < count; ++i)
    std::copy(element.begin(), element.end(), result.begin() + i * element.size());
  return result;
}

/// Booleans of a dense attribute, a byte each whatever the attribute's own
/// storage is.
static std::vector<char> expandBooleans(DenseElementsAttr dense) {
  std::vector<char> result;
  result.reserve(dense.getNumElements());
  for (bool value : dense.getValues<bool>())
    result.push_back(value);
  return result;
}

std::optional<TensorConstant> TensorConstant::get(ElementsAttr elements) {
  auto type = dyn_cast<RankedTensorType>(elements.getType());
  if (!type || !getHostBytes(type) || !getElementBytes(type.getElementType()))
    return std::nullopt;
  TensorConstant result;
  result.type = type;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    result.bytes = blob->getData();
    result.name = resource.getRawHandle().getKey();
  } else if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    if (dense.isSplat() && !fitsInMemory(type))
      return std::nullopt;
    if (type.getElementType().isInteger(1))
      result.expanded = expandBooleans(dense);
    else if (dense.isSplat())
      result.expanded = repeat(dense.getRawData(), type.getNumElements());
    else
      result.bytes = dense.getRawData();
  } else {
    return std::nullopt;
  }
  if (int64_t(result.getBytes().size()) != type.getNumElements() * getElementBytes(type.getElementType()))
    return std::nullopt;
  return result;
}

std::optional<TensorConstant> condense::getTensorConstant(Value value) {
  Attribute attr;
  if (!value || !matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  auto elements = dyn_cast<ElementsAttr>(attr);
  return elements ? TensorConstant::get(elements) : std::nullopt;
}

static ElementsAttr makeElements(RankedTensorType type, std::vector<char> bytes, StringRef name) {
  bool isBoolean = type.getElementType().isInteger(1);
  if (bytes.size() <= kInlineBytes && isBoolean)
    return DenseElementsAttr::get(type, SmallVector<bool>(bytes.begin(), bytes.end()));
  if (bytes.size() <= kInlineBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  auto owner = std::make_shared<std::vector<char>>(std::move(bytes));
  ArrayRef<char> data(*owner);
  AsmResourceBlob blob(
      data, alignof(std::max_align_t), [owner](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, name.empty() ? "constant" : name, std::move(blob));
}

arith::ConstantOp condense::createTensorConstant(OpBuilder &builder, Location loc, RankedTensorType type,
                                                 std::vector<char> bytes, StringRef name) {
  ElementsAttr elements = makeElements(type, std::move(bytes), name);
  return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(elements));
}

StringRef condense::getLayerName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (StringRef name = getLayerName(part); !name.empty())
        return name;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return getLayerName(call.getCallee());
  return "";
}
