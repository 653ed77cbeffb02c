// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for quantized weights into weight expressions.
//
// Requests are grouped by target: a constant may serve several layers, and is
// replaced only if all of its uses are; otherwise the model would grow.

#include "GptqWeights.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/BlockShape.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/Compress/Transforms/Realize/QuantizedConstant.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/FormatVariadic.h"

namespace condense::compress {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// Requests of the same target that share an expression: same scheme, scales and rows.
struct Variant {
  std::vector<TargetRequest> requests;
  WeightMatrix matrix;
  SmallVector<int64_t> scaleShape, channelShape;

  QuantizeSchemeAttr getScheme() const { return requests.front().getScheme<QuantizeSchemeAttr>(); }
  const Layer &getLayer() const { return requests.front().layer; }
  Value getValue() const { return requests.front().target.value; }
  ScatterOp getScatter() const { return getValue().getDefiningOp<ScatterOp>(); }
  RankedTensorType getType() const { return cast<RankedTensorType>(getValue().getType()); }

  bool accepts(const Variant &other) const {
    return getScheme() == other.getScheme() && scaleShape == other.scaleShape &&
           matrix.getPermutation() == other.matrix.getPermutation();
  }
  /// Bytes that it will store.
  int64_t getBytes() const {
    ScatterOp scatter = getScatter();
    if (!scatter)
      return getQuantizedBytes(getType().getNumElements(), scaleShape, channelShape, getScheme());
    return getQuantizedBytes(scatter.getValues().getType().getNumElements(), scaleShape, channelShape, getScheme()) +
           getStoredBytes(scatter.getPositions()).value_or(0);
  }
};

} // namespace

/// Why a target cannot be quantized; empty if it can.
static StringRef getObstacle(const TargetRequest &request) {
  auto type = cast<RankedTensorType>(request.target.value.getType());
  if (type.getElementTypeBitWidth() < 16)
    return "weight is not of f16, bf16, f32 or f64";
  if (type.getRank() < 2)
    return "rank-1 weight";
  auto scatter = request.target.value.getDefiningOp<ScatterOp>();
  if (!getTensorConstant(scatter ? scatter.getValues() : request.target.value))
    return "weight data is missing or has another size than its type";
  if (scatter && getSpec(request.getScheme<QuantizeSchemeAttr>()).codes.hasZeroPoint())
    return "a pruned weight needs signed or float codes, so that zero stays zero";
  DenseF32ArrayAttr codebook = request.getScheme<QuantizeSchemeAttr>().getCodebook();
  if (scatter && codebook && !llvm::is_contained(codebook.asArrayRef(), 0.0f))
    return "a pruned weight needs a codebook with the entry 0, so that zero stays zero";
  return "";
}

/// The multi-dimensional index of element `linear`.
static std::string formatIndex(ArrayRef<int64_t> shape, int64_t linear) {
  SmallVector<int64_t> index(shape.size());
  for (int64_t dim = shape.size() - 1; dim >= 0; linear /= shape[dim], --dim)
    index[dim] = linear % shape[dim];
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(index, stream << '[');
  stream << ']';
  return text;
}

/// Reports values that cannot be quantized.
static LogicalResult checkResult(const Variant &variant, const QuantizedConstant &quantized, StringRef name) {
  CompressibleOpInterface op = variant.getLayer().op;
  if (int64_t at = quantized.result.nonFinite; at >= 0)
    return op->emitOpError() << "weight '" << name << "' is NaN or infinite at "
                             << formatIndex(quantized.type.getShape(), at) << ": it cannot be quantized";
  if (int64_t block = quantized.result.scaleOverflow; block >= 0)
    return op->emitOpError() << "weight '" << name << "': the scale of block "
                             << formatIndex(quantized.scaleShape, block) << " is too large for "
                             << variant.getScheme().getScale() << ": use scale = f32";
  return success();
}

/// Whether every way from the target leads to one of the requesting layers.
static bool isUsedByRequestsOnly(ArrayRef<Variant> variants) {
  llvm::SmallPtrSet<OpOperand *, 8> covered;
  for (const Variant &variant : variants)
    for (const TargetRequest &request : variant.requests)
      covered.insert(request.target.path.begin(), request.target.path.end());
  return llvm::all_of(covered, [&](OpOperand *use) {
    return llvm::all_of(use->get().getUses(), [&](OpOperand &other) { return covered.contains(&other); });
  });
}

