// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Integer arithmetic of quantized layers. The identity is in the description of
// the pass: the zero point of the activation leaves the sum as a constant, which
// becomes the i32 bias, and both scales become a factor of the result.

#include "condense/Analysis/Layers.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_INTEGERARITHMETICPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// A quantized activation, with one scale or scales that the result is multiplied with.
struct QuantizedActivation {
  Value codes;
  float scale;  // 1 if there are several
  Value scales; // null if there is one constant
  int32_t zeroPoint;
  int32_t lowest, highest; // code
};

/// A symmetric i8 weight with one scale per output channel, or one in all.
struct QuantizedWeight {
  Value codes;
  std::vector<float> scales;     // one per channel
  std::vector<int64_t> positive; // sum of the positive codes per channel
  std::vector<int64_t> negative; // sum of the negative ones
};

} // namespace

/// The dequantized activation of 8-bit codes, or null.
static DequantizeOp findActivation(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  auto dequantize = op.getActivationOperand().get().getDefiningOp<DequantizeOp>();
  return dequantize && dequantize.getCodes().getType().getElementType().isInteger(8) ? dequantize : DequantizeOp();
}

/// Whether the result has a dimension for each in which there are several scales.
static bool areOutside(Operation *op, RankedTensorType scales) {
  int64_t shared = isa<nn::Conv2DOp>(op) ? 1 : scales.getRank() - 1;
  return llvm::all_of(scales.getShape().drop_front(shared), [](int64_t size) { return size == 1; }) &&
         scales.getRank() == cast<RankedTensorType>(op->getResult(0).getType()).getRank();
}

/// Fails with the reason.
static FailureOr<QuantizedActivation> matchActivation(Operation *op, DequantizeOp dequantize, StringRef &reason) {
  bool isUnsigned = dequantize.getCodes().getType().getElementType().isUnsignedInteger();
  QuantizedActivation activation{dequantize.getCodes(), 1, Value(), 0, isUnsigned ? 0 : -128, isUnsigned ? 255 : 127};
  RankedTensorType type = dequantize.getScales().getType();
  FailureOr<std::vector<float>> scale = failure();
  if (type.hasStaticShape() && type.getNumElements() == 1)
    scale = evaluateFloats(dequantize.getScales());
  if (succeeded(scale)) {
    activation.scale = scale->front();
  } else if (areOutside(op, type)) {
    activation.scales = dequantize.getScales();
  } else {
    return reason = "the activation has several scales along what is summed", failure();
  }
  if (!dequantize.getZeroPoints())
    return activation;
  FailureOr<std::vector<uint8_t>> zero = failure();
  if (!activation.scales)
    zero = evaluateCodes(dequantize.getZeroPoints());
  if (failed(zero))
    return reason = "the zero points of the activation are no constant", failure();
  activation.zeroPoint = isUnsigned ? zero->front() : static_cast<int8_t>(zero->front());
  return activation;
}

/// The integers that a look-up results in, as a constant of bytes; null if some are none.
static Value decodeIntegers(Value lookup) {
  FailureOr<std::vector<float>> values = evaluateElements(lookup);
  if (failed(values))
    return {};
  std::vector<char> bytes;
  for (float value : *values) {
    if (value != std::nearbyint(value) || std::fabs(value) > 127)
      return {};
    bytes.push_back(static_cast<char>(value));
  }
  OpBuilder builder(lookup.getContext());
  builder.setInsertionPointAfterValue(lookup);
  return createTensorConstant(builder, lookup.getLoc(),
                              cast<RankedTensorType>(lookup.getType()).clone(builder.getI8Type()), std::move(bytes),
                              "codes");
}

/// `channelDim` is the weight's only dimension that is not summed over.
static FailureOr<QuantizedWeight> matchWeight(Value value, int64_t channelDim) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize || dequantize.getZeroPoints())
    return failure();
  ArrayRef<int64_t> shape = dequantize.getCodes().getType().getShape();
  for (auto [dim, blocks] : llvm::enumerate(dequantize.getScales().getType().getShape()))
    if (blocks != 1 && (static_cast<int64_t>(dim) != channelDim || blocks != shape[dim]))
      return failure();
  Value codeValue = dequantize.getCodes();
  if (codeValue.getDefiningOp<LookupOp>())
    codeValue = decodeIntegers(codeValue);
  if (!codeValue || !getElementTypeOrSelf(codeValue).isSignlessInteger(8))
    return failure();
  FailureOr<HostTensor> codes = evaluateExpression(codeValue);
  FailureOr<std::vector<float>> scales = evaluateFloats(dequantize.getScales());
  if (failed(codes) || failed(scales))
    return failure();

  int64_t channels = shape[channelDim], inner = ShapedType::getNumElements(shape.drop_front(channelDim + 1));
  QuantizedWeight weight{codeValue, std::move(*scales), std::vector<int64_t>(channels), std::vector<int64_t>(channels)};
  weight.scales.resize(channels, weight.scales.front());
  for (auto [index, code] : llvm::enumerate(codes->as<int8_t>())) {
    int64_t channel = index / inner % channels, signedCode = code;
    (signedCode > 0 ? weight.positive : weight.negative)[channel] += signedCode;
  }
  return weight;
}

