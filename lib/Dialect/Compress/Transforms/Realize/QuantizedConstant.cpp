// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantizes a constant on all threads, and writes the expression that rebuilds it.

#include "condense/Dialect/Compress/Transforms/Realize/QuantizedConstant.h"
#include "PackedCodes.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/Codebooks.h"
#include "condense/Numerics/FloatFormats.h"
#include "condense/Numerics/Packing.h"
#include "mlir/IR/Threading.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The type that the entries of a codebook are stored in: f16 if it holds them exactly.
static Type getEntryType(DenseF32ArrayAttr codebook) {
  bool isHalf = llvm::all_of(codebook.asArrayRef(), [](float x) { return numerics::fromF16(numerics::toF16(x)) == x; });
  MLIRContext *context = codebook.getContext();
  return isHalf ? Type(Float16Type::get(context)) : Type(Float32Type::get(context));
}

/// The shape of the scales of scales: at most `block` scales, neighbours in memory, share one; -1: those of a channel.
static SmallVector<int64_t> getScaleBlockShape(ArrayRef<int64_t> scaleShape, ArrayRef<int64_t> channelShape,
                                               int64_t block) {
  if (block < 0)
    return SmallVector<int64_t>(channelShape);
  SmallVector<int64_t> shape(scaleShape);
  for (int64_t dim = shape.size() - 1; dim >= 0 && block > 1; --dim) {
    int64_t size = shape[dim], divisor = std::min(size, block);
    while (size % divisor != 0)
      --divisor;
    shape[dim] = size / divisor;
    block = divisor == size ? block / divisor : 1;
  }
  return shape;
}

/// The largest code of a scale: of two levels, its products with codes are signed bytes.
static unsigned getLargestScaleCode(QuantizeSchemeAttr scheme) {
  return scheme.getScaleBlock() < 0 ? 128u >> (getCodeWidth(scheme.getStorage()) - 1) : 255;
}

int64_t condense::compress::getQuantizedBytes(int64_t count, ArrayRef<int64_t> scaleShape,
                                              ArrayRef<int64_t> channelShape, QuantizeSchemeAttr scheme) {
  int64_t width = getCodeWidth(scheme.getStorage()), blocks = ShapedType::getNumElements(scaleShape);
  int64_t bytes = numerics::getPackedSize(count, width);
  if (scheme.getScaleBlock())
    bytes +=
        blocks + 4 * ShapedType::getNumElements(getScaleBlockShape(scaleShape, channelShape, scheme.getScaleBlock()));
  else
    bytes += blocks * scheme.getScale().getIntOrFloatBitWidth() / 8;
  if (getSpec(scheme).codes.hasZeroPoint())
    bytes += numerics::getPackedSize(blocks, width);
  if (DenseF32ArrayAttr codebook = scheme.getCodebook())
    bytes += codebook.size() * getEntryType(codebook).getIntOrFloatBitWidth() / 8;
  return bytes;
}

static numerics::ScaleFormat getScaleFormat(QuantizeSchemeAttr scheme) {
  if (isa<Float8E8M0FNUType>(scheme.getScale()))
    return numerics::ScaleFormat::F8E8M0;
  // Scales that are quantized are of f32.
  return scheme.getScale().isF32() || scheme.getScaleBlock() ? numerics::ScaleFormat::F32 : numerics::ScaleFormat::F16;
}

