// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantizes a constant on all threads, and writes the expression that rebuilds it.

#include "QuantizedConstant.h"

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/Packing.h"
#include "mlir/IR/Threading.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

int64_t condense::compress::getQuantizedBytes(RankedTensorType type, ArrayRef<int64_t> scaleShape,
                                              QuantizeSchemeAttr scheme) {
  int64_t width = getCodeWidth(scheme.getStorage()), blocks = ShapedType::getNumElements(scaleShape);
  int64_t bytes = numerics::getPackedSize(type.getNumElements(), width);
  bytes += blocks * scheme.getScale().getIntOrFloatBitWidth() / 8;
  if (getCodeFormat(scheme.getStorage()).hasZeroPoint())
    bytes += numerics::getPackedSize(blocks, width);
  return bytes;
}

static numerics::QuantizeSpec getSpec(QuantizeSchemeAttr scheme) {
  numerics::QuantizeSpec spec;
  spec.codes = getCodeFormat(scheme.getStorage());
  spec.scale = scheme.getScale().isF32() ? numerics::ScaleFormat::F32 : numerics::ScaleFormat::F16;
  if (scheme.getAlgorithm() != ScaleAlgorithm::MinMax)
    spec.choice = numerics::ScaleChoice::MSE;
  spec.balanced = scheme.getAlgorithm() == ScaleAlgorithm::SQuant && spec.codes.isInteger();
  return spec;
}

/// Quantizes all units, then balances channels that consist of several blocks.
static numerics::QuantizeResult runUnits(MLIRContext *context, const numerics::BlockLayout &layout,
                                         ArrayRef<int64_t> scaleShape, ArrayRef<int64_t> channelShape,
                                         const numerics::QuantizeSpec &spec, std::span<const float> input,
                                         const numerics::QuantizeOutput &output) {
  std::vector<numerics::QuantizeResult> results(numerics::getNumUnits(layout));
  parallelFor(context, 0, results.size(), [&](size_t unit) {
    results[unit] = numerics::quantizeUnit(layout, unit, spec, input, output);
  });
  numerics::QuantizeResult total;
  for (const numerics::QuantizeResult &result : results)
    total.merge(result);
  bool hasChannels = llvm::all_of(llvm::zip_equal(scaleShape, channelShape), [](auto sizes) {
    return std::get<0>(sizes) % std::get<1>(sizes) == 0;
  });
  if (!spec.balanced || !hasChannels || total.nonFinite >= 0 || total.scaleOverflow >= 0)
    return total;
  numerics::BlockLayout channels({scaleShape.data(), scaleShape.size()}, {channelShape.data(), channelShape.size()});
  std::vector<double> growth(channels.getNumBlocks());
  parallelFor(context, 0, growth.size(), [&](size_t channel) {
    growth[channel] = numerics::balanceChannel(layout, channels, channel, spec, input, output);
  });
  for (double value : growth)
    total.squaredError += value;
  return total;
}

FailureOr<QuantizedConstant> condense::compress::quantizeConstant(Value value, ArrayRef<int64_t> scaleShape,
                                                                  ArrayRef<int64_t> channelShape,
                                                                  QuantizeSchemeAttr scheme) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (!constant)
    return failure();
  QuantizedConstant quantized;
  quantized.type = constant->getType();
  quantized.scaleShape.assign(scaleShape.begin(), scaleShape.end());

  // Constants of f32 are read where they are; others are widened first.
  std::vector<float> widened;
  ArrayRef<float> input;
  if (quantized.type.getElementType().isF32()) {
    input = constant->as<float>();
  } else {
    FailureOr<std::vector<float>> values = evaluateFloats(value);
    if (failed(values))
      return failure();
    widened = std::move(*values);
    input = widened;
  }

  numerics::QuantizeSpec spec = getSpec(scheme);
  numerics::BlockLayout layout(quantized.type.getShape(), scaleShape);
  quantized.codes.resize(layout.getNumElements());
  quantized.scales.resize(layout.getNumBlocks());
  if (spec.codes.hasZeroPoint())
    quantized.zeroPoints.resize(layout.getNumBlocks());
  std::vector<float> errorSums(spec.balanced ? layout.getNumBlocks() : 0);
  numerics::QuantizeOutput output{{reinterpret_cast<uint8_t *>(quantized.codes.data()), quantized.codes.size()},
                                  quantized.scales,
                                  quantized.zeroPoints,
                                  errorSums};
  quantized.result = runUnits(value.getContext(), layout, scaleShape, channelShape, spec,
                              {input.data(), input.size()}, output);
  return quantized;
}

