//===- LinearAlgebra.cpp - ONNX matrix products ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include "condense/IR/TensorConstant.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
bool areFloats(ArrayRef<Value> values) {
  return llvm::all_of(values, [](Value value) { return isa<FloatType>(getTensorType(value).getElementType()); });
}

LogicalResult importMatMul(NodeImporter &importer) {
  Value lhs = importer.getInput(0), rhs = importer.getInput(1);
  if (!lhs || !rhs)
    return failure();
  // Narrow integers would be summed in more bits than ONNX gives the result.
  Type type = getTensorType(lhs).getElementType();
  if (type.getIntOrFloatBitWidth() < 16)
    return importer.reject("8-bit operands are not supported");
  return importer.setOutput(0, importer.create<nn::MatmulOp>({lhs, rhs}));
}

/// The sums of the columns of a constant matrix of bytes.
std::optional<SmallVector<double>> sumColumns(Value matrix) {
  std::optional<TensorConstant> constant = getTensorConstant(matrix);
  if (!constant || constant->getType().getRank() != 2 || !constant->getType().getElementType().isInteger(8))
    return std::nullopt;
  bool isUnsigned = constant->getType().getElementType().isUnsignedInteger();
  int64_t columns = constant->getType().getDimSize(1);
  SmallVector<double> sums(columns, 0);
  for (auto [i, byte] : llvm::enumerate(constant->as<uint8_t>()))
    sums[i % columns] += isUnsigned ? byte : static_cast<int8_t>(byte);
  return sums;
}

bool isZero(Value value) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  return constant && llvm::all_of(constant->getBytes(), [](char byte) { return byte == 0; });
}

/// `A B - a_zero_point sum_k B[k, :]`, the product of codes: of a constant B without zero points, as quantizing a model
/// makes it, 8-bit products stay 8-bit products. Null for others.
Value multiplyCodes(NodeImporter &importer) {
  Value codes = importer.getInput(0), weight = importer.getInput(1);
  if (!codes || !weight || !getTensorType(codes).getElementType().isInteger(8) ||
      (importer.hasInput(3) && !isZero(importer.getInput(3))))
    return {};
  std::optional<SmallVector<double>> sums = sumColumns(weight);
  bool fits = sums && llvm::all_of(*sums, [](double sum) { return std::abs(sum) < double(1 << 30); });
  if (!fits || getTensorType(codes).getRank() < 2)
    return {};
  Type type = importer.builder.getI32Type();
  RankedTensorType codesType = getTensorType(codes), weightType = getTensorType(weight);
  SmallVector<int64_t> shape(codesType.getShape());
  shape.back() = weightType.getDimSize(1);
  Value product =
      importer.createTyped(nn::MatmulOp::getOperationName(), RankedTensorType::get(shape, type), {codes, weight});
  if (!importer.hasInput(2))
    return product;
  Value zero = importer.cast(importer.getInput(2), type);
  if (!zero || getTensorType(zero).getRank() > 1)
    return {};
  if (getTensorType(zero).getRank() == 1 && getTensorType(zero).getDimSize(0) != 1)
    zero = importer.rearrange(zero, {0, -1});
  Value columns = importer.createConstant(RankedTensorType::get(weightType.getDimSize(1), type), *sums);
  return importer.create<nn::SubOp>({product, importer.create<nn::MulOp>({zero, columns})});
}

/// (A - a_zero_point) (B - b_zero_point) in 32-bit integers.
LogicalResult importMatMulInteger(NodeImporter &importer) {
  if (Value product = multiplyCodes(importer))
    return importer.setOutput(0, product);
  Type type = importer.builder.getI32Type();
  Value operands[2];
  for (size_t i : {0, 1}) {
    operands[i] = importer.cast(importer.getInput(i), type);
    if (!importer.hasInput(i + 2))
      continue;
    Value zero = importer.cast(importer.getInput(i + 2), type);
    if (!zero || !operands[i])
      return failure();
    int64_t rank = getTensorType(zero).getRank();
    // Zero points of A belong to rows: a column vector.
    if (rank == 1 && i == 0 && getTensorType(zero).getDimSize(0) != 1)
      zero = importer.rearrange(zero, {0, -1});
    else if (rank > 1)
      return importer.reject("zero points of rank 2 or more are not supported");
    operands[i] = importer.create<nn::SubOp>({operands[i], zero});
  }
  return importer.setOutput(0, importer.create<nn::MatmulOp>(operands));
}

Value scale(NodeImporter &importer, Value value, double factor) {
  if (factor == 1 || !value)
    return value;
  Type type = getTensorType(value).getElementType();
  return importer.create<nn::MulOp>({value, importer.createScalar(type, factor)});
}

/// The product as nn.linear when B is transposed (the layout of weights), with
/// C as its bias if it is a vector over the columns.
Value createProduct(NodeImporter &importer, Value lhs, Value rhs, bool isTransposed, Value &bias) {
  if (!isTransposed)
    return importer.create<nn::MatmulOp>({lhs, rhs});
  SmallVector<Value> operands = {lhs, rhs};
  RankedTensorType rhsType = getTensorType(rhs);
  if (bias) {
    RankedTensorType type = getTensorType(bias);
    if (type.getRank() == 1 && rhsType.getRank() == 2 && type.getDimSize(0) == rhsType.getDimSize(0) &&
        type.hasStaticShape()) {
      operands.push_back(bias);
      bias = Value();
    }
  }
  return importer.create<nn::LinearOp>(operands);
}