numerics::QuantizeSpec condense::compress::getSpec(QuantizeSchemeAttr scheme) {
  numerics::QuantizeSpec spec;
  spec.codes = getCodeFormat(scheme.getStorage());
  if (DenseF32ArrayAttr codebook = scheme.getCodebook())
    spec.codes = {numerics::CodeFormat::Kind::Table, spec.codes.width,
                  std::make_shared<numerics::NearestEntry>(codebook.asArrayRef())};
  spec.scale = getScaleFormat(scheme);
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
  parallelFor(context, 0, results.size(),
              [&](size_t unit) { results[unit] = numerics::quantizeUnit(layout, unit, spec, input, output); });
  numerics::QuantizeResult total;
  for (const numerics::QuantizeResult &result : results)
    total.merge(result);
  bool hasChannels = llvm::all_of(llvm::zip_equal(scaleShape, channelShape),
                                  [](auto sizes) { return std::get<0>(sizes) % std::get<1>(sizes) == 0; });
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

/// Room for the codes and scales of a tensor.
static QuantizedConstant allocate(RankedTensorType type, ArrayRef<int64_t> scaleShape) {
  QuantizedConstant quantized;
  quantized.type = type;
  quantized.scaleShape.assign(scaleShape.begin(), scaleShape.end());
  quantized.codes.resize(type.getNumElements());
  return quantized;
}

static numerics::QuantizeOutput getOutput(QuantizedConstant &quantized, std::span<float> errorSums) {
  return {{reinterpret_cast<uint8_t *>(quantized.codes.data()), quantized.codes.size()},
          quantized.scales,
          quantized.zeroPoints,
          errorSums};
}

QuantizedConstant condense::compress::quantizeElements(RankedTensorType type, ArrayRef<float> elements,
                                                       ArrayRef<int64_t> scaleShape, ArrayRef<int64_t> channelShape,
                                                       const numerics::QuantizeSpec &spec) {
  QuantizedConstant quantized = allocate(type, scaleShape);
  numerics::BlockLayout layout(type.getShape(), scaleShape);
  quantized.scales.resize(layout.getNumBlocks());
  if (spec.codes.hasZeroPoint())
    quantized.zeroPoints.resize(layout.getNumBlocks());
  std::vector<float> errorSums(spec.balanced ? layout.getNumBlocks() : 0);
  quantized.result = runUnits(type.getContext(), layout, scaleShape, channelShape, spec,
                              {elements.data(), elements.size()}, getOutput(quantized, errorSums));
  return quantized;
}

QuantizedConstant condense::compress::encodeRounded(RankedTensorType type, ArrayRef<float> original,
                                                    ArrayRef<float> rounded, ArrayRef<int64_t> scaleShape,
                                                    std::vector<float> scales, std::vector<uint8_t> zeroPoints,
                                                    const numerics::QuantizeSpec &spec) {
  QuantizedConstant quantized = allocate(type, scaleShape);
  quantized.scales = std::move(scales);
  quantized.zeroPoints = std::move(zeroPoints);
  for (auto [block, scale] : llvm::enumerate(quantized.scales))
    if (!std::isfinite(scale)) {
      quantized.result.scaleOverflow = block;
      return quantized;
    }
  numerics::QuantizeSpec given = spec;
  given.choice = numerics::ScaleChoice::Given;
  given.balanced = false;
  numerics::BlockLayout layout(type.getShape(), scaleShape);
  runUnits(type.getContext(), layout, scaleShape, scaleShape, given, {rounded.data(), rounded.size()},
           getOutput(quantized, {}));
  for (auto [before, after] : llvm::zip_equal(original, rounded)) {
    double error = static_cast<double>(before) - after;
    quantized.result.squaredError += error * error;
    quantized.result.squaredNorm += static_cast<double>(before) * before;
    quantized.result.largestError = std::max(quantized.result.largestError, std::fabs(error));
  }
  return quantized;
}

std::vector<float> condense::compress::dequantize(const QuantizedConstant &quantized,
                                                  const numerics::QuantizeSpec &spec) {
  std::vector<float> elements(quantized.codes.size());
  numerics::BlockLayout layout(quantized.type.getShape(), quantized.scaleShape);
  numerics::dequantize(layout, spec.codes,
                       {reinterpret_cast<const uint8_t *>(quantized.codes.data()), quantized.codes.size()},
                       quantized.scales, quantized.zeroPoints, elements);
  return elements;
}

void condense::compress::quantizeScales(QuantizedConstant &quantized, QuantizeSchemeAttr scheme,
                                        ArrayRef<int64_t> channelShape, ArrayRef<float> elements) {
  auto asBytes = [](std::vector<char> &codes) {
    return std::span(reinterpret_cast<uint8_t *>(codes.data()), codes.size());
  };
  ArrayRef<int64_t> scaleShape = quantized.scaleShape;
  quantized.scaleBlockShape = getScaleBlockShape(scaleShape, channelShape, scheme.getScaleBlock());
  numerics::BlockLayout scales({scaleShape.data(), scaleShape.size()},
                               {quantized.scaleBlockShape.data(), quantized.scaleBlockShape.size()});
  quantized.scaleCodes.resize(quantized.scales.size());
  quantized.blockScales.resize(scales.getNumBlocks());
  numerics::quantizeScales(scales, quantized.scales, asBytes(quantized.scaleCodes), quantized.blockScales,
                           getLargestScaleCode(scheme));

  numerics::QuantizeSpec spec = getSpec(scheme);
  ScaleAlgorithm algorithm = scheme.getAlgorithm();
  if (algorithm == ScaleAlgorithm::MinMax || algorithm == ScaleAlgorithm::MSE) {
    spec.choice = numerics::ScaleChoice::Given;
    numerics::BlockLayout layout({quantized.type.getShape().data(), quantized.type.getShape().size()},
                                 {scaleShape.data(), scaleShape.size()});
    quantized.result = runUnits(quantized.type.getContext(), layout, scaleShape, scaleShape, spec,
                                {elements.data(), elements.size()}, getOutput(quantized, {}));
    return;
  }
  quantized.result.squaredError = 0;
  for (auto [before, after] : llvm::zip_equal(elements, dequantize(quantized, spec)))
    quantized.result.squaredError += (static_cast<double>(before) - after) * (static_cast<double>(before) - after);
}

static Value buildScales(OpBuilder &builder, Location loc, RankedTensorType type, const QuantizedConstant &quantized,
                         StringRef name) {
  if (!quantized.blockScales.empty()) {
    auto codeType = RankedTensorType::get(type.getShape(), builder.getIntegerType(8, /*isSigned=*/false));
    auto blockType = RankedTensorType::get(quantized.scaleBlockShape, builder.getF32Type());
    Value codes = buildCodes(builder, loc, codeType, quantized.scaleCodes, name + ".scale_codes");
    Value scales = createTensorConstant<float>(builder, loc, blockType, ArrayRef<float>(quantized.blockScales),
                                               (name + ".scales").str());
    return DequantizeOp::create(builder, loc, type.clone(builder.getF32Type()), codes, scales, Value());
  }
  if (isa<Float8E8M0FNUType>(type.getElementType())) {
    std::vector<uint8_t> exponents(quantized.scales.size());
    llvm::transform(quantized.scales, exponents.begin(), numerics::toF8E8M0);
    return createTensorConstant<uint8_t>(builder, loc, type, ArrayRef<uint8_t>(exponents), (name + ".scales").str());
  }
  HostTensor tensor = HostTensor::fromFloats(type, quantized.scales);
  return createTensorConstant(builder, loc, type, tensor.getBytes().vec(), (name + ".scales").str());
}

/// What codes that are indices stand for.
static Value buildEntries(OpBuilder &builder, Value indices, DenseF32ArrayAttr codebook, StringRef name) {
  auto type = cast<RankedTensorType>(indices.getType());
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape.push_back(codebook.size());
  HostTensor entries =
      HostTensor::fromFloats(RankedTensorType::get(shape, getEntryType(codebook)), codebook.asArrayRef());
  Value constant = createTensorConstant(builder, indices.getLoc(), entries.getType(), entries.getBytes().vec(),
                                        (name + ".codebook").str());
  return LookupOp::create(builder, indices.getLoc(), type.clone(builder.getF32Type()), indices, constant);
}

/// The codes of the elements that `scatter` stores, in its order.
static Value buildSparseCodes(OpBuilder &builder, Location loc, QuantizedConstant &quantized, Type storage,
                              DenseF32ArrayAttr codebook, ScatterOp scatter, StringRef name) {
  std::vector<char> stored;
  stored.reserve(scatter.getValues().getType().getNumElements());
  ScatterLayout layout(scatter);
  FailureOr<HostTensor> positions = evaluateExpression(scatter.getPositions());
  if (failed(positions))
    return {};
  numerics::DecodedPositions decoded = decodePositions(scatter, *positions);
  if (!decoded.error.empty())
    return {};
  for (uint32_t block : decoded.units)
    layout.forEachElement(block, [&](int64_t element) { stored.push_back(quantized.codes[element]); });
  auto valueType = RankedTensorType::get(scatter.getValues().getType().getShape(), storage);
  Value values = buildCodes(builder, loc, valueType, std::move(stored), name + ".codes");
  // Indices have to be looked up first: a zero of the tensor is no index 0.
  if (codebook)
    values = buildEntries(builder, values, codebook, name);
  Type element = getElementTypeOrSelf(values.getType());
  return ScatterOp::create(builder, loc, quantized.type.clone(element), values, scatter.getPositions(),
                           scatter.getLayout());
}

Value condense::compress::buildExpression(OpBuilder &builder, Location loc, QuantizedConstant &quantized,
                                          QuantizeSchemeAttr scheme, ScatterOp scatter, StringRef name) {
  Type storage = scheme.getStorage();
  auto scaleType = RankedTensorType::get(quantized.scaleShape, scheme.getScale());
  DenseF32ArrayAttr codebook = scheme.getCodebook();
  Value codes =
      scatter ? buildSparseCodes(builder, loc, quantized, storage, codebook, scatter, name)
              : buildCodes(builder, loc, quantized.type.clone(storage), std::move(quantized.codes), name + ".codes");
  if (codebook && !scatter)
    codes = buildEntries(builder, codes, codebook, name);
  Value scales = buildScales(builder, loc, scaleType, quantized, name);
  Value zeroPoints;
  if (!quantized.zeroPoints.empty())
    zeroPoints =
        buildCodes(builder, loc, scaleType.clone(storage),
                   std::vector<char>(quantized.zeroPoints.begin(), quantized.zeroPoints.end()), name + ".zero_points");
  return DequantizeOp::create(builder, loc, quantized.type, codes, scales, zeroPoints);
}