/// The elements of a target; those of f32 constants are read where they are.
static FailureOr<ArrayRef<float>> readElements(Value value, std::vector<float> &storage) {
  std::optional<TensorConstant> constant = getTensorConstant(value);
  if (constant && constant->getType().getElementType().isF32() && !constant->isExpanded())
    return constant->as<float>();
  FailureOr<std::vector<float>> values = evaluateElements(value);
  if (failed(values))
    return failure();
  storage = std::move(*values);
  return ArrayRef<float>(storage);
}

namespace {
struct QuantizeWeightsPass : public condense::compress::impl::QuantizeWeightsPassBase<QuantizeWeightsPass> {
  using QuantizeWeightsPassBase::QuantizeWeightsPassBase;

  void runOnOperation() override {
    TargetRewriter rewriter("quantize-weights");
    llvm::MapVector<Value, std::vector<Variant>> targets;
    if (failed(loadStatistics(getOperation()->getLoc(), statistics, moments)) || failed(collect(rewriter, targets)))
      return signalPassFailure();
    for (auto &[value, variants] : targets)
      if (failed(realize(rewriter, value, variants)))
        return signalPassFailure();
    quantized += rewriter.getNumReplaced();
    leftAlone += rewriter.getNumLeftAlone();
    bytesBefore += rewriter.getBytesBefore();
    bytesAfter += rewriter.getBytesAfter();
  }

private:
  const LayerStatistics *getMoments() const { return moments ? &*moments : nullptr; }

  /// Takes the requests off the layers.
  LogicalResult collect(TargetRewriter &rewriter, llvm::MapVector<Value, std::vector<Variant>> &targets) {
    for (auto &[value, requests] : rewriter.takeRequests<QuantizeSchemeAttr>(getOperation()))
      for (const TargetRequest &request : requests) {
        if (StringRef obstacle = getObstacle(request); !obstacle.empty()) {
          rewriter.leaveAlone(request.layer, obstacle);
          continue;
        }
        CompressibleOpInterface layer = request.layer.op;
        FailureOr<SmallVector<int64_t>> scaleShape =
            getScaleShape(layer, request.target, request.getScheme<QuantizeSchemeAttr>());
        if (failed(scaleShape))
          return failure();
        Variant variant{{request},
                        WeightMatrix::get(layer, request.target),
                        std::move(*scaleShape),
                        getChannelShape(layer, request.target)};
        std::vector<Variant> &variants = targets[value];
        auto same = llvm::find_if(variants, [&](const Variant &other) { return other.accepts(variant); });
        if (same == variants.end())
          variants.push_back(std::move(variant));
        else
          same->requests.push_back(request);
      }
    return success();
  }

  /// Replaces a target for all layers that ask for it.
  LogicalResult realize(TargetRewriter &rewriter, Value value, ArrayRef<Variant> variants) {
    int64_t before = getStoredBytes(value).value_or(0), after = 0;
    for (const Variant &variant : variants)
      after += variant.getBytes();
    StringRef obstacle = !isUsedByRequestsOnly(variants) ? "weight is also used uncompressed"
                         : after >= before               ? "would be larger"
                                                         : "";
    for (const Variant &variant : variants)
      if (!obstacle.empty())
        rewriter.leaveAlone(variant.requests, obstacle);
      else if (failed(replace(rewriter, variant)))
        return failure();
    return success();
  }

  /// Builds the expression of one variant and makes its layers use it.
  LogicalResult replace(TargetRewriter &rewriter, const Variant &variant) {
    std::vector<float> storage;
    FailureOr<ArrayRef<float>> elements = readElements(variant.getValue(), storage);
    std::string name = getTargetName(variant.requests.front()), details;
    CompressibleOpInterface layer = variant.getLayer().op;
    if (failed(elements))
      return layer->emitOpError() << "weight '" << name << "' cannot be read";
    FailureOr<QuantizedConstant> quantized = quantize(variant, *elements, details);
    if (failed(quantized) || failed(checkResult(variant, *quantized, name)))
      return failure();
    if (variant.getScheme().getScaleBlock())
      quantizeScales(*quantized, variant.getScheme(), variant.channelShape, *elements);
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(variant.getValue());
    double error = quantized->result.getRelativeError();
    Location loc = variant.getValue().getLoc();
    if (variant.getScheme().getResidual())
      return keepResidual(rewriter, builder, variant, *quantized, *elements, name);
    Value expression = buildExpression(builder, loc, *quantized, variant.getScheme(), variant.getScatter(), name);
    if (!expression)
      return layer->emitOpError() << "weight '" << name << "': its positions cannot be read";
    rewriter.replace(variant.requests, expression, error, details);
    return success();
  }

