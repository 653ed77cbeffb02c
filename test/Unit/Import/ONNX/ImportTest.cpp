//===- ImportTest.cpp - Memory and options of the ONNX importer -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "condense/Import/ONNX/Import.h"

#include "TestModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/MLIRContext.h"

#include <sstream>

using namespace condense::onnx;
using namespace condense::onnx::test;

namespace {

/// y = x + w, w being 64 floats in another file from `offset` on.
::onnx::ModelProto makeExternalModel(int offset) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::TensorProto &weight = *proto.mutable_graph()->mutable_initializer(0);
  weight.set_dims(0, 64);
  weight.clear_raw_data();
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  for (auto [key, value] :
       {std::pair<std::string, std::string>("location", "w.bin"), {"offset", std::to_string(offset)}}) {
    ::onnx::StringStringEntryProto *entry = weight.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  proto.mutable_graph()->clear_input();
  proto.mutable_graph()->clear_output();
  addValue(*proto.mutable_graph()->mutable_input(), "x", {2, 64});
  addValue(*proto.mutable_graph()->mutable_output(), "y", {2, 64});
  return proto;
}

struct ImportTest : testing::Test {
  mlir::MLIRContext context;
  TemporaryDirectory directory;
  std::string message;
  mlir::ScopedDiagnosticHandler handler{&context, [this](mlir::Diagnostic &d) {
                                          message += d.str();
                                          return mlir::success();
                                        }};

  mlir::OwningOpRef<mlir::ModuleOp> import(const ::onnx::ModelProto &proto, const ImportOptions &options = {}) {
    return importONNX(directory.write("m.onnx", proto.SerializeAsString()), context, options);
  }
};

/// The bytes of the only resource in `module`.
llvm::ArrayRef<char> getWeightBytes(mlir::ModuleOp module) {
  llvm::ArrayRef<char> bytes;
  module.walk([&](mlir::arith::ConstantOp op) {
    if (auto resource = mlir::dyn_cast<mlir::DenseResourceElementsAttr>(op.getValue()))
      bytes = resource.getRawHandle().getBlob()->getData();
  });
  return bytes;
}

/// Whether `address` lies in a mapping of a file called `name`.
bool isMapped(const void *address, const std::string &name) {
  std::ifstream maps("/proc/self/maps");
  auto wanted = reinterpret_cast<uintptr_t>(address);
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin, end;
    char dash;
    std::istringstream(line) >> std::hex >> begin >> dash >> end;
    if (wanted >= begin && wanted < end)
      return line.find(name) != std::string::npos;
  }
  return false;
}

TEST_F(ImportTest, ExternalDataAreNotCopied) {
  directory.write("w.bin", std::string(8, '.') + std::string(256, 'w'));
  auto module = import(makeExternalModel(8));
  ASSERT_TRUE(module) << message;
  llvm::ArrayRef<char> bytes = getWeightBytes(*module);
  ASSERT_EQ(bytes.size(), 256u);
  EXPECT_TRUE(isMapped(bytes.data(), "w.bin"));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), std::string(256, 'w'));
}

TEST_F(ImportTest, MisalignedDataAreCopied) {
  directory.write("w.bin", std::string(7, '.') + std::string(256, 'w'));
  auto module = import(makeExternalModel(7));
  ASSERT_TRUE(module) << message;
  llvm::ArrayRef<char> bytes = getWeightBytes(*module);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 4, 0u);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), std::string(256, 'w'));
}

TEST_F(ImportTest, ReportsWhyAFileIsRefused) {
  EXPECT_FALSE(importONNX(directory.path + "/absent.onnx", context));
  EXPECT_EQ(message, "cannot read the file: No such file or directory");
}

TEST_F(ImportTest, ConstantInputsSpecialise) {
  ::onnx::ModelProto proto = makeModel();
  ::onnx::GraphProto &graph = *proto.mutable_graph();
  graph.clear_node();
  addNode(graph, "Reshape", {"x", "shape"}, {"y"});
  auto *type = addValue(*graph.mutable_input(), "shape", {2});
  type->set_elem_type(::onnx::TensorProto::INT64);
  EXPECT_FALSE(import(proto));
  EXPECT_NE(message.find("the shape (input 1, 'shape') must be known"), std::string::npos) << message;
  static const int64_t numbers[] = {3, 2};
  Tensor shape;
  shape.name = "shape";
  shape.type = DataType::Int64;
  shape.dims = {2};
  shape.data = reinterpret_cast<const std::byte *>(numbers);
  shape.size = sizeof(numbers);
  ImportOptions options;
  options.constantInputs.push_back(shape);
  message.clear();
  auto module = import(proto, options);
  ASSERT_TRUE(module) << message;
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  EXPECT_EQ(function.getNumArguments(), 1u);
  auto result = mlir::cast<mlir::RankedTensorType>(function.getResultTypes()[0]);
  EXPECT_EQ(result.getShape(), llvm::ArrayRef<int64_t>({3, 2}));
}

TEST_F(ImportTest, RefusesInputsWithoutATensorType) {
  ::onnx::ModelProto proto = makeModel();
  auto *type = proto.mutable_graph()->mutable_input(0)->mutable_type();
  type->mutable_tensor_type()->clear_shape();
  EXPECT_FALSE(import(proto));
  EXPECT_EQ(message, "input 'x' has no shape; its rank must be known");
  message.clear();
  type->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::STRING);
  EXPECT_FALSE(import(proto));
  EXPECT_EQ(message, "input 'x' has the element type string, which is not "
                     "supported");
  message.clear();
  type->mutable_sequence_type();
  EXPECT_FALSE(import(proto));
  EXPECT_EQ(message, "input 'x' has a type that is no tensor, which is not supported");
}

TEST_F(ImportTest, RefusesOutputsOfAnotherType) {
  ::onnx::ModelProto proto = makeModel();
  proto.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      ::onnx::TensorProto::INT64);
  EXPECT_FALSE(import(proto));
  EXPECT_EQ(message, "output 'y' is declared with the element type int64, but "
                     "has 'f32'");
}

} // namespace
