// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adjoints of convolutions as contractions, with the channels innermost so that lanes run along them.
//
// The image: positions ih with one remainder of (ih + pad) modulo the stride meet every stride-th row of the
// filter, in reverse order. For each remainder ("phase") this is a convolution of stride 1 of the adjoint with a
// part of the filter: no product with a zero between strides is computed.
//
// The filter: a sum over the whole batch and all positions, for each element.

#include "Structured.h"

#include <numeric>

using namespace mlir;
using namespace condense;
using namespace condense::nn;
using namespace condense::nn::lowering;

/// More phases than this would be more code than they save.
static constexpr int64_t kMaxPhases = 16;

static Value transpose(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<int64_t> permutation) {
  Sizes sizes = getSizes(b, tensor), permuted;
  for (int64_t dim : permutation)
    permuted.push_back(sizes[dim]);
  Value init = createEmpty(b, permuted, getElementTypeOrSelf(tensor));
  return linalg::TransposeOp::create(b, tensor, init, permutation)->getResult(0);
}

/// Images and filters alike.
static Value toChannelsLast(ImplicitLocOpBuilder &b, Value tensor, Layout layout) {
  return layout == Layout::NCHW ? transpose(b, tensor, {0, 2, 3, 1}) : tensor;
}
static Value fromChannelsLast(ImplicitLocOpBuilder &b, Value tensor, Layout layout) {
  return layout == Layout::NCHW ? transpose(b, tensor, {0, 3, 1, 2}) : tensor;
}

/// Elements `offset ... offset + size - 1` along the two spatial dimensions (from dimension `first` on); what lies
/// outside of the tensor is 0.
static Value takeWindow(ImplicitLocOpBuilder &b, Value tensor, int64_t first, ArrayRef<int64_t> starts,
                        ArrayRef<OpFoldResult> counts) {
  Sizes sizes = getSizes(b, tensor), low(sizes.size(), b.getIndexAttr(0)), high = low, offsets = low;
  Sizes steps(sizes.size(), b.getIndexAttr(1));
  bool pads = false, crops = false;
  for (int64_t dim : {0, 1}) {
    OpFoldResult end = addSizes(b, b.getIndexAttr(starts[dim]), counts[dim]), size = sizes[first + dim];
    low[first + dim] = b.getIndexAttr(std::max<int64_t>(0, -starts[dim]));
    high[first + dim] = maxSizes(b, subSizes(b, end, size), b.getIndexAttr(0));
    offsets[first + dim] = b.getIndexAttr(std::max<int64_t>(0, starts[dim]));
    pads |= starts[dim] < 0 || !isZeroInteger(high[first + dim]);
    crops |= starts[dim] > 0 || getConstantIntValue(end) != getConstantIntValue(size) || !getConstantIntValue(end);
    sizes[first + dim] = counts[dim];
  }
  if (pads) {
    Value zero = createConstant(b, getElementTypeOrSelf(tensor), 0);
    tensor = tensor::PadOp::create(b, Type(), tensor, low, high, zero);
  }
  if (!crops)
    return tensor;
  return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, steps);
}

namespace {

/// One spatial dimension of the image's adjoint at the positions of one phase: position `first + stride * t` gets
/// `sum_j adjoint[start + t - dilation * j] * filter[kernelFirst + kernelStep * j]`, j below `kernelCount`.
struct Phase {
  int64_t first = 0, start = 0, dilation = 1;
  int64_t kernelFirst = 0, kernelStep = 1, kernelCount = 0;

  Phase(int64_t remainder, int64_t stride, int64_t dilationOfFilter, int64_t pad, int64_t kernel) {
    // (ih + pad) mod stride = remainder
    first = ((remainder - pad) % stride + stride) % stride;
    int64_t common = std::gcd(dilationOfFilter, stride);
    kernelStep = stride / common;
    dilation = dilationOfFilter / common;
    while (kernelFirst < std::min(kernel, kernelStep) && (kernelFirst * dilationOfFilter - remainder) % stride != 0)
      ++kernelFirst;
    if (kernelFirst >= std::min(kernel, kernelStep))
      return; // no element of the filter meets this phase
    kernelCount = (kernel - 1 - kernelFirst) / kernelStep + 1;
    start = (first + pad - kernelFirst * dilationOfFilter) / stride;
  }
};

/// The loops of a convolution with groups; those that do not exist are null.
struct Maps {
  AffineExpr batch, height, width, group, result, kernelHeight, kernelWidth, reduced;
  unsigned count = 0;
  MLIRContext *context;

