//===- Constants.cpp - Constant tensors in the imported module ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights become dense_resource constants whose blob is the memory that the
// reader mapped or decoded: the blob's deleter holds the last reference to it.
// A few elements, and booleans (whose dense form is not bytes), become dense.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstring>

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// Fewer elements than this are printed with the operation.
constexpr int64_t maxDenseElements = 16;

Value createConstantOp(OpBuilder &builder, Location loc, ElementsAttr value) {
  return arith::ConstantOp::create(builder, loc, value);
}

/// The blob refers to the tensor's bytes, unless they are not aligned.
AsmResourceBlob makeBlob(const std::shared_ptr<const Tensor> &tensor) {
  ArrayRef<char> bytes(reinterpret_cast<const char *>(tensor->data), tensor->size);
  size_t alignment = std::max(getBitWidth(tensor->type) / 8, 1u);
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignment != 0)
    return HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, alignment);
  auto release = [owner = tensor->owner](void *, size_t, size_t) mutable { owner.reset(); };
  return AsmResourceBlob(bytes, alignment, std::move(release),
                         /*dataIsMutable=*/false);
}

ElementsAttr makeResource(const std::shared_ptr<const Tensor> &tensor, RankedTensorType type) {
  auto &manager = DenseResourceElementsHandle::getManagerInterface(type.getContext());
  StringRef name = tensor->name.empty() ? "constant" : StringRef(tensor->name);
  return DenseResourceElementsAttr::get(type, manager.insert(name, makeBlob(tensor)));
}

ElementsAttr makeBooleans(const Tensor &tensor, RankedTensorType type) {
  SmallVector<bool> elements;
  for (size_t i = 0; i < tensor.size; ++i)
    elements.push_back(tensor.data[i] != std::byte{0});
  return DenseElementsAttr::get(type, ArrayRef<bool>(elements));
}

/// int4 tensors are bytes that an operation unpacks.
Value materializePacked(OpBuilder &builder, Location loc, const std::shared_ptr<const Tensor> &tensor,
                        RankedTensorType type) {
  auto bytes = RankedTensorType::get({static_cast<int64_t>(tensor->size)}, builder.getI8Type());
  Value packed = createConstantOp(builder, loc, makeResource(tensor, bytes));
  return compress::UnpackOp::create(builder, loc, type, packed);
}

APFloat toFloat(FloatType type, double value) {
  APFloat number(value);
  bool losesInfo;
  number.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
  return number;
}
} // namespace

TypedAttr condense::onnx::makeElement(Type type, double value) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, toFloat(floatType, value));
  return IntegerAttr::get(type, APInt(type.getIntOrFloatBitWidth(), static_cast<int64_t>(value),
                                      /*isSigned=*/true,
                                      /*implicitTrunc=*/true));
}

Value condense::onnx::materializeTensor(OpBuilder &builder, Location loc, const std::shared_ptr<const Tensor> &tensor) {
  Type elementType = convertType(builder.getContext(), tensor->type);
  if (!elementType)
    return Value();
  auto type = RankedTensorType::get(tensor->dims, elementType);
  if (tensor->type == DataType::Bool)
    return createConstantOp(builder, loc, makeBooleans(*tensor, type));
  if (tensor->size == 0)
    return createConstantOp(builder, loc, DenseElementsAttr::get(type, ArrayRef<mlir::Attribute>()));
  if (getBitWidth(tensor->type) < 8)
    return materializePacked(builder, loc, tensor, type);
  if (type.getNumElements() > maxDenseElements)
    return createConstantOp(builder, loc, makeResource(tensor, type));
  ArrayRef<char> bytes(reinterpret_cast<const char *>(tensor->data), tensor->size);
  return createConstantOp(builder, loc, DenseElementsAttr::getFromRawBuffer(type, bytes));
}

Value NodeImporter::createSplat(RankedTensorType type, double value) {
  return createConstantOp(builder, loc, DenseElementsAttr::get(type, makeElement(type.getElementType(), value)));
}

Value NodeImporter::createScalar(Type elementType, double value) {
  return createSplat(RankedTensorType::get({}, elementType), value);
}

Value NodeImporter::createConstant(RankedTensorType type, ArrayRef<double> elements) {
  SmallVector<mlir::Attribute> attributes;
  for (double element : elements)
    attributes.push_back(makeElement(type.getElementType(), element));
  return createConstantOp(builder, loc, DenseElementsAttr::get(type, attributes));
}

Value NodeImporter::createIntegers(ArrayRef<int64_t> shape, ArrayRef<int64_t> numbers) {
  auto type = RankedTensorType::get(shape, builder.getI64Type());
  return createConstantOp(builder, loc, DenseElementsAttr::get(type, numbers));
}
