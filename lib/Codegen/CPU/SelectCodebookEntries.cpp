// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads small codebooks by comparing bits of the index instead of from memory.
//
// A kernel evaluates the body of a weight expression on vectors. A load whose
// address differs from lane to lane is slow or does not exist; choosing among
// at most 16 entries, bit by bit of the index, is a tree of selects that works
// with any vector.

#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENSELECTCODEBOOKENTRIESPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

static constexpr int64_t kMostEntries = 16;

namespace {

/// A read of a constant codebook in the body of a linalg operation.
struct CodebookRead {
  tensor::ExtractOp extract;
  linalg::GenericOp op;
  RankedTensorType type;
  std::vector<float> entries;
  /// The loop that each leading index is; nothing where it is 0.
  SmallVector<std::optional<int64_t>> loops;

  int64_t getNumEntries() const { return type.getShape().back(); }
  int64_t getNumBooks() const { return type.getNumElements() / getNumEntries(); }
  /// What the entry becomes: wider floats are chosen among directly.
  Operation *getResult() {
    bool isWidened = extract->hasOneUse() && isa<arith::ExtFOp>(*extract->user_begin());
    return isWidened ? *extract->user_begin() : extract.getOperation();
  }
};

} // namespace

/// The read in `extract`; nothing if it is another one.
static std::optional<CodebookRead> matchRead(tensor::ExtractOp extract) {
  CodebookRead read{extract, extract->getParentOfType<linalg::GenericOp>(), extract.getTensor().getType(), {}, {}};
  if (!read.op || extract->getBlock() != read.op.getBody() || !read.type.hasStaticShape() || read.type.getRank() == 0 ||
      !isa<FloatType>(read.type.getElementType()) || read.type.getShape().back() > kMostEntries ||
      read.type.getNumElements() == 0)
    return std::nullopt;
  if (extract.getIndices().back().getDefiningOp<linalg::IndexOp>())
    return std::nullopt; // linear already
  for (Value index : extract.getIndices().drop_back()) {
    auto loop = index.getDefiningOp<linalg::IndexOp>();
    if (!loop && !matchPattern(index, m_Zero()))
      return std::nullopt;
    read.loops.push_back(loop ? std::optional<int64_t>(loop.getDim()) : std::nullopt);
  }
  FailureOr<std::vector<float>> entries = compress::evaluateFloats(extract.getTensor());
  if (failed(entries))
    return std::nullopt;
  read.entries = std::move(*entries);
  return read;
}

/// The entry that `index`, of type index, selects. Indices past the end, which no
/// valid program has, give an entry too.
static Value buildSelection(ImplicitLocOpBuilder &b, Value index, SmallVector<Value> entries) {
  // Indices come from codes of at most a byte; a narrow integer keeps vectors short.
  Type narrow = b.getI32Type();
  auto cast = index.getDefiningOp<arith::IndexCastUIOp>();
  Value code = cast ? cast.getIn() : arith::IndexCastOp::create(b, narrow, index).getResult();
  narrow = code.getType();
  for (int64_t bit = 0; entries.size() > 1; ++bit) {
    Value mask = arith::ConstantOp::create(b, b.getIntegerAttr(narrow, int64_t(1) << bit));
    Value zero = arith::ConstantOp::create(b, b.getIntegerAttr(narrow, 0));
    Value isSet = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, code, mask), zero);
    SmallVector<Value> next;
    for (size_t i = 0; i < entries.size(); i += 2)
      next.push_back(i + 1 == entries.size()
                         ? entries[i]
                         : arith::SelectOp::create(b, isSet, entries[i + 1], entries[i]).getResult());
    entries = std::move(next);
  }
  return entries.front();
}

/// Replaces the read by a selection among `entries`.
static void replaceRead(RewriterBase &rewriter, CodebookRead &read, SmallVector<Value> entries) {
  Operation *result = read.getResult();
  rewriter.setInsertionPoint(result);
  ImplicitLocOpBuilder b(result->getLoc(), rewriter);
  rewriter.replaceOp(result, buildSelection(b, read.extract.getIndices().back(), std::move(entries)));
  if (result != read.extract)
    rewriter.eraseOp(read.extract);
}

/// One codebook: its entries are constants in the body.
static void selectConstants(RewriterBase &rewriter, CodebookRead &read) {
  rewriter.setInsertionPoint(read.extract);
  ImplicitLocOpBuilder b(read.extract.getLoc(), rewriter);
  Type element = read.getResult()->getResult(0).getType();
  replaceRead(rewriter, read, llvm::map_to_vector(read.entries, [&](float entry) -> Value {
                return arith::ConstantOp::create(b, b.getFloatAttr(element, entry));
              }));
}

/// Entry `number` of every codebook, without the dimensions along which there is
/// one only.
static Value createEntries(ImplicitLocOpBuilder &b, CodebookRead &read, int64_t number) {
  SmallVector<int64_t> shape;
  for (int64_t size : read.type.getShape().drop_back())
    if (size != 1)
      shape.push_back(size);
  auto type = RankedTensorType::get(shape, read.getResult()->getResult(0).getType());
  SmallVector<Attribute> values;
  for (int64_t book = 0; book < read.getNumBooks(); ++book)
    values.push_back(b.getFloatAttr(type.getElementType(), read.entries[book * read.getNumEntries() + number]));
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, values));
}

/// Several codebooks: each entry is an operand that is read like a scale.
static void selectOperands(RewriterBase &rewriter, CodebookRead &read) {
  linalg::GenericOp op = read.op;
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  SmallVector<AffineExpr> dims;
  for (auto [loop, size] : llvm::zip(read.loops, read.type.getShape()))
    if (size != 1)
      dims.push_back(loop ? b.getAffineDimExpr(*loop) : b.getAffineConstantExpr(0));
  AffineMap map = AffineMap::get(op.getNumLoops(), 0, dims, b.getContext());
  int64_t count = read.getNumEntries(), first = op.getNumDpsInputs();
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (int64_t number = 0; number < count; ++number) {
    inputs.push_back(createEntries(b, read, number));
    maps.insert(maps.begin() + first, map);
  }
  auto replacement = linalg::GenericOp::create(rewriter, op.getLoc(), op->getResultTypes(), inputs, op.getOutputs(),
                                               maps, op.getIteratorTypesArray());
  rewriter.inlineRegionBefore(op.getRegion(), replacement.getRegion(), replacement.getRegion().end());
  SmallVector<Value> entries;
  Type element = read.getResult()->getResult(0).getType();
  for (int64_t number = 0; number < count; ++number)
    entries.push_back(replacement.getBody()->insertArgument(first + number, element, read.extract.getLoc()));
  rewriter.replaceOp(op, replacement);
  replaceRead(rewriter, read, std::move(entries));
}

namespace {

struct SelectCodebookEntriesPass : condense::impl::CodegenSelectCodebookEntriesPassBase<SelectCodebookEntriesPass> {
  void runOnOperation() override {
    SmallVector<tensor::ExtractOp> extracts;
    getOperation().walk([&](tensor::ExtractOp op) { extracts.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (tensor::ExtractOp extract : extracts) {
      std::optional<CodebookRead> read = matchRead(extract);
      if (!read)
        continue;
      if (read->getNumBooks() == 1)
        selectConstants(rewriter, *read);
      else
        selectOperands(rewriter, *read);
      ++numSelected;
    }
  }
};

} // namespace