  Maps(MLIRContext *context) : context(context) {}
  void add(AffineExpr &loop, bool exists = true) {
    if (exists)
      loop = getAffineDimExpr(count++, context);
  }
  AffineMap make(ArrayRef<AffineExpr> exprs) const {
    SmallVector<AffineExpr> present(exprs);
    llvm::erase(present, AffineExpr());
    return AffineMap::get(count, 0, present, context);
  }
};

SmallVector<utils::IteratorType> makeIterators(unsigned parallel, unsigned count) {
  SmallVector<utils::IteratorType> iterators(count, utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), parallel, utils::IteratorType::parallel);
  return iterators;
}

Value multiplyAdd(ImplicitLocOpBuilder &b, ValueRange args) { return createMultiplyAdd(b, args, false, false); }

struct InputGradientLowering : Lowering<Conv2DInputGradientOp> {
  using Lowering::Lowering;

  Value lower(Conv2DInputGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b,
              RankedTensorType type) const override {
    Layout layout = op.getLayout();
    Type wide = getComputeType(type.getElementType());
    Value adjoint = toChannelsLast(b, adaptor.getAdjoint(), layout);
    Value filter = toChannelsLast(b, adaptor.getFilter(), layout);
    Sizes sizes = getSizes(b, adaptor.getInput());
    if (layout == Layout::NCHW)
      sizes = {sizes[0], sizes[2], sizes[3], sizes[1]};
    SmallVector<int64_t> strides(op.getStrides());
    if (strides[0] * strides[1] > kMaxPhases)
      adjoint = spread(b, adjoint, strides);
    bool phased = strides[0] * strides[1] > 1;
    Value result = phased ? createFilled(b, sizes, createConstant(b, wide, 0)) : Value();
    for (int64_t row = 0; row < strides[0]; ++row)
      for (int64_t column = 0; column < strides[1]; ++column) {
        auto makePhase = [&](int64_t remainder, int64_t dim) {
          int64_t kernel = cast<RankedTensorType>(filter.getType()).getDimSize(1 + dim);
          return Phase(remainder, strides[dim], op.getDilations()[dim], op.getPads()[dim], kernel);
        };
        Phase phases[] = {makePhase(row, 0), makePhase(column, 1)};
        Sizes counts = sizes;
        for (int64_t dim : {0, 1})
          counts[1 + dim] = countPositions(b, sizes[1 + dim], phases[dim].first, strides[dim]);
        if (phases[0].kernelCount == 0 || phases[1].kernelCount == 0)
          continue;
        Value part = createPhase(b, adjoint, filter, phases, counts, op.getGroups(), wide);
        if (!phased) {
          result = part;
          continue;
        }
        Sizes offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
        for (int64_t dim : {0, 1}) {
          offsets[1 + dim] = b.getIndexAttr(phases[dim].first);
          steps[1 + dim] = b.getIndexAttr(strides[dim]);
        }
        result = tensor::InsertSliceOp::create(b, part, result, offsets, counts, steps);
      }
    return fromChannelsLast(b, convertTensor(b, result, type.getElementType()), layout);
  }

  /// The adjoint with zeros between its positions, as if the stride were 1.
  static Value spread(ImplicitLocOpBuilder &b, Value adjoint, SmallVectorImpl<int64_t> &strides) {
    Sizes sizes = getSizes(b, adjoint), larger = sizes;
    Sizes offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
    OpFoldResult one = b.getIndexAttr(1);
    for (int64_t dim : {0, 1}) {
      OpFoldResult step = b.getIndexAttr(strides[dim]);
      OpFoldResult last = subSizes(b, maxSizes(b, sizes[1 + dim], one), one);
      larger[1 + dim] = addSizes(b, mulSizes(b, last, step), one);
      steps[1 + dim] = step;
      strides[dim] = 1;
    }
    Value zeros = createFilled(b, larger, createConstant(b, getElementTypeOrSelf(adjoint), 0));
    return tensor::InsertSliceOp::create(b, adjoint, zeros, offsets, sizes, steps);
  }