/// Packs in place-sized parts on all threads; a part is a multiple of eight codes.
static std::vector<char> packBytes(MLIRContext *context, ArrayRef<char> codes, unsigned width) {
  constexpr int64_t partSize = 1 << 20;
  std::vector<char> bytes(numerics::getPackedSize(codes.size(), width));
  parallelFor(context, 0, llvm::divideCeil(codes.size(), partSize), [&](size_t part) {
    ArrayRef<char> from = codes.slice(part * partSize, std::min<int64_t>(partSize, codes.size() - part * partSize));
    char *to = bytes.data() + part * partSize / 8 * width;
    numerics::packCodes({reinterpret_cast<const uint8_t *>(from.data()), from.size()}, width,
                        {reinterpret_cast<uint8_t *>(to),
                         static_cast<size_t>(numerics::getPackedSize(from.size(), width))});
  });
  return bytes;
}

/// Signed codes of 8 bits and floats are a constant of their type; others are
/// packed, so that a constant never holds a narrow or unsigned type.
static Value buildCodes(OpBuilder &builder, Location loc, RankedTensorType type, std::vector<char> codes,
                        const Twine &name) {
  Type storage = type.getElementType();
  unsigned width = getCodeWidth(storage);
  if (width == 8 && !storage.isUnsignedInteger())
    return createTensorConstant(builder, loc, type, std::move(codes), name.str());
  std::vector<char> bytes = width == 8 ? std::move(codes) : packBytes(builder.getContext(), codes, width);
  auto byteType = RankedTensorType::get(static_cast<int64_t>(bytes.size()), builder.getI8Type());
  Value packed = createTensorConstant(builder, loc, byteType, std::move(bytes), name.str());
  return UnpackOp::create(builder, loc, type, packed);
}

static Value buildScales(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<float> scales,
                         const Twine &name) {
  if (type.getElementType().isF32())
    return createTensorConstant<float>(builder, loc, type, scales, name.str());
  std::vector<uint16_t> halves(scales.size());
  llvm::transform(scales, halves.begin(), numerics::toF16);
  return createTensorConstant<uint16_t>(builder, loc, type, ArrayRef<uint16_t>(halves), name.str());
}

Value condense::compress::buildExpression(OpBuilder &builder, Location loc, QuantizedConstant &quantized,
                                          QuantizeSchemeAttr scheme, StringRef name) {
  Type storage = scheme.getStorage();
  RankedTensorType codeType = quantized.type.clone(storage);
  auto scaleType = RankedTensorType::get(quantized.scaleShape, scheme.getScale());
  Value codes = buildCodes(builder, loc, codeType, std::move(quantized.codes), name + ".codes");
  Value scales = buildScales(builder, loc, scaleType, quantized.scales, name + ".scales");
  Value zeroPoints;
  if (!quantized.zeroPoints.empty())
    zeroPoints = buildCodes(builder, loc, scaleType.clone(storage),
                            std::vector<char>(quantized.zeroPoints.begin(), quantized.zeroPoints.end()),
                            name + ".zero_points");
  auto dequantize = DequantizeOp::create(builder, loc, quantized.type, codes, scales, zeroPoints);
  dequantize->setAttr(CompressDialect::kRelativeErrorAttrName,
                      builder.getF64FloatAttr(quantized.result.getRelativeError()));
  return dequantize;
}
