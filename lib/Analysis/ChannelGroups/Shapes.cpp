// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transposes and reshapes.
//
// A reshape falls into segments of equal products: [b, s, h*d] -> [b, s, h, d] into
// b:b, s:s, h*d:(h, d). Where one dimension stands for several, removing an index of
// any one of these removes a run, or a stride, of the one; but only for one of them
// at a time. Preferred is one that holds channels of a layer (the channels of a
// flattened image), otherwise the outermost (attention heads, whole groups).

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

bool condense::relateTranspose(Operation *op, IndexRelations &relations) {
  auto transpose = dyn_cast<TransposeOp>(op);
  if (!transpose)
    return false;
  for (auto [dim, from] : llvm::enumerate(transpose.getPermutation()))
    relations.link(transpose.getInput(), from, transpose.getOutput(), dim);
  return true;
}

bool condense::isReshape(Operation *op) { return isa<ReshapeOp>(op); }

namespace {
/// Dimensions other than those of size 1 that hold the same elements on both sides.
struct Segment {
  SmallVector<int64_t> input, output;
};

/// Cuts a reshape into the smallest segments.
class Segmentation {
public:
  explicit Segmentation(ReshapeOp op)
      : input(cast<RankedTensorType>(op.getInput().getType()).getShape()),
        output(cast<RankedTensorType>(op.getOutput().getType()).getShape()), request(op.getShape()) {}

  SmallVector<Segment> run() {
    SmallVector<int64_t> from = getDims(input), to = getDims(output);
    SmallVector<Segment> segments, last = takeFromEnd(from, to);
    // What is in front of it: the same from the front.
    while (!from.empty() || !to.empty())
      segments.push_back(takeFromFront(from, to));
    llvm::append_range(segments, llvm::reverse(last));
    return segments;
  }

private:
  static SmallVector<int64_t> getDims(ArrayRef<int64_t> shape) {
    SmallVector<int64_t> dims;
    for (auto [dim, size] : llvm::enumerate(shape))
      if (size != 1)
        dims.push_back(dim);
    return dims;
  }

  bool isStatic(ArrayRef<int64_t> dims, ArrayRef<int64_t> shape) const {
    return llvm::none_of(dims, [&](int64_t dim) { return ShapedType::isDynamic(shape[dim]); });
  }
  int64_t getProduct(ArrayRef<int64_t> dims, ArrayRef<int64_t> shape) const {
    int64_t product = 1;
    for (int64_t dim : dims)
      product *= shape[dim];
    return product;
  }

  /// Static segments at the end: row-major order makes equal products equal parts.
  SmallVector<Segment> takeFromEnd(SmallVectorImpl<int64_t> &from, SmallVectorImpl<int64_t> &to) const {
    SmallVector<Segment> segments;
    while (!from.empty() && !to.empty()) {
      size_t i = 1, j = 1;
      ArrayRef<int64_t> a, b;
      while (true) {
        if (i > from.size() || j > to.size())
          return segments;
        a = ArrayRef(from).take_back(i), b = ArrayRef(to).take_back(j);
        if (!isStatic(a, input) || !isStatic(b, output))
          return segments;
        int64_t difference = getProduct(a, input) - getProduct(b, output);
        if (difference == 0)
          break;
        difference < 0 ? ++i : ++j;
      }
      segments.push_back({SmallVector<int64_t>(a), SmallVector<int64_t>(b)});
      from.truncate(from.size() - i);
      to.truncate(to.size() - j);
    }
    return segments;
  }

  /// One dimension that is copied, or everything that is left.
  Segment takeFromFront(SmallVectorImpl<int64_t> &from, SmallVectorImpl<int64_t> &to) const {
    bool isCopied =
        !from.empty() && !to.empty() && from[0] == to[0] &&
        (request[to[0]] == 0 || (!ShapedType::isDynamic(input[from[0]]) && input[from[0]] == output[to[0]]));
    size_t fromCount = isCopied ? 1 : from.size(), toCount = isCopied ? 1 : to.size();
    Segment segment;
    segment.input.assign(from.begin(), from.begin() + fromCount);
    segment.output.assign(to.begin(), to.begin() + toCount);
    from.erase(from.begin(), from.begin() + fromCount);
    to.erase(to.begin(), to.begin() + toCount);
    return segment;
  }

  ArrayRef<int64_t> input, output, request;
};
} // namespace

/// `many` dimensions of `parts` stand for dimension `dim` of `whole`.
static void relateParts(Value parts, ArrayRef<int64_t> many, Value whole, int64_t dim, IndexRelations &relations) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(parts.getType()).getShape();
  size_t chosen = 0, best = 0;
  for (auto [position, part] : llvm::enumerate(many)) {
    size_t score = 2 * relations.mayShrink(parts, part) + relations.hasChannels(parts, part);
    if (score > best) {
      best = score;
      chosen = position;
    }
  }
  int64_t inner = 1, size = cast<RankedTensorType>(whole.getType()).getDimSize(dim);
  for (size_t i = chosen + 1; i < many.size(); ++i)
    inner *= shape[many[i]];
  for (int64_t index = 0; index < size; ++index)
    relations.linkIndex(parts, many[chosen], index / inner % shape[many[chosen]], whole, dim, index);
  for (size_t i = 0; i < many.size(); ++i)
    if (i != chosen)
      relations.keep(parts, many[i], "merges the dimension with others");
}

void condense::relateReshape(Operation *op, IndexRelations &relations) {
  auto reshape = cast<ReshapeOp>(op);
  Value input = reshape.getInput(), output = reshape.getOutput();
  for (const Segment &segment : Segmentation(reshape).run()) {
    auto isStatic = [](Value value, ArrayRef<int64_t> dims) {
      return llvm::none_of(dims,
                           [&](int64_t dim) { return cast<RankedTensorType>(value.getType()).isDynamicDim(dim); });
    };
    bool known = isStatic(input, segment.input) && isStatic(output, segment.output);
    if (segment.input.size() == 1 && segment.output.size() == 1) {
      relations.link(input, segment.input[0], output, segment.output[0]);
    } else if (known && segment.input.size() == 1) {
      relateParts(output, segment.output, input, segment.input[0], relations);
    } else if (known && segment.output.size() == 1) {
      relateParts(input, segment.input, output, segment.output[0], relations);
    } else {
      for (int64_t dim : segment.input)
        relations.keep(input, dim, "mixes dimensions");
      for (int64_t dim : segment.output)
        relations.keep(output, dim, "mixes dimensions");
    }
  }
}
