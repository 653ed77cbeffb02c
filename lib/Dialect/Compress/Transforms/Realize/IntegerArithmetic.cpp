// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computes quantized layers in integers:
//   y[n] = sx sw[n] (sum_k qx[k] qw[n,k] - zx sum_k qw[n,k]) + b[n]
// (Jacob et al., arXiv:1712.05877, equation 4, with a symmetric weight).

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/FloatFormats.h"
#include "mlir/IR/Remarks.h"

namespace condense::compress {
#define GEN_PASS_DEF_INTEGERARITHMETICPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;

namespace {

/// A tensor with one scale and zero point.
struct QuantizedActivation {
  Value codes;
  float scale;
  int32_t zeroPoint;
};

/// Codes [n, ...], one scale per n or one for all.
struct QuantizedWeight {
  Value codes;
  TensorConstant constant;
  std::vector<float> scales;
};

std::optional<std::vector<float>> readScales(Value value) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant)
    return std::nullopt;
  if (constant->getType().getElementType().isF32())
    return constant->as<float>().vec();
  if (!constant->getType().getElementType().isF16())
    return std::nullopt;
  std::vector<float> result;
  for (uint16_t half : constant->as<uint16_t>())
    result.push_back(numerics::fromF16(half));
  return result;
}

bool isUnsigned8(Type type) { return type.isUnsignedInteger(8); }
bool isSigned8(Type type) { return type.isSignlessInteger(8); }

std::optional<QuantizedActivation> matchActivation(Value value) {
  auto op = value.getDefiningOp<compress::DequantizeOp>();
  if (!op)
    return std::nullopt;
  Type type = getElementTypeOrSelf(op.getCodes().getType());
  std::optional<std::vector<float>> scales = readScales(op.getScales());
  if (!scales || scales->size() != 1 || !(isUnsigned8(type) || isSigned8(type)))
    return std::nullopt;
  QuantizedActivation result{op.getCodes(), scales->front(), 0};
  if (!op.getZeroPoints())
    return result;
  std::optional<TensorConstant> zero = getTensorConstant(op.getZeroPoints());
  if (!zero)
    return std::nullopt;
  result.zeroPoint = isUnsigned8(type) ? int32_t(zero->as<uint8_t>()[0])
                                       : int32_t(zero->as<int8_t>()[0]);
  return result;
}

std::optional<QuantizedWeight> matchWeight(Value value) {
  auto op = value.getDefiningOp<compress::DequantizeOp>();
  if (!op || op.getZeroPoints() ||
      !isSigned8(getElementTypeOrSelf(op.getCodes().getType())))
    return std::nullopt;
  std::optional<TensorConstant> codes = getTensorConstant(op.getCodes());
  std::optional<std::vector<float>> scales = readScales(op.getScales());
  if (!codes || !scales)
    return std::nullopt;
  auto scaleType = cast<RankedTensorType>(op.getScales().getType());
  bool perChannel = scaleType.getDimSize(0) == codes->getType().getDimSize(0);
  if (int64_t(scales->size()) != (perChannel ? scaleType.getDimSize(0) : 1))
    return std::nullopt;
  return QuantizedWeight{op.getCodes(), *codes, std::move(*scales)};
}

/// The i32 bias `-zx sum_k qw[n,k]`; nothing if a partial sum of some channel
/// might not fit i32 for some activation.
std::optional<std::vector<int32_t>> foldZeroPoint(const QuantizedWeight &weight,
                                                  int64_t zeroPoint) {
  ArrayRef<int8_t> codes = weight.constant.as<int8_t>();
  int64_t channels = weight.constant.getType().getDimSize(0),
          perChannel = codes.size() / channels;
  std::vector<int32_t> bias;
  for (int64_t n = 0; n < channels; ++n) {
    int64_t sum = 0, magnitude = 0;
    for (int8_t code : codes.slice(n * perChannel, perChannel)) {
      sum += code;
      magnitude += std::abs(int(code));
    }
    if (std::abs(zeroPoint * sum) + 255 * magnitude >
        std::numeric_limits<int32_t>::max())
      return std::nullopt;
    bias.push_back(-zeroPoint * sum);
  }
  return bias;
}

/// A constant along the output channels, shaped to broadcast to the layer's
/// result.
Value createPerChannel(PatternRewriter &rewriter, Location loc,
                       ArrayRef<float> values, int64_t trailingDims,
                       StringRef name) {
  SmallVector<int64_t> shape(1 + trailingDims, 1);
  shape[0] = values.size();
  return createTensorConstant<float>(
      rewriter, loc, RankedTensorType::get(shape, rewriter.getF32Type()),
      values, name);
}

/// Dimensions of the result after its channels.
int64_t getTrailingDims(nn::LinearOp) { return 0; }
int64_t getTrailingDims(nn::Conv2DOp op) {
  return op.getLayout() == nn::Layout::NCHW ? 2 : 0;
}

