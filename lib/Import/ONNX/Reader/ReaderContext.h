//===- ReaderContext.h - State shared by the parts of the reader -*- C++ -*-==//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the ONNX reader. Every step returns false after it has recorded
// the first error in the context; the callers pass the failure on unchanged.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_READER_READERCONTEXT_H
#define CONDENSE_LIB_IMPORT_ONNX_READER_READERCONTEXT_H

#include "condense/Import/ONNX/Reader.h"

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace condense::onnx {

/// A file mapped for reading; unmapped with its last owner.
struct MappedFile {
  const std::byte *data = nullptr;
  size_t size = 0;

  MappedFile() = default;
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();
};

/// Takes over `descriptor` and maps the regular file behind it. On failure
/// returns null and says why in `reason`.
std::shared_ptr<MappedFile> mapDescriptor(int descriptor, std::string &reason);

/// Opens `path` below `directory`, following no symbolic link and leaving the
/// directory by no means. Returns a descriptor, or -1 and `reason`.
int openBeneath(const std::string &directory, const std::string &path, std::string &reason);

class ReaderContext {
public:
  ReaderContext(std::string file, std::string directory, ReadOptions options)
      : file(std::move(file)), directory(std::move(directory)), options(options) {}

  /// Records the error and returns false.
  bool fail(const std::string &what, Error::Kind kind = Error::Kind::Input);

  const std::string file;
  const std::string directory;
  const ReadOptions options;
  Error error;
  /// External files that are already mapped, by location.
  std::map<std::string, std::shared_ptr<MappedFile>> mappings;
};

/// "float32[2,3]"
std::string describeType(DataType type, const std::vector<int64_t> &dims);

/// The product of `dims` times the bits of `type`, rounded up to bytes; false
/// if a dimension is negative or the product overflows. For strings `bytes` is
/// the number of elements.
bool computeByteSize(DataType type, const std::vector<int64_t> &dims, size_t &bytes);

/// Decodes `proto`, taking its buffers; `where` starts the messages.
bool readTensor(ReaderContext &context, ::onnx::TensorProto &proto, const std::string &where, Tensor &tensor);

/// Points `tensor` at the bytes that `proto` says lie in another file.
bool readExternalData(ReaderContext &context, const ::onnx::TensorProto &proto, const std::string &where,
                      size_t expectedSize, Tensor &tensor);

/// Decodes a graph (at nesting depth `depth`) or a list of nodes; consumes the
/// protobuf message.
bool readGraph(ReaderContext &context, ::onnx::GraphProto &proto, unsigned depth, Graph &graph);
bool readNodes(ReaderContext &context, google::protobuf::RepeatedPtrField<::onnx::NodeProto> &protos, unsigned depth,
               std::vector<Node> &nodes);

/// Checks names and order in the whole model and sorts the nodes.
bool checkModel(ReaderContext &context, Model &model);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_READER_READERCONTEXT_H
