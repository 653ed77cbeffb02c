// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads and describes .npy files: magic, version, length of the header, header,
// data. All sizes are checked before anything is read or computed with.

#include "condense/IO/Npy.h"

#include "MappedFile.h"
#include "NpyHeader.h"

#include <bit>
#include <cmath>
#include <cstring>

using namespace condense;
using namespace condense::npy;

static_assert(std::endian::native == std::endian::little);

namespace {
struct TypeInfo {
  DType type;
  const char *descr;
  const char *name;
  size_t size;
};
constexpr TypeInfo types[] = {
    {DType::Bool, "|b1", "bool", 1}, {DType::I8, "|i1", "i8", 1},   {DType::I16, "<i2", "i16", 2},
    {DType::I32, "<i4", "i32", 4},   {DType::I64, "<i8", "i64", 8}, {DType::U8, "|u1", "u8", 1},
    {DType::U16, "<u2", "u16", 2},   {DType::U32, "<u4", "u32", 4}, {DType::U64, "<u8", "u64", 8},
    {DType::F16, "<f2", "f16", 2},   {DType::F32, "<f4", "f32", 4}, {DType::F64, "<f8", "f64", 8},
};

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicSize = 6;

const TypeInfo &getInfo(DType type) { return types[static_cast<int>(type)]; }

/// Finds the type of `descr`. One-byte types may carry any byte order, "=" is
/// the machine's order.
const TypeInfo *findType(const std::string &descr) {
  if (descr.size() != 3 || !std::strchr("<=|>", descr[0]))
    return nullptr;
  for (const TypeInfo &info : types)
    if (descr.compare(1, 2, info.descr + 1) == 0 && (info.size == 1 || descr[0] == '<' || descr[0] == '='))
      return &info;
  return nullptr;
}

double halfToDouble(uint16_t bits) {
  double sign = bits & 0x8000 ? -1 : 1;
  int exponent = (bits >> 10) & 31;
  int mantissa = bits & 1023;
  if (exponent == 31)
    return mantissa ? std::nan("") : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

template <typename T> T load(const std::byte *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

/// Cuts one .npy file into header and data.
class FileParser {
public:
  FileParser(const std::byte *bytes, size_t size, const std::string &file, Array &array, Error &error)
      : bytes(bytes), size(size), file(file), array(array), error(error) {}

  bool parse() {
    std::string_view text;
    Header header;
    std::string reason;
    if (!findHeader(text))
      return false;
    if (!parseHeader(text, header, reason))
      return fail("bad header: " + reason);
    if (header.fortranOrder)
      return fail("the array is in Fortran order: expected C order; save "
                  "numpy.ascontiguousarray(x)");
    return setType(header.descr) && setShape(std::move(header.shape));
  }

private:
  bool fail(std::string what) {
    error = {/*isIO=*/false, file + ": " + std::move(what)};
    return false;
  }

  bool findHeader(std::string_view &text) {
    if (size == 0)
      return fail("the file is empty: expected an .npy file");
    if (size < magicSize + 2 || std::memcmp(bytes, magic, magicSize) != 0)
      return fail("not an .npy file: it does not start with \\x93NUMPY; save "
                  "it with numpy.save");
    unsigned version = std::to_integer<unsigned>(bytes[magicSize]);
    if (version < 1 || version > 3)
      return fail("expected version 1, 2 or 3 of the format, found " + std::to_string(version));
    size_t lengthSize = version == 1 ? 2 : 4;
    size_t begin = magicSize + 2 + lengthSize;
    if (size < begin)
      return fail("the file ends inside its header");
    size_t length = version == 1 ? load<uint16_t>(bytes + magicSize + 2, 0) : load<uint32_t>(bytes + magicSize + 2, 0);
    if (length > size - begin)
      return fail("the file ends inside its header: expected " + std::to_string(length) + " bytes of it, found " +
                  std::to_string(size - begin));
    text = {reinterpret_cast<const char *>(bytes + begin), length};
    dataBegin = begin + length;
    return true;
  }

  bool setType(const std::string &descr) {
    const TypeInfo *info = findType(descr);
    if (!info)
      return fail("element type '" + descr.substr(0, 32) +
                  "' is not supported; expected bool, or integers of 8 to 64 "
                  "or floats of 16 to 64 bits in little-endian order");
    array.type = info->type;
    return true;
  }

  bool setShape(std::vector<int64_t> shape) {
    int64_t elements = 1;
    bool overflow = false, empty = false;
    for (int64_t dim : shape) {
      empty |= dim == 0;
      overflow |= __builtin_mul_overflow(elements, dim ? dim : 1, &elements);
    }
    int64_t needed = 0;
    int64_t elementSize = static_cast<int64_t>(getSize(array.type));
    overflow |= __builtin_mul_overflow(elements, elementSize, &needed);
    if (overflow)
      return fail("shape " + toString(shape) + " does not fit into memory");
    array.elements = empty ? 0 : elements;
    array.bytes = empty ? 0 : static_cast<size_t>(needed);
    if (array.bytes != size - dataBegin)
      return fail("shape " + toString(shape) + " of " + std::string(getName(array.type)) + " needs " +
                  std::to_string(array.bytes) + " bytes of data, found " + std::to_string(size - dataBegin));
    array.shape = std::move(shape);
    array.data = bytes + dataBegin;
    return true;
  }

  const std::byte *bytes;
  size_t size;
  size_t dataBegin = 0;
  const std::string &file;
  Array &array;
  Error &error;
};
} // namespace

size_t condense::npy::getSize(DType type) { return getInfo(type).size; }

std::string_view condense::npy::getName(DType type) { return getInfo(type).name; }

std::string condense::npy::toString(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i != shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

double Array::at(int64_t index) const {
  switch (type) {
  case DType::Bool:
    return load<uint8_t>(data, index) != 0;
  case DType::I8:
    return load<int8_t>(data, index);
  case DType::I16:
    return load<int16_t>(data, index);
  case DType::I32:
    return load<int32_t>(data, index);
  case DType::I64:
    return static_cast<double>(load<int64_t>(data, index));
  case DType::U8:
    return load<uint8_t>(data, index);
  case DType::U16:
    return load<uint16_t>(data, index);
  case DType::U32:
    return load<uint32_t>(data, index);
  case DType::U64:
    return static_cast<double>(load<uint64_t>(data, index));
  case DType::F16:
    return halfToDouble(load<uint16_t>(data, index));
  case DType::F32:
    return load<float>(data, index);
  case DType::F64:
    return load<double>(data, index);
  }
  return 0;
}

bool condense::npy::parse(const std::byte *bytes, size_t size, const std::string &file, Array &array, Error &error) {
  return FileParser(bytes, size, file, array, error).parse();
}

bool condense::npy::read(const std::string &path, Array &array, Error &error) {
  std::string reason;
  std::shared_ptr<io::Mapping> mapping = io::mapFile(path, reason);
  if (!mapping) {
    error = {/*isIO=*/true, path + ": cannot read: " + reason};
    return false;
  }
  if (!parse(static_cast<const std::byte *>(mapping->address), mapping->size, path, array, error))
    return false;
  array.owner = std::move(mapping);
  return true;
}

std::string condense::npy::makeHeader(DType type, const std::vector<int64_t> &shape) {
  std::string text = "{'descr': '";
  text += getInfo(type).descr;
  text += "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : shape)
    text += std::to_string(dim) + ",";
  text += "), }";
  // The data start at a multiple of 64 bytes, as NumPy aligns them.
  size_t unpadded = magicSize + 4 + text.size() + 1;
  text.append((64 - unpadded % 64) % 64, ' ');
  text += '\n';
  std::string header(magic, magicSize);
  header += {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}