Value createIntegerLayer(PatternRewriter &rewriter, nn::LinearOp op,
                         const QuantizedActivation &x, Value weight,
                         Value bias) {
  return nn::LinearOp::create(rewriter, op.getLoc(), x.codes, weight, bias);
}

/// The border that the convolution would add, of codes that stand for 0.
Value padWithZeroPoint(PatternRewriter &rewriter, nn::Conv2DOp op,
                       const QuantizedActivation &x) {
  ArrayRef<int64_t> pads = op.getPads();
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return x.codes;
  int64_t height = op.getLayout() == nn::Layout::NCHW ? 2 : 1;
  SmallVector<int64_t> low(4, 0), high(4, 0);
  for (int64_t i = 0; i < 2; ++i) {
    low[height + i] = pads[i];
    high[height + i] = pads[2 + i];
  }
  Type type = getElementTypeOrSelf(x.codes.getType());
  auto value = rewriter.getIntegerAttr(type, APInt(8, uint8_t(x.zeroPoint)));
  return nn::PadOp::create(rewriter, op.getLoc(), x.codes, low, high,
                           nn::PadMode::Constant, value);
}

Value createIntegerLayer(PatternRewriter &rewriter, nn::Conv2DOp op,
                         const QuantizedActivation &x, Value weight,
                         Value bias) {
  SmallVector<int64_t> noPads(4, 0);
  return nn::Conv2DOp::create(rewriter, op.getLoc(),
                              padWithZeroPoint(rewriter, op, x), weight, bias,
                              op.getStrides(), op.getDilations(), noPads,
                              op.getGroups(), op.getLayout());
}

template <typename LayerOp> struct ToIntegers : OpRewritePattern<LayerOp> {
  ToIntegers(MLIRContext *context, Pass::Statistic &count,
             Pass::Statistic &overflow)
      : OpRewritePattern<LayerOp>(context), count(count), overflow(overflow) {}

  LogicalResult matchAndRewrite(LayerOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    std::optional<QuantizedActivation> x = matchActivation(op->getOperand(0));
    std::optional<QuantizedWeight> weight = matchWeight(op->getOperand(1));
    if (!type.getElementType().isF32() || !x || !weight)
      return rewriter.notifyMatchFailure(
          op, "requires a quantized activation and a quantized weight");
    std::optional<std::vector<int32_t>> correction =
        foldZeroPoint(*weight, x->zeroPoint);
    if (!correction)
      return refuse(op, rewriter);
    rewriter.replaceOp(op, rescale(op, rewriter, *x, *weight, *correction));
    ++count;
    return success();
  }

private:
  LogicalResult refuse(LayerOp op, PatternRewriter &rewriter) const {
    ++overflow;
    remark::missed(
        op.getLoc(),
        remark::RemarkOpts::name("integer-arithmetic").category("compress"))
        << "left in floating point: the integer sum might not fit 32 bits";
    return rewriter.notifyMatchFailure(op, "requires that the sum fits i32");
  }

  Value rescale(LayerOp op, PatternRewriter &rewriter,
                const QuantizedActivation &x, const QuantizedWeight &weight,
                ArrayRef<int32_t> correction) const {
    Location loc = op.getLoc();
    std::string name = getLayerName(loc).str();
    auto biasType = RankedTensorType::get({int64_t(correction.size())},
                                          rewriter.getI32Type());
    Value bias = createTensorConstant<int32_t>(
        rewriter, loc, biasType, correction, name + ".zero_point_sum");
    Value sum = createIntegerLayer(rewriter, op, x, weight.codes, bias);
    std::vector<float> factors(correction.size(), weight.scales.front());
    if (weight.scales.size() > 1)
      factors = weight.scales;
    for (float &factor : factors)
      factor *= x.scale;
    int64_t trailing = getTrailingDims(op);
    Value real = nn::CastOp::create(rewriter, loc, sum, rewriter.getF32Type());
    Value result = nn::MulOp::create(
        rewriter, loc, op.getType(), real,
        createPerChannel(rewriter, loc, factors, trailing, name + ".rescale"));
    if (!op.getBias())
      return result;
    SmallVector<int64_t> shape(1 + trailing, 1);
    shape[0] = -1;
    Value realBias =
        trailing
            ? Value(nn::ReshapeOp::create(rewriter, loc, op.getBias(), shape))
            : op.getBias();
    return nn::AddOp::create(rewriter, loc, op.getType(), result, realBias);
  }

  Pass::Statistic &count, &overflow;
};

struct IntegerArithmeticPass
    : compress::impl::IntegerArithmeticPassBase<IntegerArithmeticPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ToIntegers<nn::LinearOp>, ToIntegers<nn::Conv2DOp>>(
        &getContext(), numInteger, numOverflow);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