  /// The number of positions `first + stride * t` below `size`.
  static OpFoldResult countPositions(ImplicitLocOpBuilder &b, OpFoldResult size, int64_t first, int64_t stride) {
    OpFoldResult raised = addSizes(b, size, b.getIndexAttr(stride - 1 - first));
    return divSizes(b, maxSizes(b, raised, b.getIndexAttr(0)), b.getIndexAttr(stride));
  }

  /// The part of the filter, from its last element to its first.
  static Value takeFilter(ImplicitLocOpBuilder &b, Value filter, ArrayRef<Phase> phases) {
    Sizes sizes = getSizes(b, filter), offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
    SmallVector<int64_t> reversed;
    for (int64_t dim : {0, 1}) {
      offsets[1 + dim] = b.getIndexAttr(phases[dim].kernelFirst);
      sizes[1 + dim] = b.getIndexAttr(phases[dim].kernelCount);
      steps[1 + dim] = b.getIndexAttr(phases[dim].kernelStep);
      if (phases[dim].kernelCount > 1)
        reversed.push_back(1 + dim);
    }
    Value part = tensor::ExtractSliceOp::create(b, filter, offsets, sizes, steps);
    return reversed.empty() ? part : reverse(b, part, reversed);
  }

  /// `sizes` are those of the positions of this phase.
  static Value createPhase(ImplicitLocOpBuilder &b, Value adjoint, Value filter, ArrayRef<Phase> phases, Sizes sizes,
                           int64_t groups, Type wide) {
    filter = takeFilter(b, filter, phases);
    SmallVector<int64_t> starts;
    Sizes counts;
    for (int64_t dim : {0, 1}) {
      int64_t reach = phases[dim].dilation * (phases[dim].kernelCount - 1);
      starts.push_back(phases[dim].start - reach);
      counts.push_back(addSizes(b, sizes[1 + dim], b.getIndexAttr(reach)));
    }
    adjoint = takeWindow(b, adjoint, 1, starts, counts);
    ArrayRef<int64_t> shape = cast<RankedTensorType>(filter.getType()).getShape();
    bool isGrouped = groups > 1, isDepthwise = isGrouped && shape[0] == groups && shape[3] == 1;
    if (isGrouped && !isDepthwise) {
      adjoint = splitDim(b, adjoint, 3, groups);
      filter = splitDim(b, filter, 0, groups);
      sizes[3] = divSizes(b, sizes[3], b.getIndexAttr(groups));
      sizes.insert(sizes.begin() + 3, b.getIndexAttr(groups));
    }
    if (isDepthwise)
      filter = mergeDims(b, filter, 2);
    Maps loops(b.getContext());
    for (AffineExpr *loop : {&loops.batch, &loops.height, &loops.width})
      loops.add(*loop);
    loops.add(loops.group, isGrouped);
    loops.add(loops.result, !isDepthwise);
    unsigned parallel = loops.count;
    loops.add(loops.kernelHeight);
    loops.add(loops.kernelWidth);
    loops.add(loops.reduced, !isDepthwise);
    AffineExpr row = loops.height + loops.kernelHeight * phases[0].dilation;
    AffineExpr column = loops.width + loops.kernelWidth * phases[1].dilation;
    SmallVector<AffineMap> maps{
        loops.make({loops.batch, row, column, loops.group, loops.reduced}),
        loops.make({loops.group, loops.reduced, loops.kernelHeight, loops.kernelWidth, loops.result}),
        loops.make({loops.batch, loops.height, loops.width, loops.group, loops.result})};
    Value zeros = createFilled(b, sizes, createConstant(b, wide, 0));
    Value result = createGeneric(b, {adjoint, filter}, zeros, maps, makeIterators(parallel, loops.count), multiplyAdd);
    return isGrouped && !isDepthwise ? mergeDims(b, result, 3) : result;
  }
};

struct FilterGradientLowering : Lowering<Conv2DFilterGradientOp> {
  using Lowering::Lowering;