/// The i32 bias `-zero * sum(weight)`; nothing if a partial sum in some order
/// might leave the range of i32.
static std::optional<std::vector<int32_t>> getBias(const QuantizedActivation &x, const QuantizedWeight &w) {
  std::vector<int32_t> bias;
  for (auto [positive, negative] : llvm::zip_equal(w.positive, w.negative)) {
    int64_t start = -x.zeroPoint * (positive + negative);
    int64_t most = std::max<int64_t>(x.highest, 0) * positive + std::min<int64_t>(x.lowest, 0) * negative;
    int64_t least = std::max<int64_t>(x.highest, 0) * negative + std::min<int64_t>(x.lowest, 0) * positive;
    if (!llvm::isInt<32>(start) || !llvm::isInt<32>(start + most) || !llvm::isInt<32>(start + least) ||
        !llvm::isInt<32>(most) || !llvm::isInt<32>(least))
      return std::nullopt;
    bias.push_back(static_cast<int32_t>(start));
  }
  return bias;
}

static RankedTensorType withElement(Value value, Type element) {
  return cast<RankedTensorType>(value.getType()).clone(element);
}

static Value buildBias(ImplicitLocOpBuilder &b, ArrayRef<int32_t> bias, StringRef layer) {
  auto type = RankedTensorType::get(static_cast<int64_t>(bias.size()), b.getI32Type());
  return createTensorConstant<int32_t>(b, b.getLoc(), type, bias, layer.str() + ".zero_point_sum");
}

/// Padding in codes: a code of value 0.
static Value buildPadding(ImplicitLocOpBuilder &b, nn::Conv2DOp conv, const QuantizedActivation &x) {
  ArrayRef<int64_t> pads = conv.getPads();
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return x.codes;
  auto type = cast<RankedTensorType>(x.codes.getType());
  int64_t height = conv.getLayout() == nn::Layout::NCHW ? 2 : 1;
  SmallVector<int64_t> low(4, 0), high(4, 0), shape(type.getShape());
  for (int64_t i = 0; i < 2; ++i) {
    low[height + i] = pads[i];
    high[height + i] = pads[2 + i];
    if (!ShapedType::isDynamic(shape[height + i]))
      shape[height + i] += pads[i] + pads[2 + i];
  }
  APInt zero(8, static_cast<uint8_t>(x.zeroPoint));
  return nn::PadOp::create(b, type.clone(shape), x.codes, b.getDenseI64ArrayAttr(low), b.getDenseI64ArrayAttr(high),
                           nn::PadModeAttr::get(b.getContext(), nn::PadMode::Constant),
                           IntegerAttr::get(type.getElementType(), zero));
}

/// The integer operation on codes; i32, with the zero point's share as its bias.
static Value buildInteger(ImplicitLocOpBuilder &b, const Layer &layer, const QuantizedActivation &x,
                          const QuantizedWeight &w, ArrayRef<int32_t> biasValues) {
  Operation *op = layer.op;
  RankedTensorType type = withElement(op->getResult(0), b.getI32Type());
  bool hasBias = llvm::any_of(biasValues, [](int32_t value) { return value != 0; });
  Value bias = hasBias ? buildBias(b, biasValues, layer.name) : Value();
  if (isa<nn::LinearOp>(op))
    return nn::LinearOp::create(b, type, x.codes, w.codes, bias);
  if (auto conv = dyn_cast<nn::Conv2DOp>(op))
    return nn::Conv2DOp::create(b, type, buildPadding(b, conv, x), w.codes, bias, conv.getStridesAttr(),
                                conv.getDilationsAttr(), b.getDenseI64ArrayAttr({0, 0, 0, 0}), conv.getGroupsAttr(),
                                conv.getLayoutAttr());
  Value product = nn::MatmulOp::create(b, type, x.codes, w.codes);
  return bias ? nn::AddOp::create(b, type, product, bias).getResult() : product;
}

