// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The element types of codes.

#include "condense/Dialect/Compress/IR/CodeType.h"

using namespace mlir;

/// Signed integers are written signless; an explicit `siN` is refused so that
/// there is one spelling.
static bool isCodeInteger(Type type, ArrayRef<unsigned> widths) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSigned() && llvm::is_contained(widths, integer.getWidth());
}

bool condense::compress::isWeightStorage(Type type) {
  return isCodeInteger(type, {2, 3, 4, 5, 6, 7, 8}) || isa<Float8E4M3FNType, Float8E5M2Type>(type);
}

bool condense::compress::isCodeType(Type type) { return isWeightStorage(type) || isCodeInteger(type, {16, 32}); }

condense::compress::CodeRange condense::compress::getCodeRange(Type integerType) {
  auto type = cast<IntegerType>(integerType);
  int64_t values = int64_t(1) << type.getWidth();
  if (type.isUnsigned())
    return {0, values - 1};
  return {-values / 2, values / 2 - 1};
}

Type condense::compress::getSignlessType(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(getSignlessType(shaped.getElementType()));
  if (auto integer = dyn_cast<IntegerType>(type); integer && integer.isUnsigned())
    return IntegerType::get(type.getContext(), integer.getWidth());
  return type;
}