  Value lower(Conv2DFilterGradientOp op, Adaptor adaptor, ImplicitLocOpBuilder &b,
              RankedTensorType type) const override {
    Layout layout = op.getLayout();
    Type wide = getComputeType(type.getElementType());
    int64_t groups = op.getGroups();
    Value zero = createConstant(b, type.getElementType(), 0);
    Value adjoint = toChannelsLast(b, adaptor.getAdjoint(), layout);
    Value image = padImage(b, toChannelsLast(b, adaptor.getInput(), layout), op.getPads(), Layout::NHWC, zero);
    Sizes sizes = getSizes(b, adaptor.getFilter());
    if (layout == Layout::NCHW)
      sizes = {sizes[0], sizes[2], sizes[3], sizes[1]};
    std::optional<int64_t> outputs = getConstantIntValue(sizes[0]), inputs = getConstantIntValue(sizes[3]);
    bool isGrouped = groups > 1, isDepthwise = isGrouped && outputs == groups && inputs == 1;
    // Lanes run along the channels of which there are more.
    bool outputsLast = isDepthwise || (inputs && outputs && *inputs < *outputs && *inputs < 16);
    if (isGrouped && !isDepthwise) {
      adjoint = splitDim(b, adjoint, 3, groups);
      image = splitDim(b, image, 3, groups);
      sizes[0] = divSizes(b, sizes[0], b.getIndexAttr(groups));
      sizes.insert(sizes.begin(), b.getIndexAttr(groups));
    }
    Value result = createSum(op, b, adjoint, image, sizes, isGrouped, isDepthwise, outputsLast, wide);
    if (isGrouped && !isDepthwise)
      result = mergeDims(b, result, 0);
    return fromChannelsLast(b, convertTensor(b, result, type.getElementType()), layout);
  }

  /// The result is `[group, output, kh, kw, input]`, or first computed as `[group, kh, kw, input, output]`; a
  /// depthwise one has no inputs.
  static Value createSum(Conv2DFilterGradientOp op, ImplicitLocOpBuilder &b, Value adjoint, Value image,
                         ArrayRef<OpFoldResult> sizes, bool isGrouped, bool isDepthwise, bool outputsLast, Type wide) {
    bool hasGroupLoop = isGrouped && !isDepthwise;
    Maps loops(b.getContext());
    AffineExpr output;
    loops.add(loops.group, hasGroupLoop);
    loops.add(output, !outputsLast);
    loops.add(loops.kernelHeight);
    loops.add(loops.kernelWidth);
    loops.add(loops.reduced, !isDepthwise);
    loops.add(output, outputsLast);
    unsigned parallel = loops.count;
    for (AffineExpr *loop : {&loops.batch, &loops.height, &loops.width})
      loops.add(*loop);
    AffineExpr row = loops.height * op.getStrides()[0] + loops.kernelHeight * op.getDilations()[0];
    AffineExpr column = loops.width * op.getStrides()[1] + loops.kernelWidth * op.getDilations()[1];
    AffineExpr none;
    SmallVector<AffineMap> maps{
        loops.make({loops.batch, loops.height, loops.width, loops.group, output}),
        loops.make({loops.batch, row, column, loops.group, isDepthwise ? output : loops.reduced}),
        loops.make({loops.group, outputsLast ? none : output, loops.kernelHeight, loops.kernelWidth, loops.reduced,
                    outputsLast ? output : none})};
    // The same order of the sizes [group, output, kh, kw, input].
    Sizes shape(sizes);
    int64_t first = hasGroupLoop;
    if (isDepthwise)
      shape.pop_back();
    if (outputsLast)
      std::rotate(shape.begin() + first, shape.begin() + first + 1, shape.end());
    Value zeros = createFilled(b, shape, createConstant(b, wide, 0));
    Value result = createGeneric(b, {adjoint, image}, zeros, maps, makeIterators(parallel, loops.count), multiplyAdd);
    if (!outputsLast)
      return result;
    SmallVector<int64_t> back = makeRange(shape.size());
    std::rotate(back.begin() + first, back.end() - 1, back.end());
    result = transpose(b, result, back);
    return isDepthwise ? insertUnitDims(b, result, 3) : result;
  }
};

} // namespace

void lowering::populateConvolutionGradientPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<InputGradientLowering, FilterGradientLowering>(converter, patterns.getContext());
}