/// Channels of the result are its last dimension, but for images of layout NCHW.
static SmallVector<int64_t> getChannelShape(Operation *op, int64_t channels) {
  if (auto conv = dyn_cast<nn::Conv2DOp>(op); conv && conv.getLayout() == nn::Layout::NCHW)
    return {channels, 1, 1};
  return {channels};
}

/// The scales of rows or samples in f32, one for each element of their dimensions in the result.
static Value buildScales(ImplicitLocOpBuilder &b, Value scales) {
  Type f32 = b.getF32Type();
  if (getElementTypeOrSelf(scales) == f32)
    return scales;
  return nn::CastOp::create(b, withElement(scales, f32), scales, TypeAttr::get(f32));
}

/// `accumulator * (sx * sw[c]) + bias[c]` in f32; scales of rows are multiplied after those of channels.
static Value buildRescale(ImplicitLocOpBuilder &b, const Layer &layer, Value accumulator, const QuantizedActivation &x,
                          ArrayRef<float> weightScales, Value bias) {
  RankedTensorType type = withElement(accumulator, b.getF32Type());
  std::vector<float> factors;
  for (float scale : weightScales)
    factors.push_back(x.scale * scale);
  SmallVector<int64_t> shape = getChannelShape(layer.op, factors.size());
  auto factorType = RankedTensorType::get(shape, b.getF32Type());
  Value number = nn::CastOp::create(b, type, accumulator, TypeAttr::get(b.getF32Type()));
  Value factor =
      createTensorConstant<float>(b, b.getLoc(), factorType, ArrayRef<float>(factors), layer.name + ".rescale");
  Value result = nn::MulOp::create(b, type, number, factor);
  if (x.scales)
    result = nn::MulOp::create(b, type, result, buildScales(b, x.scales));
  if (!bias)
    return result;
  if (shape.size() > 1)
    bias = nn::ReshapeOp::create(b, factorType, bias, b.getDenseI64ArrayAttr(shape));
  return nn::AddOp::create(b, type, result, bias);
}

namespace {
struct IntegerArithmeticPass : public condense::compress::impl::IntegerArithmeticPassBase<IntegerArithmeticPass> {
  void runOnOperation() override {
    for (Layer layer : getLayers(getOperation()))
      if (isa<nn::LinearOp, nn::Conv2DOp, nn::MatmulOp>(*layer.op))
        convert(layer);
  }

private:
  static remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name("integer-arithmetic").category("compress").function(layer.name);
  }

  void leaveAlone(const Layer &layer, StringRef reason) {
    remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
    ++leftAlone;
  }

  void convert(Layer &layer) {
    Operation *op = layer.op;
    DequantizeOp activation = findActivation(layer);
    if (!activation)
      return; // no quantized layer
    SmallVector<int64_t> outputs = layer.op.getOutputChannelDims();
    Value weightOperand = layer.op.getWeightOperand().get();
    auto weightType = cast<RankedTensorType>(weightOperand.getType());
    if (weightType.getRank() < 2 || outputs.size() != 1 ||
        cast<RankedTensorType>(op->getOperand(0).getType()).getRank() < 2 ||
        !cast<RankedTensorType>(op->getResult(0).getType()).getElementType().isF32())
      return leaveAlone(layer, "requires f32 results and a weight with one output channel dimension");
    StringRef reason;
    FailureOr<QuantizedActivation> x = matchActivation(op, activation, reason);
    if (failed(x))
      return leaveAlone(layer, reason);
    FailureOr<QuantizedWeight> w = matchWeight(weightOperand, outputs.front());
    if (failed(w))
      return leaveAlone(layer, "weight is not i8, symmetric, with one scale per output channel");
    std::optional<std::vector<int32_t>> bias = getBias(*x, *w);
    if (!bias)
      return leaveAlone(layer, "the integer sum might not fit 32 bits");

    ImplicitLocOpBuilder b(op->getLoc(), op);
    Value accumulator = buildInteger(b, layer, *x, *w, *bias);
    Value floatBias = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
    Value result = buildRescale(b, layer, accumulator, *x, w->scales, floatBias);
    op->getResult(0).replaceAllUsesWith(result);
    Operation *dequantizeActivation = layer.op.getActivationOperand().get().getDefiningOp();
    Operation *dequantizeWeight = weightOperand.getDefiningOp();
    remark::passed(op->getLoc(), getRemark(layer)) << remark::metric("Channels", bias->size());
    op->erase();
    for (Operation *dead : {dequantizeActivation, dequantizeWeight})
      if (isOpTriviallyDead(dead))
        dead->erase();
    ++converted;
  }
};
} // namespace