LogicalResult importGemm(NodeImporter &importer) {
  double alpha = importer.getFloat("alpha", 1);
  double beta = importer.getFloat("beta", 1);
  bool transposeA = importer.getInt("transA", 0) != 0;
  bool transposeB = importer.getInt("transB", 0) != 0;
  Value lhs = importer.getInput(0), rhs = importer.getInput(1);
  Value bias = importer.hasInput(2) ? importer.getInput(2) : Value();
  if (!lhs || !rhs || (importer.hasInput(2) && !bias))
    return failure();
  if (getTensorType(lhs).getRank() != 2 || getTensorType(rhs).getRank() != 2)
    return importer.reject("requires matrices");
  if (!areFloats({lhs, rhs}))
    return importer.reject("integers are not supported");
  if (transposeA)
    lhs = importer.transpose(lhs, {1, 0});
  bias = scale(importer, bias, beta);
  // With a factor in between, the bias stays outside.
  Value outside = alpha == 1 ? Value() : bias;
  Value inside = alpha == 1 ? bias : Value();
  if (!lhs)
    return failure();
  Value product = createProduct(importer, lhs, rhs, transposeB, inside);
  if (alpha == 1)
    outside = inside;
  product = scale(importer, product, alpha);
  if (outside) {
    RankedTensorType type = product ? getTensorType(product) : RankedTensorType();
    product = importer.create<nn::AddOp>({product, outside});
    // C broadcasts to the product, never the other way round.
    if (product && getTensorType(product) != type)
      return importer.reject("C does not broadcast to the product");
  }
  return importer.setOutput(0, product);
}

//===----------------------------------------------------------------------===//
// Einsum
//===----------------------------------------------------------------------===//

/// The equation of an Einsum with one or two operands: a letter per dimension.
struct Equation {
  SmallVector<std::string> operands;
  std::string result;

  /// False if the text is none, or uses an ellipsis.
  bool parse(StringRef text) {
    std::string clean = text.str();
    llvm::erase(clean, ' ');
    StringRef rest = clean;
    if (rest.contains('.'))
      return false;
    auto [left, right] = rest.split("->");
    SmallVector<StringRef> parts;
    left.split(parts, ',');
    for (StringRef part : parts)
      operands.push_back(part.str());
    result = right.str();
    if (!rest.contains("->"))
      makeImplicitResult();
    return operands.size() <= 2 && isPlain();
  }

private:
  /// Letters that occur once, in alphabetical order.
  void makeImplicitResult() {
    std::string all;
    for (const std::string &operand : operands)
      all += operand;
    llvm::sort(all);
    for (char letter : all)
      if (llvm::count(all, letter) == 1)
        result += letter;
  }

  /// No letter is repeated within a term.
  bool isPlain() const {
    auto isUnique = [](std::string term) {
      llvm::sort(term);
      return llvm::adjacent_find(term) == term.end();
    };
    return llvm::all_of(operands, isUnique) && isUnique(result);
  }
};

/// Brings `value`, whose dimensions are `letters`, to the order `target`, with
/// new dimensions of size 1 for letters that it lacks.
Value arrange(NodeImporter &importer, Value value, StringRef letters, StringRef target) {
  SmallVector<int64_t> permutation, sources;
  for (char letter : target) {
    size_t position = letters.find(letter);
    bool isPresent = position != StringRef::npos;
    sources.push_back(isPresent ? static_cast<int64_t>(permutation.size()) : -1);
    if (isPresent)
      permutation.push_back(static_cast<int64_t>(position));
  }
  return importer.rearrange(importer.transpose(value, permutation), sources);
}

/// Multiplies the operands with broadcasting over all letters, and sums those
/// that the result lacks.
LogicalResult importEinsum(NodeImporter &importer) {
  Equation equation;
  if (!equation.parse(importer.getString("equation", "")) || equation.operands.size() != importer.getNumInputs())
    return importer.reject("only equations of one or two operands without "
                           "repeated letters or ellipses are supported");
  std::string letters = equation.result;
  for (const std::string &operand : equation.operands)
    for (char letter : operand)
      if (!StringRef(letters).contains(letter))
        letters += letter;
  Value product;
  for (auto [i, operand] : llvm::enumerate(equation.operands)) {
    RankedTensorType type = importer.getInputType(i);
    if (!type || type.getRank() != static_cast<int64_t>(operand.size()))
      return importer.reject("the equation does not fit the operands' ranks");
    Value value = arrange(importer, importer.getInput(i), operand, letters);
    product = i == 0 ? value : importer.create<nn::MulOp>({product, value});
  }
  Shape summed;
  for (size_t i = equation.result.size(); i < letters.size(); ++i)
    summed.push_back(static_cast<int64_t>(i));
  if (!summed.empty())
    product = importer.reduce<nn::ReduceSumOp>(product, summed, false);
  return importer.setOutput(0, product);
}
} // namespace

void condense::onnx::registerLinearAlgebra(HandlerTable &table) {
  table["MatMul"] = {1, importMatMul};
  table["MatMulInteger"] = {10, importMatMulInteger};
  table["Gemm"] = {7, importGemm};
  table["Einsum"] = {12, importEinsum};
}
