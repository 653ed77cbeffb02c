//===- TensorReader.cpp - TensorProto to Tensor ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor's bytes come from raw_data, from a typed field or from another
// file. In each case their number must be exactly what shape and type need:
// less would be read out of bounds, more means that the shape is wrong.
//
//===----------------------------------------------------------------------===//

#include "ReaderContext.h"

#include <cstring>
#include <limits>

using namespace condense::onnx;
using ::onnx::TensorProto;

std::string condense::onnx::describeType(DataType type, const std::vector<int64_t> &dims) {
  std::string text(getName(type));
  text += '[';
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? "," : "") + std::to_string(dims[i]);
  return text + ']';
}

bool condense::onnx::computeByteSize(DataType type, const std::vector<int64_t> &dims, size_t &bytes) {
  int64_t count = 1;
  bool empty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return false;
    empty |= dim == 0;
    // A zero must not hide an overflow of the other dimensions: strides are
    // computed from them too.
    if (dim > 0 && __builtin_mul_overflow(count, dim, &count))
      return false;
  }
  int64_t bits = type == DataType::String ? 8 : getBitWidth(type);
  if (__builtin_mul_overflow(count, bits, &bits) || __builtin_add_overflow(bits, int64_t{7}, &bits))
    return false;
  bytes = empty ? 0 : static_cast<size_t>(bits / 8);
  return true;
}

namespace {
/// Gives `tensor` the bytes of a protobuf container, by taking the container.
template <typename Container> void adopt(Container &source, size_t size, Tensor &tensor) {
  auto owner = std::make_shared<Container>();
  owner->swap(source);
  tensor.size = size;
  tensor.data = size ? reinterpret_cast<const std::byte *>(owner->data()) : nullptr;
  tensor.owner = std::move(owner);
}

template <typename T> void adoptField(google::protobuf::RepeatedField<T> &field, Tensor &tensor) {
  auto owner = std::make_shared<google::protobuf::RepeatedField<T>>();
  owner->Swap(&field);
  tensor.size = static_cast<size_t>(owner->size()) * sizeof(T);
  tensor.data = tensor.size ? reinterpret_cast<const std::byte *>(owner->data()) : nullptr;
  tensor.owner = std::move(owner);
}

/// Range of the numbers that stand for elements of `type` in int32_data.
/// Floating point types are stored as their bits, int4 as packed bytes (which
/// some writers sign-extend).
void getInt32Range(DataType type, int64_t &low, int64_t &high) {
  unsigned bits = std::max(getBitWidth(type), 8u);
  low = 0;
  high = (int64_t{1} << bits) - 1;
  switch (type) {
  case DataType::Bool:
    high = 1;
    break;
  case DataType::Int8:
  case DataType::Int16:
    low = -(int64_t{1} << (bits - 1));
    high = -low - 1;
    break;
  case DataType::Int4:
    low = -128;
    break;
  default:
    break;
  }
}

/// Narrows the elements of an integer field to the `width` bytes of the type.
template <typename T>
bool narrowField(ReaderContext &context, const google::protobuf::RepeatedField<T> &field, const std::string &where,
                 unsigned width, int64_t low, int64_t high, Tensor &tensor) {
  std::vector<std::byte> bytes(static_cast<size_t>(field.size()) * width);
  for (int i = 0; i < field.size(); ++i) {
    T value = field[i];
    if (static_cast<__int128>(value) < low || static_cast<__int128>(value) > high)
      return context.fail(where + ": element " + std::to_string(i) + " is " + std::to_string(value) + ", which is no " +
                          std::string(getName(tensor.type)));
    std::memcpy(bytes.data() + static_cast<size_t>(i) * width, &value, width);
  }
  adopt(bytes, bytes.size(), tensor);
  return true;
}

bool readTypedField(ReaderContext &context, TensorProto &proto, const std::string &where, Tensor &tensor) {
  switch (tensor.type) {
  case DataType::Float:
  case DataType::Complex64:
    adoptField(*proto.mutable_float_data(), tensor);
    return true;
  case DataType::Double:
  case DataType::Complex128:
    adoptField(*proto.mutable_double_data(), tensor);
    return true;
  case DataType::Int32:
    adoptField(*proto.mutable_int32_data(), tensor);
    return true;
  case DataType::Int64:
    adoptField(*proto.mutable_int64_data(), tensor);
    return true;
  case DataType::UInt64:
    adoptField(*proto.mutable_uint64_data(), tensor);
    return true;
  case DataType::UInt32:
    return narrowField(context, proto.uint64_data(), where, 4, 0, std::numeric_limits<uint32_t>::max(), tensor);
  default: {
    int64_t low, high;
    getInt32Range(tensor.type, low, high);
    unsigned width = std::max(getBitWidth(tensor.type) / 8, 1u);
    return narrowField(context, proto.int32_data(), where, width, low, high, tensor);
  }
  }
}

bool readStrings(ReaderContext &context, TensorProto &proto, const std::string &where, size_t expected,
                 Tensor &tensor) {
  if (static_cast<size_t>(proto.string_data_size()) != expected)
    return context.fail(where + ": has " + std::to_string(proto.string_data_size()) + " strings, but " +
                        describeType(tensor.type, tensor.dims) + " needs " + std::to_string(expected));
  for (std::string &text : *proto.mutable_string_data())
    tensor.strings.push_back(std::move(text));
  return true;
}

/// Type and shape; `size` becomes the number of bytes they need.
bool readHeader(ReaderContext &context, const TensorProto &proto, const std::string &where, Tensor &tensor,
                size_t &size) {
  if (!isKnownDataType(proto.data_type()))
    return context.fail(where + ": unknown element type " + std::to_string(proto.data_type()) +
                        "; expected a number from 1 to 22");
  tensor.type = static_cast<DataType>(proto.data_type());
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  if (!computeByteSize(tensor.type, tensor.dims, size))
    return context.fail(where + ": the shape " + describeType(tensor.type, tensor.dims) +
                        " has a negative dimension or more bytes than 63 bits "
                        "can count");
  if (proto.has_segment())
    return context.fail(where + ": tensors stored in segments are not "
                                "supported; store the tensor whole");
  return true;
}

/// Whatever the source, one final look at the number of bytes.
bool checkSize(ReaderContext &context, const char *source, const std::string &where, size_t expected,
               const Tensor &tensor) {
  if (tensor.size == expected)
    return true;
  return context.fail(where + ": " + source + " has " + std::to_string(tensor.size) + " bytes, but " +
                      describeType(tensor.type, tensor.dims) + " needs " + std::to_string(expected) +
                      "; the file is damaged or its exporter is faulty");
}
} // namespace

bool condense::onnx::readTensor(ReaderContext &context, TensorProto &proto, const std::string &where, Tensor &tensor) {
  size_t expected = 0;
  tensor.name = proto.name();
  if (!readHeader(context, proto, where, tensor, expected))
    return false;
  if (proto.data_location() == TensorProto::EXTERNAL) {
    if (tensor.type == DataType::String)
      return context.fail(where + ": strings cannot be external data");
    return readExternalData(context, proto, where, expected, tensor);
  }
  if (tensor.type == DataType::String)
    return readStrings(context, proto, where, expected, tensor);
  if (proto.has_raw_data()) {
    size_t size = proto.raw_data().size();
    adopt(*proto.mutable_raw_data(), size, tensor);
    return checkSize(context, "raw_data", where, expected, tensor);
  }
  return readTypedField(context, proto, where, tensor) && checkSize(context, "its data field", where, expected, tensor);
}
