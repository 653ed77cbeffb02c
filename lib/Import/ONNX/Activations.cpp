//===- Activations.cpp - ONNX activation functions ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
template <typename OpTy> struct Parameters;
/// Default values of alpha and beta, per operator.
template <> struct Parameters<nn::LeakyReluOp> {
  static constexpr float alpha = 0.01f;
};
template <> struct Parameters<nn::EluOp> {
  static constexpr float alpha = 1;
};
template <> struct Parameters<nn::CeluOp> {
  static constexpr float alpha = 1;
};
template <> struct Parameters<nn::ThresholdedReluOp> {
  static constexpr float alpha = 1;
};

template <typename OpTy> LogicalResult importAlpha(NodeImporter &importer) {
  double alpha = importer.getFloat("alpha", Parameters<OpTy>::alpha);
  return importer.setOutput(0, importer.create<OpTy>(importer.getInput(0), importer.attr("alpha", alpha)));
}

LogicalResult importHardSigmoid(NodeImporter &importer) {
  double alpha = importer.getFloat("alpha", 0.2f);
  double beta = importer.getFloat("beta", 0.5f);
  return importer.setOutput(0, importer.create<nn::HardSigmoidOp>(
                                   importer.getInput(0), {importer.attr("alpha", alpha), importer.attr("beta", beta)}));
}

LogicalResult importSelu(NodeImporter &importer) {
  double alpha = importer.getFloat("alpha", 1.67326319217681884765625f);
  double gamma = importer.getFloat("gamma", 1.05070102214813232421875f);
  return importer.setOutput(0, importer.create<nn::SeluOp>(importer.getInput(0), {importer.attr("alpha", alpha),
                                                                                  importer.attr("beta", gamma)}));
}

LogicalResult importGelu(NodeImporter &importer) {
  std::string approximate = importer.getString("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return importer.reject("attribute 'approximate' must be none or tanh");
  SmallVector<NamedAttribute> attributes;
  if (approximate == "tanh")
    attributes.push_back(importer.unit("tanh"));
  return importer.setOutput(0, importer.create<nn::GeluOp>(importer.getInput(0), attributes));
}

/// x < -lambd ? x + bias : x > lambd ? x - bias : 0
LogicalResult importShrink(NodeImporter &importer) {
  double bias = importer.getFloat("bias", 0), limit = importer.getFloat("lambd", 0.5f);
  Value input = importer.getInput(0);
  if (!input)
    return failure();
  Type type = getTensorType(input).getElementType();
  if (!isa<FloatType>(type))
    return importer.reject("requires floats");
  auto compare = [&](nn::Comparison kind, double bound) {
    auto attribute = nn::ComparisonAttr::get(importer.builder.getContext(), kind);
    return importer.create<nn::CompareOp>({input, importer.createScalar(type, bound)},
                                          importer.attr("kind", mlir::Attribute(attribute)));
  };
  Value offset = importer.createScalar(type, bias);
  Value above =
      importer.create<nn::SelectOp>({compare(nn::Comparison::GT, limit), importer.create<nn::SubOp>({input, offset}),
                                     importer.createScalar(type, 0)});
  return importer.setOutput(0, importer.create<nn::SelectOp>({compare(nn::Comparison::LT, -limit),
                                                              importer.create<nn::AddOp>({input, offset}), above}));
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// The lowest or highest value of a type.
TypedAttr makeExtreme(Type type, bool isLow) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, APFloat::getInf(floatType.getFloatSemantics(), isLow));
  unsigned bits = type.getIntOrFloatBitWidth();
  if (type.isUnsignedInteger())
    return IntegerAttr::get(type, isLow ? APInt::getMinValue(bits) : APInt::getMaxValue(bits));
  return IntegerAttr::get(type, isLow ? APInt::getSignedMinValue(bits) : APInt::getSignedMaxValue(bits));
}

TypedAttr makeBound(Type type, std::optional<double> bound, bool isLow) {
  return bound ? makeElement(type, *bound) : makeExtreme(type, isLow);
}

LogicalResult createClamp(NodeImporter &importer, std::optional<double> low, std::optional<double> high) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  Type elementType = type.getElementType();
  return importer.setOutput(0, importer.create<nn::ClampOp>(
                                   importer.getInput(0), {importer.attr("low", makeBound(elementType, low, true)),
                                                          importer.attr("high", makeBound(elementType, high, false))}));
}

