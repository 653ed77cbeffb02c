// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Clustering for the least error of a layer's output.

#include "SecondOrderClusters.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include "condense/Numerics/BlockLayout.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The elements of a scatter that it stores, in their order; fails when they cannot be read.
static FailureOr<std::vector<int64_t>> getStoredElements(ScatterOp scatter) {
  FailureOr<HostTensor> positions = evaluateExpression(scatter.getPositions());
  if (failed(positions))
    return failure();
  numerics::DecodedPositions decoded = decodePositions(scatter, *positions);
  if (!decoded.error.empty())
    return failure();
  ScatterLayout layout(scatter);
  std::vector<int64_t> elements;
  for (uint32_t block : decoded.units)
    layout.forEachElement(block, [&](int64_t element) { elements.push_back(element); });
  return elements;
}

/// The codebook of each row: codebooks are cut along output channels only.
static std::vector<int64_t> getRowBooks(const ClusteredTarget &target, const WeightMatrix &matrix) {
  std::vector<int64_t> books(matrix.getGroups() * matrix.getRows());
  if (target.getScatter())
    return books;
  ArrayRef<int64_t> shape = target.type.getShape();
  numerics::BlockLayout layout({shape.data(), shape.size()}, {target.blocks.data(), target.blocks.size()});
  std::vector<int64_t> blocks(target.elements.size());
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block)
    layout.forEachSegment(block,
                          [&](int64_t first) { std::fill_n(blocks.begin() + first, layout.getSegment(), block); });
  matrix.forEach([&](int64_t element, int64_t place) {
    if (place % matrix.getColumns() == 0)
      books[place / matrix.getColumns()] = blocks[element];
  });
  return books;
}

/// The mean square of what each element is multiplied with.
static std::vector<float> getDiagonal(const SecondOrderTarget &order, int64_t count) {
  int64_t columns = order.matrix.getColumns(), size = order.matrix.getRows() * columns;
  std::vector<float> weights(count);
  order.matrix.forEach([&](int64_t element, int64_t place) {
    weights[element] = std::max(order.gram.getGroup(place / size)[place % columns * (columns + 1)], 0.0f);
  });
  return weights;
}

FailureOr<std::shared_ptr<SecondOrderTarget>> SecondOrderTarget::create(ClusteredTarget &target,
                                                                        const LayerStatistics *statistics) {
  const TargetRequest &request = target.requests.front();
  CompressibleOpInterface op = request.layer.op;
  if (llvm::all_of(target.requests, [](const TargetRequest &r) { return isTable(r.layer.op); }))
    return std::shared_ptr<SecondOrderTarget>();
  WeightMatrix matrix = WeightMatrix::get(op, request.target);
  FailureOr<TargetGram> gram = TargetGram::get(target.requests, matrix, statistics);
  if (failed(gram))
    return failure();
  if (gram->isEmpty())
    return emitMissingStatistics(request.layer, statistics != nullptr, "weighted = true", "weighted = false");
  auto order = std::make_shared<SecondOrderTarget>(SecondOrderTarget{matrix, std::move(*gram), {}, {}, {}, {}, {}});
  order->rowBooks = getRowBooks(target, matrix);
  int64_t count = cast<RankedTensorType>(target.getValue().getType()).getNumElements();
  std::vector<float> diagonal = getDiagonal(*order, count);
  if (!target.getScatter()) {
    order->weights = matrix.toMatrix(target.elements);
    target.weights = std::move(diagonal);
    return order;
  }
  FailureOr<std::vector<int64_t>> stored = getStoredElements(target.getScatter());
  if (failed(stored) || stored->size() != target.elements.size())
    return op->emitOpError() << "weight '" << getTargetName(request) << "': its positions cannot be read";
  std::vector<float> dense(count), mask(count);
  for (auto [element, value] : llvm::zip_equal(*stored, target.elements)) {
    dense[element] = value;
    mask[element] = 1;
    target.weights.push_back(diagonal[element]);
  }
  order->stored = std::move(*stored);
  order->weights = matrix.toMatrix(dense);
  for (float kept : matrix.toMatrix(mask))
    order->mask.push_back(kept != 0);
  return order;
}

void SecondOrderTarget::factorize() {
  for (int64_t group = factors.size(); group < matrix.getGroups(); ++group)
    factors.push_back(numerics::factorizeInverse(gram.getGroup(group), matrix.getColumns()));
}

/// The nearest entries of a codebook, where its refinement starts from.
static void roundRows(SecondOrderTarget &order, const std::vector<float> &codebook, int64_t first, int64_t count) {
  std::vector<uint8_t> codes(count);
  numerics::assignCodes(codebook, std::span(order.weights).subspan(first, count), codes);
  for (int64_t i = 0; i < count; ++i)
    order.rounded[first + i] = order.mask.empty() || order.mask[first + i] ? codebook[codes[i]] : 0;
}

/// The runs of rows of one group that have the codebook `book`.
static void collectRows(SecondOrderTarget &order, int64_t book, const std::vector<float> &codebook,
                        std::vector<numerics::ClusteredRows> &parts) {
  int64_t rows = order.matrix.getRows(), columns = order.matrix.getColumns();
  int64_t total = order.matrix.getGroups() * rows;
  for (int64_t begin = 0, end; begin < total; begin = end) {
    end = begin + 1;
    if (order.rowBooks[begin] != book)
      continue;
    while (end % rows != 0 && order.rowBooks[end] == book)
      ++end;
    int64_t first = begin * columns, count = (end - begin) * columns;
    roundRows(order, codebook, first, count);
    auto slice = [&](auto &values) { return std::span(values).subspan(first, count); };
    numerics::ClusteredRows part{
        order.gram.getGroup(begin / rows), slice(order.weights), {}, slice(order.rounded), columns};
    if (!order.mask.empty())
      part.mask = slice(order.mask);
    const numerics::InverseFactor &factor = order.factors[begin / rows];
    if (factor.status == numerics::InverseFactor::Status::OK)
      part.factor = &factor;
    parts.push_back(part);
  }
}

void condense::compress::refineClusters(ArrayRef<ClusteredTarget *> targets, size_t book) {
  std::vector<numerics::ClusteredRows> parts;
  std::vector<float> codebook = targets.front()->codebooks[book];
  numerics::CodebookSpec spec = targets.front()->getSpec();
  for (ClusteredTarget *target : targets) {
    spec.zeroEntry |= target->getSpec().zeroEntry;
    SecondOrderTarget &order = *target->secondOrder;
    order.rounded.resize(order.weights.size());
    order.factorize();
    collectRows(order, book, codebook, parts);
  }
  numerics::refineCodebook(parts, spec, codebook);
  for (ClusteredTarget *target : targets)
    target->codebooks[book] = codebook;
}
