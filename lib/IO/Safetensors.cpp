// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads and describes safetensors files. All sizes are checked before anything
// is read or computed with.

#include "condense/IO/Safetensors.h"

#include "MappedFile.h"
#include "SafetensorsHeader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

using namespace condense;
using namespace condense::safetensors;

static_assert(std::endian::native == std::endian::little);

namespace {
constexpr size_t lengthSize = 8;
/// As in the reference implementation.
constexpr uint64_t maxHeader = 100'000'000;

/// Bytes of an element, or 0 for an unknown type.
int64_t getElementSize(std::string_view type) {
  struct Type {
    std::string_view name;
    int64_t size;
  };
  constexpr Type types[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
                            {"U16", 2},  {"I16", 2}, {"F16", 2}, {"BF16", 2},    {"U32", 4},
                            {"I32", 4},  {"F32", 4}, {"U64", 8}, {"I64", 8},     {"F64", 8}};
  for (const Type &known : types)
    if (known.name == type)
      return known.size;
  return 0;
}

/// Cuts one file into header and tensors.
class FileParser {
public:
  FileParser(const std::byte *bytes, size_t size, const std::string &path, File &file, Error &error)
      : bytes(bytes), size(size), path(path), file(file), error(error) {}

  bool parse() {
    std::string_view text;
    std::string reason;
    std::vector<HeaderEntry> entries;
    if (!findHeader(text))
      return false;
    if (!parseHeader(text, entries, reason))
      return fail("bad header: " + reason);
    return checkCoverage(entries) && addTensors(entries);
  }

private:
  bool fail(std::string what) {
    error = {/*isIO=*/false, path + ": " + std::move(what)};
    return false;
  }

  bool findHeader(std::string_view &text) {
    if (size < lengthSize)
      return fail("not a safetensors file: it ends before its header");
    uint64_t length = 0;
    std::memcpy(&length, bytes, lengthSize);
    if (length > maxHeader || length > size - lengthSize)
      return fail("not a safetensors file: its header should have " + std::to_string(length) + " bytes, found " +
                  std::to_string(size - lengthSize));
    text = {reinterpret_cast<const char *>(bytes + lengthSize), length};
    dataBegin = lengthSize + length;
    return true;
  }

  static std::string name(const HeaderEntry &entry) { return "tensor '" + entry.name.substr(0, 64) + "'"; }

  /// Orders the entries by their data, which must leave no gap.
  bool checkCoverage(std::vector<HeaderEntry> &entries) {
    std::sort(entries.begin(), entries.end(), [](const HeaderEntry &a, const HeaderEntry &b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    int64_t end = 0;
    for (const HeaderEntry &entry : entries) {
      if (entry.begin != end || entry.end < entry.begin)
        return fail(name(entry) + " does not start where the one before ends");
      end = entry.end;
    }
    if (static_cast<uint64_t>(end) != size - dataBegin)
      return fail("the tensors need " + std::to_string(end) + " bytes of data, found " +
                  std::to_string(size - dataBegin));
    return true;
  }

  bool addTensors(std::vector<HeaderEntry> &entries) {
    for (HeaderEntry &entry : entries) {
      int64_t needed = getElementSize(entry.type);
      if (needed == 0)
        return fail(name(entry) + " has the unknown type '" + entry.type.substr(0, 32) + "'");
      bool overflow = false;
      for (int64_t dim : entry.shape)
        overflow |= __builtin_mul_overflow(needed, dim, &needed);
      if (overflow || needed != entry.end - entry.begin)
        return fail(name(entry) + " has " + std::to_string(entry.end - entry.begin) +
                    " bytes, which its shape and type do not need");
      file.tensors.push_back({std::move(entry.name), std::move(entry.type), std::move(entry.shape),
                              bytes + dataBegin + entry.begin, static_cast<size_t>(needed)});
    }
    auto before = [](const Tensor &a, const Tensor &b) { return a.name < b.name; };
    std::sort(file.tensors.begin(), file.tensors.end(), before);
    auto twice = std::adjacent_find(file.tensors.begin(), file.tensors.end(),
                                    [](const Tensor &a, const Tensor &b) { return a.name == b.name; });
    return twice == file.tensors.end() || fail("tensor '" + twice->name.substr(0, 64) + "' is there twice");
  }

  const std::byte *bytes;
  size_t size;
  size_t dataBegin = 0;
  const std::string &path;
  File &file;
  Error &error;
};
} // namespace

const float *Tensor::getFloats() const {
  bool isAligned = reinterpret_cast<uintptr_t>(data) % alignof(float) == 0;
  return type == "F32" && isAligned ? reinterpret_cast<const float *>(data) : nullptr;
}

const Tensor *File::find(std::string_view name) const {
  auto it = std::lower_bound(tensors.begin(), tensors.end(), name,
                             [](const Tensor &tensor, std::string_view name) { return tensor.name < name; });
  return it != tensors.end() && it->name == name ? &*it : nullptr;
}

bool condense::safetensors::parse(const std::byte *bytes, size_t size, const std::string &path, File &file,
                                  Error &error) {
  file = {};
  return FileParser(bytes, size, path, file, error).parse();
}

namespace {
/// What a file's tensors are read from.
struct Contents {
  std::shared_ptr<io::Mapping> mapping;
  std::vector<std::vector<float>> copies; ///< of those at odd addresses
};
} // namespace

/// The format lets data start anywhere.
static void alignFloats(File &file, Contents &contents) {
  for (Tensor &tensor : file.tensors) {
    if (tensor.type != "F32" || tensor.getFloats())
      continue;
    std::vector<float> &copy = contents.copies.emplace_back(tensor.bytes / sizeof(float));
    std::memcpy(copy.data(), tensor.data, tensor.bytes);
    tensor.data = reinterpret_cast<const std::byte *>(copy.data());
  }
}

bool condense::safetensors::read(const std::string &path, File &file, Error &error) {
  std::string reason;
  std::shared_ptr<io::Mapping> mapping = io::mapFile(path, reason);
  if (!mapping) {
    error = {/*isIO=*/true, path + ": cannot read: " + reason};
    return false;
  }
  if (!parse(static_cast<const std::byte *>(mapping->address), mapping->size, path, file, error))
    return false;
  auto contents = std::make_shared<Contents>();
  contents->mapping = std::move(mapping);
  alignFloats(file, *contents);
  file.owner = std::move(contents);
  return true;
}

std::string condense::safetensors::makeHeader(const std::vector<Entry> &entries) {
  std::string text = "{";
  int64_t offset = 0;
  for (const Entry &entry : entries) {
    int64_t bytes = getElementSize(entry.type);
    std::string shape;
    for (int64_t dim : entry.shape) {
      shape += (shape.empty() ? "" : ",") + std::to_string(dim);
      bytes *= dim;
    }
    text += (offset || text.size() > 1 ? "," : "") + quote(entry.name) + ":{\"dtype\":\"" + entry.type +
            "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(offset) + "," +
            std::to_string(offset + bytes) + "]}";
    offset += bytes;
  }
  text += '}';
  text.append((64 - (lengthSize + text.size()) % 64) % 64, ' ');
  uint64_t length = text.size();
  return std::string(reinterpret_cast<const char *>(&length), lengthSize) + text;
}
