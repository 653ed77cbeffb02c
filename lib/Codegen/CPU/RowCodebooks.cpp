// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers whose weight has a codebook for each output channel. With lanes along
// the channels, each lane has a table of its own, and a weight is chosen by a
// chain of selects. Here lanes run along what is summed: the codebook of a
// channel then fills one register, and one permutation looks up 16 weights.
//
//   y[m, n] = b[n] + sum over g, j, l of x[m, 32 g + 16 j + l] * table[n][(bytes[n, g, l] >> 4 j) & 15]

#include "RowTable.h"
#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

namespace condense {
#define GEN_PASS_DEF_CODEGENROWCODEBOOKSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Codes of a vector, and of the bytes that one vector is taken from twice.
static constexpr int64_t kLanes = 16, kGroup = 32;

namespace {

/// A layer with float activations, and the parts of its weight.
struct RowCodebook {
  nn::LinearOp layer;
  std::vector<uint8_t> indices;
  std::vector<float> entries;
  int64_t channels, columns, count;
};

} // namespace

static std::optional<RowCodebook> match(nn::LinearOp layer) {
  auto lookup = layer.getWeight().getDefiningOp<compress::LookupOp>();
  auto type = cast<RankedTensorType>(layer.getInput().getType());
  if (!lookup || !layer.getType().getElementType().isF32() || !type.getElementType().isF32() ||
      type.isDynamicDim(type.getRank() - 1))
    return std::nullopt;
  ArrayRef<int64_t> weight = lookup.getOutput().getType().getShape(), book = lookup.getCodebook().getType().getShape();
  // One codebook for all stays in a register whatever the lanes are.
  if (weight[0] < 2 || book[0] != weight[0] || book[1] != 1 || book[2] > kLanes)
    return std::nullopt;
  FailureOr<std::vector<uint8_t>> indices = compress::evaluateCodes(lookup.getIndices());
  FailureOr<std::vector<float>> entries = compress::evaluateFloats(lookup.getCodebook());
  // Zeros that pad the input are multiplied with some entry.
  if (failed(indices) || failed(entries) || !llvm::all_of(*entries, [](float entry) { return std::isfinite(entry); }) ||
      llvm::any_of(*indices, [&](uint8_t index) { return index >= book[2]; }))
    return std::nullopt;
  return RowCodebook{layer, std::move(*indices), std::move(*entries), weight[0], weight[1], book[2]};
}

/// `[channels, groups, 16]`: code `l` of a group in the lower half of byte `l`, code `16 + l` in the upper one.
static Value createBytes(ImplicitLocOpBuilder &b, const RowCodebook &w) {
  int64_t groups = llvm::divideCeil(w.columns, kGroup);
  std::vector<char> bytes(w.channels * groups * kLanes, 0);
  for (int64_t n = 0; n < w.channels; ++n)
    for (int64_t k = 0; k < w.columns; ++k)
      bytes[(n * groups + k / kGroup) * kLanes + k % kLanes] |=
          static_cast<char>(w.indices[n * w.columns + k] << (k % kGroup / kLanes * 4));
  auto type = RankedTensorType::get({w.channels, groups, kLanes}, b.getI8Type());
  return createTensorConstant(b, b.getLoc(), type, std::move(bytes), "codes");
}

static Value createTables(ImplicitLocOpBuilder &b, const RowCodebook &w) {
  std::vector<char> bytes(w.channels * kLanes * sizeof(float), 0);
  for (int64_t n = 0; n < w.channels; ++n)
    std::copy_n(reinterpret_cast<const char *>(&w.entries[n * w.count]), w.count * sizeof(float),
                &bytes[n * kLanes * sizeof(float)]);
  auto type = RankedTensorType::get(w.channels, getRowTableType(b.getContext()));
  return createTensorConstant(b, b.getLoc(), type, std::move(bytes), "codebooks");
}

/// The input with zeros up to a multiple of a group.
static Value padColumns(ImplicitLocOpBuilder &b, Value input, int64_t columns) {
  auto type = cast<RankedTensorType>(input.getType());
  int64_t missing = llvm::alignTo(columns, kGroup) - columns;
  if (missing == 0)
    return input;
  SmallVector<int64_t> low(type.getRank(), 0), high = low, shape(type.getShape());
  high.back() = missing;
  shape.back() += missing;
  return nn::PadOp::create(b, type.clone(shape), input, b.getDenseI64ArrayAttr(low), b.getDenseI64ArrayAttr(high),
                           nn::PadModeAttr::get(b.getContext(), nn::PadMode::Constant), b.getF32FloatAttr(0));
}

/// The result before the first product: the bias, or 0.
static Value createInit(ImplicitLocOpBuilder &b, nn::LinearOp layer) {
  RankedTensorType type = layer.getType();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), layer.getInput());
  sizes.back() = b.getIndexAttr(type.getShape().back());
  Value empty = tensor::EmptyOp::create(b, sizes, type.getElementType());
  if (Value bias = layer.getBias())
    return linalg::BroadcastOp::create(b, bias, empty, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank() - 1)))
        ->getResult(0);
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
  return linalg::FillOp::create(b, zero, empty).getResult(0);
}

