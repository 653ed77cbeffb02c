//===- Reader.cpp - Read an ONNX file without trusting it -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "condense/Import/ONNX/Reader.h"

#include "ReaderContext.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>

using namespace condense::onnx;
using ::onnx::ModelProto;

bool ReaderContext::fail(const std::string &what, Error::Kind kind) {
  error.kind = kind;
  error.message = file + ": " + what;
  return false;
}

namespace {
/// Protobuf cannot address more.
constexpr size_t maxBytes = (size_t{1} << 31) - 1;
/// Messages within messages; one subgraph takes three levels.
constexpr int maxProtobufDepth = 100;
/// The first version that has opsets, and the newest whose meaning is known.
constexpr int64_t minIrVersion = 3;
constexpr int64_t maxIrVersion = 13;

bool parseProtobuf(ReaderContext &context, const void *bytes, size_t size, ModelProto &proto) {
  using namespace google::protobuf::io;
  if (size == 0)
    return context.fail("the file is empty; expected an ONNX model");
  if (size > maxBytes)
    return context.fail("the file has " + std::to_string(size) +
                        " bytes, more than the 2 GiB that protobuf can hold; "
                        "save the model with external data");
  ArrayInputStream array(bytes, static_cast<int>(size));
  CodedInputStream stream(&array);
  stream.SetTotalBytesLimit(static_cast<int>(size));
  stream.SetRecursionLimit(maxProtobufDepth);
  if (proto.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage())
    return true;
  return context.fail("not an ONNX model, or a damaged one: its " + std::to_string(size) +
                      " bytes are no valid protobuf message of at most " + std::to_string(maxProtobufDepth) +
                      " levels; is the download complete?");
}

using OpsetProtos = google::protobuf::RepeatedPtrField<::onnx::OperatorSetIdProto>;

bool readOpsets(ReaderContext &context, const OpsetProtos &protos, const std::string &where,
                std::unordered_map<std::string, int64_t> &opsets) {
  for (const ::onnx::OperatorSetIdProto &proto : protos) {
    std::string domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
    if (!opsets.try_emplace(domain, proto.version()).second)
      return context.fail(where + "the opset of domain '" + domain + "' is given twice");
  }
  auto standard = opsets.find("");
  if (standard == opsets.end())
    return true;
  const ReadOptions &options = context.options;
  if (standard->second < options.minOpset || standard->second > options.maxOpset)
    return context.fail(where + "opset " + std::to_string(standard->second) + " is not supported; expected " +
                        std::to_string(options.minOpset) + " to " + std::to_string(options.maxOpset) +
                        " (onnx.version_converter can change it)");
  return true;
}

bool readHeader(ReaderContext &context, const ModelProto &proto, Model &model) {
  model.file = context.file;
  model.irVersion = proto.ir_version();
  model.producer = proto.producer_name();
  if (!proto.has_graph())
    return context.fail("the model has no graph; is this an ONNX file?");
  if (model.irVersion < minIrVersion || model.irVersion > maxIrVersion)
    return context.fail("ir_version " + std::to_string(model.irVersion) + " is not supported; expected " +
                        std::to_string(minIrVersion) + " to " + std::to_string(maxIrVersion));
  if (!readOpsets(context, proto.opset_import(), "", model.opsets))
    return false;
  if (!model.opsets.count(""))
    return context.fail("the model does not say which opset of the standard "
                        "operators it uses (opset_import is missing)");
  return true;
}

bool readFunction(ReaderContext &context, ::onnx::FunctionProto &proto, Function &function) {
  function.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  function.name = proto.name();
  std::string where = "function '" + function.name + "': ";
  if (function.name.empty())
    return context.fail("a function has no name");
  // Field 11, attribute_proto, is younger than the packaged schema.
  constexpr int defaultsField = 11;
  const auto &unknown = proto.GetReflection()->GetUnknownFields(proto);
  for (int i = 0; i < unknown.field_count(); ++i)
    if (unknown.field(i).number() == defaultsField)
      return context.fail(where + "default values of attributes are not "
                                  "supported");
  function.inputs.assign(proto.input().begin(), proto.input().end());
  function.outputs.assign(proto.output().begin(), proto.output().end());
  function.attributes.assign(proto.attribute().begin(), proto.attribute().end());
  return readOpsets(context, proto.opset_import(), where, function.opsets) &&
         readNodes(context, *proto.mutable_node(), 0, function.nodes);
}

bool readAll(ReaderContext &context, const void *bytes, size_t size, Model &model) {
  ModelProto proto;
  if (!parseProtobuf(context, bytes, size, proto) || !readHeader(context, proto, model) ||
      !readGraph(context, *proto.mutable_graph(), 0, model.graph))
    return false;
  for (::onnx::FunctionProto &function : *proto.mutable_functions())
    if (!readFunction(context, function, model.functions.emplace_back()))
      return false;
  return checkModel(context, model);
}
} // namespace

Result<Model> condense::onnx::readModelFromMemory(const void *bytes, size_t size, const std::string &file,
                                                  const std::string &directory, const ReadOptions &options) {
  ReaderContext context(file, directory, options);
  Model model;
  try {
    if (readAll(context, bytes, size, model))
      return model;
  } catch (const std::bad_alloc &) {
    context.fail("out of memory while reading the model");
  }
  return context.error;
}

Result<Model> condense::onnx::readModel(const std::string &path, const ReadOptions &options) {
  std::string reason;
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  std::shared_ptr<MappedFile> mapping;
  if (descriptor < 0)
    reason = std::strerror(errno);
  else
    mapping = mapDescriptor(descriptor, reason);
  if (!mapping)
    return Error{Error::Kind::IO, path + ": cannot read the file: " + reason};
  size_t slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  return readModelFromMemory(mapping->data, mapping->size, path, directory, options);
}
