//===- Quantization.cpp - ONNX quantization -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantized operators become dequantize, the float operator, quantize: the
// identity that the integer lowering recognises.
//
//===----------------------------------------------------------------------===//

#include "Window.h"

#include "condense/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
bool isByte(Type type) { return type.isInteger() && type.getIntOrFloatBitWidth() <= 8 && !type.isInteger(1); }

/// Scales (or zero points) brought to the rank of the tensor they belong to:
/// one for all, a vector along `axis`, or blocks of it.
Value alignScale(NodeImporter &importer, size_t index, RankedTensorType type, int64_t axis, int64_t blockSize) {
  RankedTensorType scaleType = importer.getInputType(index);
  if (!scaleType)
    return Value();
  if (!scaleType.hasStaticShape()) {
    (void)importer.reject("scales need a static shape");
    return Value();
  }
  Shape shape(type.getRank(), 1);
  if (scaleType.getNumElements() == 1)
    return importer.getReshapedInput(index, shape);
  std::optional<int64_t> normal = importer.normalizeAxis(axis, type.getRank());
  if (!normal)
    return Value();
  if (blockSize != 0) {
    int64_t size = type.getDimSize(*normal);
    if (scaleType.getRank() == type.getRank() && !ShapedType::isDynamic(size) &&
        scaleType.getDimSize(*normal) * blockSize == size)
      return importer.getInput(index);
    (void)importer.reject("the scales do not fit the blocks");
    return Value();
  }
  if (scaleType.getRank() != 1 || scaleType.getDimSize(0) != type.getDimSize(*normal)) {
    (void)importer.reject("the scales do not fit the axis");
    return Value();
  }
  shape[*normal] = scaleType.getDimSize(0);
  return importer.getReshapedInput(index, shape);
}

/// dequantize of the inputs data, scale, zero point (if present).
Value dequantize(NodeImporter &importer, size_t data, size_t scale, size_t zeroPoint, int64_t axis, int64_t blockSize) {
  RankedTensorType type = importer.getInputType(data);
  if (!type)
    return Value();
  Type codeType = type.getElementType();
  if (!isByte(codeType) && !codeType.isInteger(32)) {
    (void)importer.reject("only codes of 4, 8 and 32 bits are supported");
    return Value();
  }
  Value scales = alignScale(importer, scale, type, axis, blockSize);
  SmallVector<Value> operands = {importer.getInput(data), scales};
  if (importer.hasInput(zeroPoint))
    operands.push_back(alignScale(importer, zeroPoint, type, axis, blockSize));
  if (llvm::is_contained(operands, Value()))
    return Value();
  return importer.createTyped(compress::DequantizeOp::getOperationName(),
                              type.clone(getTensorType(scales).getElementType()), operands);
}

/// quantize of `value` with the given inputs as scale and zero point.
Value quantize(NodeImporter &importer, Value value, size_t scale, size_t zeroPoint, Type codeType, int64_t axis) {
  if (!value)
    return Value();
  RankedTensorType type = getTensorType(value);
  SmallVector<Value> operands = {value, alignScale(importer, scale, type, axis, /*blockSize=*/0)};
  if (importer.hasInput(zeroPoint))
    operands.push_back(alignScale(importer, zeroPoint, type, axis, 0));
  return importer.createTyped(compress::QuantizeOp::getOperationName(), type.clone(codeType), operands);
}

LogicalResult importDequantizeLinear(NodeImporter &importer) {
  int64_t axis = importer.getInt("axis", 1);
  int64_t blockSize = importer.getInt("block_size", 0);
  if (blockSize < 0 || blockSize > (int64_t{1} << 30))
    return importer.reject("attribute 'block_size' is out of range");
  return importer.setOutput(0, dequantize(importer, 0, 1, 2, axis, blockSize));
}