  FailureOr<QuantizedConstant> quantize(const Variant &variant, ArrayRef<float> elements, std::string &details) {
    numerics::QuantizeSpec spec = getSpec(variant.getScheme());
    // Codes that are rounded the other way could fill in zeros that no position is stored for.
    spec.balanced &= !variant.getScatter();
    FailureOr<TargetGram> gram = TargetGram::get(variant.requests, variant.matrix, getMoments());
    if (failed(gram))
      return failure();
    bool isTables = llvm::all_of(variant.requests, [](const TargetRequest &r) { return isTable(r.layer.op); });
    bool isSecondOrder = variant.getScheme().getAlgorithm() == ScaleAlgorithm::GPTQ && !isTables;
    if (isSecondOrder && gram->isEmpty())
      return emitMissingStatistics(variant.getLayer(), moments.has_value(), "algorithm = gptq", "algorithm = mse");
    if (isSecondOrder)
      return quantizeByGptq(variant, elements, *gram, spec, details);
    QuantizedConstant quantized =
        quantizeElements(variant.getType(), elements, variant.scaleShape, variant.channelShape, spec);
    bool isValid = quantized.result.nonFinite < 0 && quantized.result.scaleOverflow < 0;
    if (!gram->isEmpty() && isValid)
      details = llvm::formatv("output error {0:F6}", getOutputError(&getContext(), variant.matrix, *gram, elements,
                                                                    dequantize(quantized, spec)));
    return quantized;
  }

  FailureOr<QuantizedConstant> quantizeByGptq(const Variant &variant, ArrayRef<float> elements, const TargetGram &gram,
                                              const numerics::QuantizeSpec &spec, std::string &details) {
    QuantizedConstant invalid;
    invalid.type = variant.getType();
    if (auto at = llvm::find_if(elements, [](float x) { return !std::isfinite(x); }); at != elements.end()) {
      invalid.result.nonFinite = at - elements.begin();
      return invalid;
    }
    FailureOr<RoundedWeight> rounded =
        roundByGptq(&getContext(), variant.matrix, gram, elements, variant.getType(), variant.scaleShape, spec,
                    variant.getScheme(), static_cast<bool>(variant.getScatter()));
    CompressibleOpInterface layer = variant.getLayer().op;
    if (failed(rounded))
      return layer->emitOpError() << "layer '" << variant.getLayer().name
                                  << "': its Gram matrix is not positive definite: calibrate with more samples, or "
                                     "use algorithm = mse";
    details = llvm::formatv("output error {0:F6}, {1:F6} if rounded to the nearest",
                            getOutputError(&getContext(), variant.matrix, gram, elements, rounded->elements),
                            rounded->nearestError);
    if (rounded->raised)
      details += llvm::formatv(", damping raised {0} times tenfold", rounded->raised);
    return encodeRounded(variant.getType(), elements, rounded->elements, variant.scaleShape, std::move(rounded->scales),
                         std::move(rounded->zeroPoints), spec);
  }

  /// The weight becomes the sum of what was quantized and, as a constant that a later technique
  /// is to compress, what was lost.
  LogicalResult keepResidual(TargetRewriter &rewriter, OpBuilder &builder, const Variant &variant,
                             QuantizedConstant &quantizedWeight, ArrayRef<float> elements, StringRef name) {
    std::vector<float> lost = dequantize(quantizedWeight, getSpec(variant.getScheme()));
    for (auto [value, element] : llvm::zip_equal(lost, elements))
      value = element - value;
    HostTensor residual = HostTensor::fromFloats(variant.getType(), lost);
    Location loc = variant.getValue().getLoc();
    Value expression = buildExpression(builder, loc, quantizedWeight, variant.getScheme(), variant.getScatter(), name);
    if (!expression)
      return failure();
    Value constant =
        createTensorConstant(builder, loc, variant.getType(), residual.getBytes().vec(), (name + ".residual").str());
    Value sum = nn::AddOp::create(builder, loc, variant.getType(), expression, constant);
    rewriter.report(variant.requests, getStoredBytes(variant.getValue()).value_or(0), getStoredBytes(sum).value_or(0),
                    /*relativeError=*/0, "what was lost is kept, for #compress.factorize to make it small");
    for (const TargetRequest &request : variant.requests)
      request.target.path.back()->set(sum);
    return success();
  }

  std::optional<LayerStatistics> moments;
};
} // namespace