/// Loops: n, the rows, groups, halves of the bytes, lanes.
static Value buildProduct(ImplicitLocOpBuilder &b, const RowCodebook &w, Value input, Value init) {
  int64_t rows = cast<RankedTensorType>(input.getType()).getRank() - 1;
  unsigned loops = rows + 4;
  auto dim = [&](unsigned loop) { return b.getAffineDimExpr(loop); };
  AffineExpr group = dim(rows + 1), half = dim(rows + 2), lane = dim(rows + 3);
  SmallVector<AffineExpr> inputs, results;
  for (int64_t row = 0; row < rows; ++row)
    inputs.push_back(dim(row + 1));
  results = inputs;
  inputs.push_back(group * kGroup + half * kLanes + lane);
  results.push_back(dim(0));
  SmallVector<AffineMap> maps;
  auto addMap = [&](ArrayRef<AffineExpr> at) { maps.push_back(AffineMap::get(loops, 0, at, b.getContext())); };
  addMap(inputs);
  addMap({dim(0), group, lane});
  addMap(dim(0));
  addMap(half);
  addMap(results);
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), rows + 1, utils::IteratorType::parallel);
  Value halves = tensor::EmptyOp::create(b, ArrayRef<int64_t>{kGroup / kLanes}, b.getI8Type());
  auto product = linalg::GenericOp::create(
      b, init.getType(), ValueRange{input, createBytes(b, w), createTables(b, w), halves}, init, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder in(loc, nested);
        Value four = arith::ConstantIntOp::create(in, 4, 8), mask = arith::ConstantIntOp::create(in, 15, 8);
        Value index = arith::IndexCastOp::create(in, in.getI8Type(), linalg::IndexOp::create(in, rows + 2));
        Value shifted = arith::ShRUIOp::create(in, args[1], arith::MulIOp::create(in, index, four));
        Value entry = buildRowTableEntry(in, args[2], arith::AndIOp::create(in, shifted, mask));
        Value term = arith::MulFOp::create(in, args[0], entry);
        linalg::YieldOp::create(in, arith::AddFOp::create(in, args.back(), term).getResult());
      });
  return product.getResult(0);
}

namespace {

struct RowCodebooksPass : condense::impl::CodegenRowCodebooksPassBase<RowCodebooksPass> {
  void runOnOperation() override {
    SmallVector<nn::LinearOp> layers;
    getOperation().walk([&](nn::LinearOp op) { layers.push_back(op); });
    for (nn::LinearOp layer : layers)
      if (std::optional<RowCodebook> weight = match(layer))
        rewrite(*weight);
  }

  void rewrite(const RowCodebook &weight) {
    nn::LinearOp layer = weight.layer;
    remark::passed(layer.getLoc(), remark::RemarkOpts::name("row-codebooks").category("codegen"))
        << "entries looked up in a register for each channel, along what is summed";
    ImplicitLocOpBuilder b(layer.getLoc(), layer);
    Value input = padColumns(b, layer.getInput(), weight.columns);
    Value result = buildProduct(b, weight, input, createInit(b, layer));
    Operation *lookup = layer.getWeight().getDefiningOp();
    layer.getResult().replaceAllUsesWith(result);
    layer.erase();
    if (lookup->use_empty())
      lookup->erase();
    ++numRewritten;
  }
};

} // namespace
