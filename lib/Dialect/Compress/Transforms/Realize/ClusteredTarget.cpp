// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One target whose elements are to share the entries of codebooks.

#include "ClusteredTarget.h"

#include "PackedCodes.h"
#include "SecondOrderClusters.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/BlockLayout.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// The dimension of the target that is the first of the output channels with more than one
/// index, and how many channels one index of it is; -1 if the target has none.
static std::pair<int64_t, int64_t> findChannelDim(const TargetRequest &request) {
  CompressibleOpInterface op = request.layer.op;
  SmallVector<int64_t> outputs = op.getOutputChannelDims();
  llvm::sort(outputs);
  auto type = cast<RankedTensorType>(request.target.value.getType());
  int64_t found = -1, inner = 1;
  for (int64_t output : outputs) {
    auto it = llvm::find(request.target.dims, output);
    if (it == request.target.dims.end())
      continue;
    int64_t dim = it - request.target.dims.begin(), size = type.getDimSize(dim);
    if (found >= 0)
      inner *= size;
    else if (size != 1)
      found = dim;
  }
  return {found, inner};
}

/// One codebook for each run of `group` output channels.
static FailureOr<SmallVector<int64_t>> getBlocks(const TargetRequest &request, RankedTensorType type) {
  SmallVector<int64_t> blocks(type.getRank(), 1);
  int64_t group = request.getScheme<ClusterSchemeAttr>().getGroup();
  CompressibleOpInterface op = request.layer.op;
  if (group == 0)
    return blocks;
  if (request.target.value.getDefiningOp<ScatterOp>())
    return op->emitOpError() << "a pruned weight has one codebook: its cluster request must have group = 0", failure();
  auto [dim, inner] = findChannelDim(request);
  if (dim < 0)
    return blocks;
  // Of fewer channels each where `group` does not divide them.
  int64_t size = type.getDimSize(dim), perBook = std::clamp<int64_t>(group / inner, 1, std::max<int64_t>(size, 1));
  while (size % perBook != 0)
    --perBook;
  blocks[dim] = size / perBook;
  return blocks;
}

static FailureOr<std::vector<float>> readElements(const TargetRequest &request, Value value) {
  FailureOr<std::vector<float>> elements = evaluateElements(value);
  CompressibleOpInterface op = request.layer.op;
  if (failed(elements))
    return op->emitOpError() << "weight '" << getTargetName(request)
                             << "' cannot be read: its data is missing or has another size than its type",
           failure();
  auto bad = llvm::find_if(*elements, [](float x) { return !std::isfinite(x); });
  if (bad != elements->end())
    return op->emitOpError() << "weight '" << getTargetName(request) << "' is NaN or infinite at element "
                             << bad - elements->begin() << ": it cannot be clustered",
           failure();
  return elements;
}

FailureOr<ClusteredTarget> ClusteredTarget::create(ArrayRef<TargetRequest> requests) {
  ClusteredTarget target;
  target.requests.assign(requests.begin(), requests.end());
  ScatterOp scatter = target.getScatter();
  Value value = scatter ? scatter.getValues() : target.getValue();
  target.type = cast<RankedTensorType>(value.getType());
  FailureOr<SmallVector<int64_t>> blocks = getBlocks(requests.front(), target.type);
  if (failed(blocks))
    return failure();
  FailureOr<std::vector<float>> elements = readElements(requests.front(), value);
  if (failed(elements))
    return failure();
  target.blocks = std::move(*blocks);
  target.elements = std::move(*elements);
  return target;
}

numerics::CodebookSpec ClusteredTarget::getSpec() const {
  ClusterSchemeAttr scheme = getScheme();
  numerics::CodebookSpec spec;
  spec.entries = scheme.getEntries();
  spec.format = scheme.getValue().isF16() ? numerics::EntryFormat::F16 : numerics::EntryFormat::F32;
  // Where a scatter stores zeros (to bridge long distances), they have to stay so.
  bool storesZeros = getScatter() && llvm::is_contained(elements, 0.0f);
  spec.zeroEntry = (scheme.getZero() && !getScatter()) || storesZeros;
  return spec;
}

