// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes and names of the element types of tensors.

#include "condense/Runtime/Loader.h"

using namespace condense::runtime;

size_t condense::runtime::elementBytes(int32_t dtype) {
  switch (dtype) {
  case CONDENSE_BOOL:
  case CONDENSE_I8:
  case CONDENSE_U8:
    return 1;
  case CONDENSE_I16:
  case CONDENSE_U16:
  case CONDENSE_F16:
  case CONDENSE_BF16:
    return 2;
  case CONDENSE_I32:
  case CONDENSE_U32:
  case CONDENSE_F32:
    return 4;
  case CONDENSE_I64:
  case CONDENSE_U64:
  case CONDENSE_F64:
    return 8;
  default:
    return 0;
  }
}

const char *condense::runtime::dtypeName(int32_t dtype) {
  static const char *const names[] = {"unknown", "bool",  "int8",   "uint8",   "int16",    "uint16",  "int32",
                                      "uint32",  "int64", "uint64", "float16", "bfloat16", "float32", "float64"};
  return elementBytes(dtype) ? names[dtype] : names[0];
}

std::string condense::runtime::describeType(int32_t dtype, const int64_t *shape, size_t rank) {
  std::string text = dtypeName(dtype);
  text += '[';
  for (size_t d = 0; d < rank; ++d) {
    text += d ? "x" : "";
    text += shape[d] < 0 ? "?" : std::to_string(shape[d]);
  }
  return text + ']';
}
