// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for quantized weights into weight expressions.
//
// Requests are grouped by constant: a constant may serve several layers, and is
// replaced only if all of its uses are; otherwise the model would grow.

#include "BlockShape.h"
#include "QuantizedConstant.h"
#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace condense::compress {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// A layer that asks for its weight to be quantized.
struct Request {
  Layer layer;
  QuantizeSchemeAttr scheme;
  WeightSource source;
  SmallVector<int64_t> scaleShape, channelShape;
};

/// Requests of the same constant with the same scheme share an expression.
using Variant = std::pair<QuantizeSchemeAttr, ArrayRef<int64_t>>;

} // namespace

static remark::RemarkOpts getRemark(const Layer &layer) {
  return remark::RemarkOpts::name("quantize-weights").category("compress").function(layer.name);
}

/// Why a weight cannot be quantized; empty if it can.
static StringRef getObstacle(CompressibleOpInterface op, const std::optional<WeightSource> &source) {
  if (!source)
    return findDecompressOp(op.getWeightOperand().get()) ? "already compressed" : "no constant weight";
  auto type = dyn_cast<RankedTensorType>(source->constant.getType());
  if (!type || !isa<FloatType>(type.getElementType()) || type.getElementTypeBitWidth() < 16)
    return "weight is not of f16, bf16, f32 or f64";
  if (type.getRank() < 2)
    return "rank-1 weight";
  if (!getTensorConstant(source->constant))
    return "weight data is missing or has another size than its type";
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
static LogicalResult checkResult(const Request &request, const QuantizedConstant &quantized, StringRef name) {
  CompressibleOpInterface op = request.layer.op;
  if (int64_t at = quantized.result.nonFinite; at >= 0)
    return op->emitOpError() << "weight '" << name << "' is NaN or infinite at "
                             << formatIndex(quantized.type.getShape(), at) << ": it cannot be quantized";
  if (int64_t block = quantized.result.scaleOverflow; block >= 0)
    return op->emitOpError() << "weight '" << name << "': the scale of block "
                             << formatIndex(quantized.scaleShape, block) << " is too large for "
                             << request.scheme.getScale() << ": use scale = f32";
  return success();
}

/// Whether every way from the constant leads to one of the requesting layers.
static bool isUsedByRequestsOnly(ArrayRef<Request> requests) {
  llvm::SmallPtrSet<OpOperand *, 8> covered;
  for (const Request &request : requests)
    covered.insert(request.source.path.begin(), request.source.path.end());
  return llvm::all_of(requests, [&](const Request &request) {
    return llvm::all_of(request.source.path, [&](OpOperand *use) {
      return llvm::all_of(use->get().getUses(), [&](OpOperand &other) { return covered.contains(&other); });
    });
  });
}

static void reportQuantized(const Request &request, int64_t before, int64_t after, double error) {
  std::string scheme;
  llvm::raw_string_ostream(scheme) << request.scheme;
  remark::passed(request.layer.op->getLoc(), getRemark(request.layer))
      << remark::metric("Scheme", scheme) << remark::metric("BytesBefore", before)
      << remark::metric("BytesAfter", after) << remark::metric("RelativeError", error);
}

namespace {
struct QuantizeWeightsPass : public condense::compress::impl::QuantizeWeightsPassBase<QuantizeWeightsPass> {
  void runOnOperation() override {
    llvm::MapVector<Value, std::vector<Request>> requests;
    if (failed(collect(requests)))
      return signalPassFailure();
    for (auto &[constant, group] : requests)
      if (failed(realize(constant, group)))
        return signalPassFailure();
  }

private:
  void leaveAlone(const Layer &layer, StringRef reason) {
    remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
    ++leftAlone;
  }

  /// Takes the requests off the layers.
  LogicalResult collect(llvm::MapVector<Value, std::vector<Request>> &requests) {
    for (const Layer &layer : getLayers(getOperation())) {
      Operation *op = layer.op;
      auto scheme = takeRequest<QuantizeSchemeAttr>(op);
      if (!scheme)
        continue;
      std::optional<WeightSource> source = findWeightSource(layer.op);
      if (StringRef obstacle = getObstacle(layer.op, source); !obstacle.empty()) {
        leaveAlone(layer, obstacle);
        continue;
      }
      FailureOr<SmallVector<int64_t>> scaleShape = getScaleShape(layer.op, *source, scheme);
      if (failed(scaleShape))
        return failure();
      Value constant = source->constant;
      SmallVector<int64_t> channelShape = getChannelShape(layer.op, *source);
      requests[constant].push_back({layer, scheme, std::move(*source), std::move(*scaleShape), channelShape});
    }
    return success();
  }

  /// Replaces a constant for all layers that ask for it.
  LogicalResult realize(Value constant, ArrayRef<Request> requests) {
    auto type = cast<RankedTensorType>(constant.getType());
    llvm::MapVector<Variant, SmallVector<const Request *>> variants;
    for (const Request &request : requests)
      variants[{request.scheme, request.scaleShape}].push_back(&request);

    StringRef obstacle;
    int64_t before = getDenseBytes(type), after = 0;
    for (auto &[variant, members] : variants)
      after += getQuantizedBytes(type, variant.second, variant.first);
    if (!isUsedByRequestsOnly(requests))
      obstacle = "weight is also used uncompressed";
    else if (after >= before)
      obstacle = "would be larger";
    if (!obstacle.empty()) {
      for (const Request &request : requests)
        leaveAlone(request.layer, obstacle);
      return success();
    }

    for (auto &[variant, members] : variants)
      if (failed(replace(constant, members)))
        return failure();
    bytesBefore += before;
    bytesAfter += after;
    if (constant.use_empty())
      constant.getDefiningOp()->erase();
    return success();
  }

  /// Builds the expression of one variant and makes its layers use it.
  LogicalResult replace(Value constant, ArrayRef<const Request *> members) {
    const Request &first = *members.front();
    FailureOr<QuantizedConstant> quantized = quantizeConstant(constant, first.scaleShape, first.channelShape, first.scheme);
    if (failed(quantized))
      return first.layer.op->emitOpError("weight cannot be read");
    std::string name = getTensorConstant(constant)->getName().str();
    if (name.empty())
      name = first.layer.name + ".weight";
    if (failed(checkResult(first, *quantized, name)))
      return failure();
    OpBuilder builder(constant.getDefiningOp());
    builder.setInsertionPointAfter(constant.getDefiningOp());
    double error = quantized->result.getRelativeError();
    Value expression = buildExpression(builder, constant.getLoc(), *quantized, first.scheme, name);
    int64_t before = getDenseBytes(quantized->type),
            after = getQuantizedBytes(quantized->type, first.scaleShape, first.scheme);
    for (const Request *request : members) {
      // The use nearest to the constant: transposes in between stay.
      request->source.path.back()->set(expression);
      reportQuantized(*request, before, after, error);
      ++this->quantized;
    }
    return success();
  }
};
} // namespace