static numerics::BlockLayout getLayout(const ClusteredTarget &target) {
  ArrayRef<int64_t> shape = target.type.getShape();
  return numerics::BlockLayout({shape.data(), shape.size()}, {target.blocks.data(), target.blocks.size()});
}

void ClusteredTarget::fit() {
  numerics::BlockLayout layout = getLayout(*this);
  size_t entries = 1;
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
    numerics::Clustering clustering;
    layout.forEachSegment(block, [&](int64_t first) {
      size_t count = layout.getSegment();
      clustering.add(std::span(elements).subspan(first, count),
                     weights.empty() ? std::span<const float>() : std::span(weights).subspan(first, count));
    });
    codebooks.push_back(clustering.fit(getSpec()));
    entries = std::max(entries, codebooks.back().size());
  }
  // All of them have the entries of the largest.
  for (std::vector<float> &codebook : codebooks)
    codebook.resize(entries, codebook.empty() ? 0.0f : codebook.back());
}

/// What second-order clustering made of the elements, in their order.
static std::vector<float> getRefined(const SecondOrderTarget &order) {
  std::vector<float> dense = order.matrix.fromMatrix<float>(order.rounded);
  if (order.mask.empty())
    return dense;
  std::vector<float> values;
  for (int64_t element : order.stored)
    values.push_back(dense[element]);
  return values;
}

void ClusteredTarget::assign() {
  bool isRefined = secondOrder && !secondOrder->rounded.empty();
  std::vector<float> refined = isRefined ? getRefined(*secondOrder) : std::vector<float>();
  std::span<const float> source = isRefined ? std::span<const float>(refined) : elements;
  numerics::BlockLayout layout = getLayout(*this);
  codes.resize(elements.size());
  std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(codes.data()), codes.size());
  double error = 0, norm = 0;
  for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
    const std::vector<float> &codebook = codebooks[block];
    layout.forEachSegment(block, [&](int64_t first) {
      size_t count = layout.getSegment();
      numerics::assignCodes(codebook, source.subspan(first, count), bytes.subspan(first, count));
      for (size_t i = first; i < first + count; ++i) {
        double difference = static_cast<double>(elements[i]) - codebook[bytes[i]];
        error += difference * difference;
        norm += static_cast<double>(elements[i]) * elements[i];
      }
    });
  }
  relativeError = norm == 0 ? std::sqrt(error) : std::sqrt(error / norm);
}

Value ClusteredTarget::buildCodebook(OpBuilder &builder, StringRef name, int64_t rank) const {
  SmallVector<int64_t> shape(blocks);
  shape.resize(rank, 1);
  shape.push_back(codebooks.front().size());
  std::vector<float> entries;
  for (const std::vector<float> &codebook : codebooks)
    llvm::append_range(entries, codebook);
  auto bookType = RankedTensorType::get(shape, getScheme().getValue());
  HostTensor tensor = HostTensor::fromFloats(bookType, entries);
  return createTensorConstant(builder, getValue().getLoc(), bookType, tensor.getBytes().vec(), name);
}

Value ClusteredTarget::build(OpBuilder &builder, StringRef name, Value shared) const {
  Location loc = getValue().getLoc();
  int64_t entries = codebooks.front().size();
  auto index = IntegerType::get(builder.getContext(), numerics::getIndexWidth(entries), IntegerType::Unsigned);
  Value indices = buildCodes(builder, loc, RankedTensorType::get(type.getShape(), index), codes, name + ".codes");
  Value codebook = shared ? shared : buildCodebook(builder, (name + ".codebook").str(), type.getRank());
  Value values = LookupOp::create(builder, loc, type, indices, codebook);
  ScatterOp scatter = getScatter();
  if (!scatter)
    return values;
  return ScatterOp::create(builder, loc, scatter.getType(), values, scatter.getPositions(), scatter.getLayout());
}
