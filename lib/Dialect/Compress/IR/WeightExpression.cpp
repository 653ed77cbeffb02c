// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Size and value of weight expressions.

#include "condense/Dialect/Compress/IR/WeightExpression.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/Packing.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

FailureOr<SmallVector<Value>> condense::compress::getWeightLeaves(Value value) {
  llvm::SetVector<Value> leaves;
  llvm::DenseSet<Value> visited;
  SmallVector<Value> pending{value};
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (!visited.insert(next).second)
      continue;
    Operation *op = next.getDefiningOp();
    if (!op)
      return failure();
    if (matchPattern(op, m_Constant())) {
      leaves.insert(next);
      continue;
    }
    if (!isPure(op) || op->getNumOperands() == 0)
      return failure();
    for (Value operand : llvm::reverse(op->getOperands()))
      pending.push_back(operand);
  }
  return SmallVector<Value>(leaves.begin(), leaves.end());
}

int64_t condense::compress::getDenseBytes(ShapedType type) {
  return llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(), 8);
}

FailureOr<int64_t> condense::compress::getStoredBytes(Value value) {
  FailureOr<SmallVector<Value>> leaves = getWeightLeaves(value);
  if (failed(leaves))
    return failure();
  int64_t bytes = 0;
  for (Value leaf : *leaves)
    if (auto type = dyn_cast<ShapedType>(leaf.getType()))
      bytes += getDenseBytes(type);
  return bytes;
}

DecompressOpInterface condense::compress::findDecompressOp(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto decompress = dyn_cast<DecompressOpInterface>(op))
      return decompress;
    // linalg's layout changes have a destination beside their input.
    if (op->getNumOperands() == 0 || !isPure(op))
      return {};
    value = op->getOperand(0);
  }
  return {};
}

numerics::CodeFormat condense::compress::getCodeFormat(Type storage) {
  using Kind = numerics::CodeFormat::Kind;
  if (isa<Float8E4M3FNType>(storage))
    return {Kind::F8E4M3FN, 8};
  if (isa<Float8E5M2Type>(storage))
    return {Kind::F8E5M2, 8};
  auto integer = cast<IntegerType>(storage);
  return {integer.isUnsigned() ? Kind::Unsigned : Kind::Signed, integer.getWidth()};
}

FailureOr<std::vector<uint8_t>> condense::compress::evaluateCodes(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (getCodeWidth(type.getElementType()) > 8)
    return failure();
  if (auto unpack = value.getDefiningOp<UnpackOp>()) {
    std::optional<TensorConstant> bytes = getTensorConstant(unpack.getBytes());
    if (!bytes)
      return failure();
    ArrayRef<uint8_t> packed = bytes->as<uint8_t>();
    std::vector<uint8_t> codes(type.getNumElements());
    numerics::CodeFormat format = getCodeFormat(type.getElementType());
    numerics::unpackCodes({packed.data(), packed.size()}, format.width,
                          format.kind == numerics::CodeFormat::Kind::Signed, codes);
    return codes;
  }
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant)
    return failure();
  ArrayRef<uint8_t> codes = constant->as<uint8_t>();
  return std::vector<uint8_t>(codes.begin(), codes.end());
}

template <typename T> static std::vector<float> widen(ArrayRef<T> values, function_ref<float(T)> convert) {
  std::vector<float> result(values.size());
  llvm::transform(values, result.begin(), convert);
  return result;
}

FailureOr<std::vector<float>> condense::compress::evaluateFloats(Value value) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant)
    return failure();
  Type type = constant->getType().getElementType();
  if (type.isF32())
    return std::vector<float>(constant->as<float>());
  if (type.isF16())
    return widen<uint16_t>(constant->as<uint16_t>(), numerics::fromF16);
  if (type.isBF16())
    return widen<uint16_t>(constant->as<uint16_t>(), numerics::fromBF16);
  if (isa<Float8E4M3FNType>(type))
    return widen<uint8_t>(constant->as<uint8_t>(), numerics::fromF8E4M3FN);
  if (isa<Float8E5M2Type>(type))
    return widen<uint8_t>(constant->as<uint8_t>(), numerics::fromF8E5M2);
  if (isa<Float8E8M0FNUType>(type))
    return widen<uint8_t>(constant->as<uint8_t>(), numerics::fromF8E8M0);
  if (type.isF64())
    return widen<double>(constant->as<double>(), [](double x) { return static_cast<float>(x); });
  return failure();
}

FailureOr<std::vector<float>> condense::compress::evaluateWeight(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return evaluateFloats(value);
  RankedTensorType type = dequantize.getOutput().getType();
  if (!type.hasStaticShape() || !type.getElementType().isF32())
    return failure();
  FailureOr<std::vector<uint8_t>> codes = evaluateCodes(dequantize.getCodes());
  FailureOr<std::vector<float>> scales = evaluateFloats(dequantize.getScales());
  FailureOr<std::vector<uint8_t>> zeroPoints = std::vector<uint8_t>();
  if (dequantize.getZeroPoints())
    zeroPoints = evaluateCodes(dequantize.getZeroPoints());
  if (failed(codes) || failed(scales) || failed(zeroPoints))
    return failure();
  std::vector<float> result(type.getNumElements());
  numerics::BlockLayout layout(type.getShape(), dequantize.getScales().getType().getShape());
  numerics::dequantize(layout, getCodeFormat(dequantize.getCodes().getType().getElementType()), *codes, *scales,
                       *zeroPoints, result);
  return result;
}