/// Bounds that are known become attributes, others operations.
LogicalResult importClip(NodeImporter &importer) {
  if (importer.opset < 11) {
    std::optional<double> low, high;
    if (importer.hasAttribute("min"))
      low = importer.getFloat("min", 0);
    if (importer.hasAttribute("max"))
      high = importer.getFloat("max", 0);
    return createClamp(importer, low, high);
  }
  std::optional<double> bounds[2];
  bool areKnown = true;
  for (size_t i : {1, 2}) {
    if (!importer.hasInput(i))
      continue;
    const Tensor *constant = importer.getConstant(i);
    std::optional<SmallVector<double>> numbers;
    if (constant && constant->type != DataType::Int64)
      numbers = decodeReals(*constant);
    areKnown &= numbers && numbers->size() == 1;
    if (areKnown)
      bounds[i - 1] = numbers->front();
  }
  if (areKnown)
    return createClamp(importer, bounds[0], bounds[1]);
  Value result = importer.getInput(0);
  if (importer.hasInput(1))
    result = importer.create<nn::MaxOp>({result, importer.getInput(1)});
  if (importer.hasInput(2))
    result = importer.create<nn::MinOp>({result, importer.getInput(2)});
  return importer.setOutput(0, result);
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// From opset 13 on along one axis; before, the dimensions from the axis on
/// count as one.
template <typename OpTy> LogicalResult importSoftmax(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!type)
    return failure();
  int64_t defaultAxis = importer.opset >= 13 ? -1 : 1;
  int64_t rank = type.getRank();
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", defaultAxis), rank);
  if (!axis)
    return failure();
  Value input = importer.getInput(0);
  bool isPlain = importer.opset >= 13 || *axis == rank - 1;
  if (isPlain)
    return importer.setOutput(0, importer.create<OpTy>(input, importer.attr("axis", *axis)));
  if (!importer.requireStatic(type, "softmax over several dimensions"))
    return failure();
  int64_t inner = 1;
  for (int64_t dim : type.getShape().drop_front(*axis))
    inner *= dim;
  if (inner == 0)
    return importer.reject("tensors without elements are not supported");
  Value flat = importer.reshape(input, {type.getNumElements() / inner, inner});
  Value result = importer.create<OpTy>(flat, importer.attr("axis", int64_t{1}));
  return importer.setOutput(0, importer.reshape(result, type.getShape()));
}

/// One at the first maximum along the axis, zero elsewhere.
LogicalResult importHardmax(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!importer.requireStatic(type, "Hardmax"))
    return failure();
  int64_t rank = type.getRank();
  int64_t defaultAxis = importer.opset >= 13 ? -1 : 1;
  std::optional<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", defaultAxis), rank);
  if (!axis)
    return failure();
  if (importer.opset < 13 && *axis != rank - 1)
    return importer.reject("over several dimensions is not supported");
  Type elementType = type.getElementType();
  Value index = importer.create<nn::ArgMaxOp>(importer.getInput(0), importer.attr("axis", *axis));
  return importer.setOutput(0,
                            importer.create<nn::OneHotOp>(
                                {index, importer.createScalar(elementType, 1), importer.createScalar(elementType, 0)},
                                {importer.attr("axis", *axis), importer.attr("depth", type.getDimSize(*axis))}));
}
} // namespace

void condense::onnx::registerActivations(HandlerTable &table) {
  table["Relu"] = {6, importAs<nn::ReluOp>};
  table["Sigmoid"] = {6, importAs<nn::SigmoidOp>};
  table["Tanh"] = {6, importAs<nn::TanhOp>};
  table["Softplus"] = {1, importAs<nn::SoftplusOp>};
  table["Softsign"] = {1, importAs<nn::SoftsignOp>};
  table["Mish"] = {18, importAs<nn::MishOp>};
  table["HardSwish"] = {14, importAs<nn::HardSwishOp>};
  table["PRelu"] = {7, importAs<nn::PReluOp>};
  table["LeakyRelu"] = {6, importAlpha<nn::LeakyReluOp>};
  table["Elu"] = {6, importAlpha<nn::EluOp>};
  table["Celu"] = {12, importAlpha<nn::CeluOp>};
  table["ThresholdedRelu"] = {10, importAlpha<nn::ThresholdedReluOp>};
  table["HardSigmoid"] = {6, importHardSigmoid};
  table["Selu"] = {6, importSelu};
  table["Gelu"] = {20, importGelu};
  table["Shrink"] = {9, importShrink};
  table["Clip"] = {6, importClip};
  table["Softmax"] = {1, importSoftmax<nn::SoftmaxOp>};
  table["LogSoftmax"] = {1, importSoftmax<nn::LogSoftmaxOp>};
  table["Hardmax"] = {1, importHardmax};
}
