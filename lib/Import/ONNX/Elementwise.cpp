//===- Elementwise.cpp - ONNX arithmetic, logic, comparison, cast ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
bool isBoolean(Value value) { return getTensorType(value).getElementType().isInteger(1); }

/// An operator of any number of inputs, applied from the left.
template <typename OpTy> LogicalResult importVariadic(NodeImporter &importer) {
  Value result = importer.getInput(0);
  for (size_t i = 1; i < importer.getNumInputs(); ++i)
    result = importer.create<OpTy>({result, importer.getInput(i)});
  return importer.setOutput(0, result);
}

LogicalResult importMean(NodeImporter &importer) {
  Value sum = importer.getInput(0);
  for (size_t i = 1; i < importer.getNumInputs(); ++i)
    sum = importer.create<nn::AddOp>({sum, importer.getInput(i)});
  if (!sum)
    return failure();
  Value count =
      importer.createScalar(getTensorType(sum).getElementType(), static_cast<double>(importer.getNumInputs()));
  return importer.setOutput(0, importer.create<nn::DivOp>({sum, count}));
}

template <nn::Comparison kind> LogicalResult importComparison(NodeImporter &importer) {
  auto attribute = nn::ComparisonAttr::get(importer.builder.getContext(), kind);
  return importer.setOutput(0, importer.create<nn::CompareOp>({importer.getInput(0), importer.getInput(1)},
                                                              importer.attr("kind", mlir::Attribute(attribute))));
}

/// And, Or, Xor are logical: operands are booleans.
template <typename OpTy> LogicalResult importLogical(NodeImporter &importer) {
  SmallVector<Value> inputs = importer.getInputs();
  if (llvm::is_contained(inputs, Value()))
    return failure();
  if (!llvm::all_of(inputs, isBoolean))
    return importer.reject("requires booleans");
  return importer.setOutput(0, importer.create<OpTy>(inputs));
}

LogicalResult importShift(NodeImporter &importer) {
  std::string direction = importer.getString("direction", "");
  SmallVector<Value> inputs = importer.getInputs();
  if (direction == "LEFT")
    return importer.setOutput(0, importer.create<nn::ShiftLeftOp>(inputs));
  if (direction == "RIGHT")
    return importer.setOutput(0, importer.create<nn::ShiftRightOp>(inputs));
  return importer.reject("attribute 'direction' must be LEFT or RIGHT");
}

/// A square is cheaper as a product, and the same.
LogicalResult importPow(NodeImporter &importer) {
  Value base = importer.getInput(0);
  std::optional<SmallVector<double>> exponent;
  if (const Tensor *constant = importer.getConstant(1))
    exponent = decodeReals(*constant);
  bool isSquare = exponent && exponent->size() == 1 && exponent->front() == 2 && base &&
                  importer.getConstant(1)->dims.size() <= static_cast<size_t>(getTensorType(base).getRank());
  if (isSquare)
    return importer.setOutput(0, importer.create<nn::MulOp>({base, base}));
  return importAs<nn::PowOp>(importer);
}

LogicalResult importMod(NodeImporter &importer) {
  bool truncates = importer.getInt("fmod", 0) != 0;
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  if (truncates)
    return importAs<nn::RemOp>(importer);
  if (isa<FloatType>(type.getElementType()))
    return importer.reject("floats need fmod = 1");
  return importAs<nn::ModOp>(importer);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

LogicalResult castTo(NodeImporter &importer, Type from, Type to) {
  if (!to)
    return importer.reject("the type to convert to is not supported");
  // Conversions to these saturate by rules of their own.
  for (Type type : {from, to})
    if (type.getIntOrFloatBitWidth() < 16 && !type.isInteger(1) && !type.isInteger(8))
      return importer.reject("conversions of 4-bit and 8-bit float types are "
                             "not supported");
  return importer.setOutput(0, importer.cast(importer.getInput(0), to));
}

LogicalResult importCast(NodeImporter &importer) {
  int64_t number = importer.getInt("to", 0);
  // Only conversions to 8-bit floats saturate, and those are refused.
  importer.ignoreAttribute("saturate");
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  bool isKnown = number > 0 && number <= INT32_MAX && isKnownDataType(static_cast<int32_t>(number));
  Type to = isKnown ? convertType(importer.builder.getContext(), static_cast<DataType>(number)) : Type();
  return castTo(importer, type.getElementType(), to);
}

LogicalResult importCastLike(NodeImporter &importer) {
  importer.ignoreAttribute("saturate");
  RankedTensorType from = importer.getInputType(0);
  RankedTensorType to = importer.getInputType(1);
  if (!from || !to)
    return failure();
  return castTo(importer, from.getElementType(), to.getElementType());
}

LogicalResult importIdentity(NodeImporter &importer) { return importer.setOutput(0, importer.getInput(0)); }

/// At inference the input passes; the mask, if asked for, is all true.
LogicalResult importDropout(NodeImporter &importer) {
  importer.ignoreAttribute("ratio");
  importer.ignoreAttribute("seed");
  if (importer.hasInput(2)) {
    std::optional<Shape> training = importer.getNumbers(2, "training_mode of Dropout");
    if (!training)
      return failure();
    bool isTraining = training->size() != 1 || training->front() != 0;
    std::optional<SmallVector<double>> ratio;
    if (isTraining && importer.hasInput(1))
      ratio = importer.getReals(1, "ratio");
    if (isTraining && (!ratio || ratio->size() != 1 || ratio->front() != 0))
      return importer.reject("training mode is not supported");
  }
  if (importer.hasOutput(1)) {
    RankedTensorType type = importer.getInputType(0);
    if (!importer.requireStatic(type, "the mask"))
      return failure();
    Type maskType = importer.opset >= 10 ? Type(importer.builder.getI1Type()) : type.getElementType();
    (void)importer.setOutput(1, importer.createSplat(type.clone(maskType), 1));
  }
  return importIdentity(importer);
}

LogicalResult importIsInf(NodeImporter &importer) {
  SmallVector<NamedAttribute> signs;
  if (importer.getInt("detect_positive", 1))
    signs.push_back(importer.unit("positive"));
  if (importer.getInt("detect_negative", 1))
    signs.push_back(importer.unit("negative"));
  return importer.setOutput(0, importer.create<nn::IsInfOp>(importer.getInput(0), signs));
}
} // namespace

