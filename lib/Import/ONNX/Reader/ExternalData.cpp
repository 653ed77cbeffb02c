//===- ExternalData.cpp - Tensors stored in another file ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReaderContext.h"

#include <charconv>

using namespace condense::onnx;

namespace {
struct Location {
  std::string path;
  uint64_t offset = 0;
  bool hasLength = false;
  uint64_t length = 0;
};

bool parseNumber(const std::string &text, uint64_t &value) {
  const char *end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, value);
  return code == std::errc() && stop == end && !text.empty();
}

/// Collects the entries; a key that is not known ("checksum") has no influence
/// on what is read.
bool readLocation(ReaderContext &context, const ::onnx::TensorProto &proto, const std::string &where,
                  Location &location) {
  for (const ::onnx::StringStringEntryProto &entry : proto.external_data()) {
    if (entry.key() == "location") {
      location.path = entry.value();
      continue;
    }
    uint64_t *number = nullptr;
    if (entry.key() == "offset")
      number = &location.offset;
    if (entry.key() == "length")
      number = &location.length;
    if (!number)
      continue;
    if (!parseNumber(entry.value(), *number))
      return context.fail(where + ": external data have the " + entry.key() + " '" + entry.value() +
                          "', expected a non-negative number");
    location.hasLength |= number == &location.length;
  }
  if (location.path.empty())
    return context.fail(where + ": external data name no file; the entry "
                                "'location' is missing");
  return true;
}

std::shared_ptr<MappedFile> getMapping(ReaderContext &context, const std::string &path, std::string &reason) {
  std::shared_ptr<MappedFile> &mapping = context.mappings[path];
  if (mapping)
    return mapping;
  int descriptor = openBeneath(context.directory, path, reason);
  if (descriptor >= 0)
    mapping = mapDescriptor(descriptor, reason);
  return mapping;
}
} // namespace

bool condense::onnx::readExternalData(ReaderContext &context, const ::onnx::TensorProto &proto,
                                      const std::string &where, size_t expectedSize, Tensor &tensor) {
  if (context.directory.empty())
    return context.fail(where + ": external data need a model that is read "
                                "from a file");
  Location location;
  if (!readLocation(context, proto, where, location))
    return false;
  if (location.hasLength && location.length != expectedSize)
    return context.fail(where + ": external data have the length " + std::to_string(location.length) + ", but " +
                        describeType(tensor.type, tensor.dims) + " needs " + std::to_string(expectedSize) + " bytes");
  std::string reason;
  std::shared_ptr<MappedFile> mapping = getMapping(context, location.path, reason);
  if (!mapping)
    return context.fail(where + ": cannot use the external data file '" + location.path + "': " + reason,
                        Error::Kind::IO);
  if (location.offset > mapping->size || expectedSize > mapping->size - location.offset)
    return context.fail(where + ": external data need bytes " + std::to_string(location.offset) + " to offset + " +
                        std::to_string(expectedSize) + " of '" + location.path + "', which has only " +
                        std::to_string(mapping->size) +
                        " bytes; the file is truncated or belongs to another "
                        "model");
  tensor.size = expectedSize;
  tensor.data = expectedSize ? mapping->data + location.offset : nullptr;
  tensor.owner = std::move(mapping);
  return true;
}