LogicalResult importQuantizeLinear(NodeImporter &importer) {
  int64_t axis = importer.getInt("axis", 1);
  // Saturation is a choice for 8-bit floats only, which are refused.
  importer.ignoreAttribute("saturate");
  if (importer.getInt("block_size", 0) != 0)
    return importer.reject("attribute 'block_size' is not supported");
  RankedTensorType type = importer.getInputType(0);
  Type codeType = IntegerType::get(importer.builder.getContext(), 8, IntegerType::Unsigned);
  int64_t number = importer.getInt("output_dtype", 0);
  if (importer.hasInput(2) && importer.getInput(2))
    codeType = getTensorType(importer.getInput(2)).getElementType();
  else if (number == static_cast<int64_t>(DataType::Int8))
    codeType = importer.builder.getI8Type();
  else if (number != 0 && number != static_cast<int64_t>(DataType::UInt8))
    return importer.reject("attribute 'output_dtype' is not supported");
  if (!type)
    return failure();
  if (!isa<FloatType>(type.getElementType()) || !isByte(codeType))
    return importer.reject("only floats to codes of 8 bits are supported");
  return importer.setOutput(0, quantize(importer, importer.getInput(0), 1, 2, codeType, axis));
}

/// scale = (max(x, 0) - min(x, 0)) / 255, zero = round(clamp(-min / scale))
LogicalResult importDynamicQuantizeLinear(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  Value input = importer.getInput(0);
  Type floatType = type.getElementType();
  Type codeType = IntegerType::get(importer.builder.getContext(), 8, IntegerType::Unsigned);
  Shape axes = makeRange(0, type.getRank());
  Value zero = importer.createScalar(floatType, 0);
  Value low = importer.create<nn::MinOp>({importer.reduce<nn::ReduceMinOp>(input, axes, false), zero});
  Value high = importer.create<nn::MaxOp>({importer.reduce<nn::ReduceMaxOp>(input, axes, false), zero});
  Value scale =
      importer.create<nn::DivOp>({importer.create<nn::SubOp>({high, low}), importer.createScalar(floatType, 255)});
  Value shifted = importer.create<nn::DivOp>({importer.create<nn::SubOp>({zero, low}), scale});
  Value clamped =
      importer.create<nn::ClampOp>(shifted, {importer.attr("low", mlir::Attribute(makeElement(floatType, 0))),
                                             importer.attr("high", mlir::Attribute(makeElement(floatType, 255)))});
  Value zeroPoint = importer.cast(importer.create<nn::RoundOp>(clamped), codeType);
  Shape ones(type.getRank(), 1);
  Value codes = importer.createTyped(compress::QuantizeOp::getOperationName(), type.clone(codeType),
                                     {input, importer.reshape(scale, ones), importer.reshape(zeroPoint, ones)});
  (void)importer.setOutput(1, scale);
  (void)importer.setOutput(2, zeroPoint);
  return importer.setOutput(0, codes);
}

/// Inputs: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale,
/// y_zero_point. Scales of rows or columns are refused.
LogicalResult importQLinearMatMul(NodeImporter &importer) {
  for (size_t index : {1, 4, 6}) {
    RankedTensorType type = importer.getInputType(index);
    if (!type)
      return failure();
    if (!type.hasStaticShape() || type.getNumElements() != 1)
      return importer.reject("scales per row or column are not supported");
  }
  Value zeroPoint = importer.getInput(7);
  Value lhs = dequantize(importer, 0, 1, 2, 0, 0);
  Value rhs = dequantize(importer, 3, 4, 5, 0, 0);
  Value product = importer.create<nn::MatmulOp>({lhs, rhs});
  if (!product || !zeroPoint)
    return failure();
  return importer.setOutput(0, quantize(importer, product, 6, 7, getTensorType(zeroPoint).getElementType(), 0));
}
} // namespace

void condense::onnx::registerQuantization(HandlerTable &table) {
  table["DequantizeLinear"] = {10, importDequantizeLinear};
  table["QuantizeLinear"] = {10, importQuantizeLinear};
  table["DynamicQuantizeLinear"] = {11, importDynamicQuantizeLinear};
  table["QLinearMatMul"] = {10, importQLinearMatMul};
}