void condense::onnx::registerElementwise(HandlerTable &table) {
  table["Abs"] = {6, importAs<nn::AbsOp>};
  table["Neg"] = {6, importAs<nn::NegOp>};
  table["Sign"] = {9, importAs<nn::SignOp>};
  table["Exp"] = {6, importAs<nn::ExpOp>};
  table["Log"] = {6, importAs<nn::LogOp>};
  table["Sqrt"] = {6, importAs<nn::SqrtOp>};
  table["Reciprocal"] = {6, importAs<nn::ReciprocalOp>};
  table["Erf"] = {9, importAs<nn::ErfOp>};
  table["Ceil"] = {6, importAs<nn::CeilOp>};
  table["Floor"] = {6, importAs<nn::FloorOp>};
  table["Round"] = {11, importAs<nn::RoundOp>};
  table["Sin"] = {7, importAs<nn::SinOp>};
  table["Cos"] = {7, importAs<nn::CosOp>};
  table["Tan"] = {7, importAs<nn::TanOp>};
  table["Asin"] = {7, importAs<nn::AsinOp>};
  table["Acos"] = {7, importAs<nn::AcosOp>};
  table["Atan"] = {7, importAs<nn::AtanOp>};
  table["Sinh"] = {9, importAs<nn::SinhOp>};
  table["Cosh"] = {9, importAs<nn::CoshOp>};
  table["Asinh"] = {9, importAs<nn::AsinhOp>};
  table["Acosh"] = {9, importAs<nn::AcoshOp>};
  table["Atanh"] = {9, importAs<nn::AtanhOp>};
  table["IsNaN"] = {9, importAs<nn::IsNaNOp>};
  table["IsInf"] = {10, importIsInf};
  table["Add"] = {7, importAs<nn::AddOp>};
  table["Sub"] = {7, importAs<nn::SubOp>};
  table["Mul"] = {7, importAs<nn::MulOp>};
  table["Div"] = {7, importAs<nn::DivOp>};
  table["Pow"] = {7, importPow};
  table["Mod"] = {10, importMod};
  table["Sum"] = {6, importVariadic<nn::AddOp>};
  table["Max"] = {6, importVariadic<nn::MaxOp>};
  table["Min"] = {6, importVariadic<nn::MinOp>};
  table["Mean"] = {6, importMean};
  table["And"] = {7, importLogical<nn::AndOp>};
  table["Or"] = {7, importLogical<nn::OrOp>};
  table["Xor"] = {7, importLogical<nn::XorOp>};
  table["Not"] = {1, importLogical<nn::NotOp>};
  table["BitwiseAnd"] = {18, importAs<nn::AndOp>};
  table["BitwiseOr"] = {18, importAs<nn::OrOp>};
  table["BitwiseXor"] = {18, importAs<nn::XorOp>};
  table["BitwiseNot"] = {18, importAs<nn::NotOp>};
  table["BitShift"] = {11, importShift};
  table["Equal"] = {7, importComparison<nn::Comparison::EQ>};
  table["Less"] = {7, importComparison<nn::Comparison::LT>};
  table["LessOrEqual"] = {12, importComparison<nn::Comparison::LE>};
  table["Greater"] = {7, importComparison<nn::Comparison::GT>};
  table["GreaterOrEqual"] = {12, importComparison<nn::Comparison::GE>};
  table["Where"] = {9, importAs<nn::SelectOp>};
  table["Cast"] = {6, importCast};
  table["CastLike"] = {15, importCastLike};
  table["Identity"] = {1, importIdentity};
  table["Dropout"] = {7, importDropout};
}
