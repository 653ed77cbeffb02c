// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution of low rank as two convolutions.

#include "FactorizeConvolution.h"

#include "Residual.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static bool isChannelsFirst(nn::Conv2DOp layer) { return layer.getLayout() == nn::Layout::NCHW; }

/// A filter of `outputs` and `inputs` (per group) in the layout of the layer.
static SmallVector<int64_t> getFilterShape(nn::Conv2DOp layer, int64_t outputs, int64_t inputs, int64_t height,
                                           int64_t width) {
  if (isChannelsFirst(layer))
    return {outputs, inputs, height, width};
  return {outputs, height, width, inputs};
}

static int64_t getInputChannels(nn::Conv2DOp layer) {
  return cast<RankedTensorType>(layer.getFilter().getType()).getDimSize(isChannelsFirst(layer) ? 1 : 3);
}

static int64_t getKernelDim(nn::Conv2DOp layer, unsigned dim) {
  return cast<RankedTensorType>(layer.getFilter().getType()).getDimSize((isChannelsFirst(layer) ? 2 : 1) + dim);
}

static numerics::KernelShape getKernelShape(nn::Conv2DOp layer, int64_t outputs) {
  int64_t inputs = getInputChannels(layer), height = getKernelDim(layer, 0), width = getKernelDim(layer, 1);
  if (isChannelsFirst(layer))
    return {outputs, inputs * height, width, 1};
  return {outputs, height, width, inputs};
}

std::optional<numerics::LowRank> condense::compress::decomposeFilter(nn::Conv2DOp layer, ConvDecomposition kind,
                                                                     const FactorInput &input, int64_t group) {
  int64_t rows = input.matrix.getRows();
  if (kind == ConvDecomposition::Channel)
    return numerics::LowRank::compute(rows, input.matrix.getColumns(), input.getWeight(group), input.getGram(group));
  numerics::KernelShape shape = getKernelShape(layer, rows);
  std::vector<float> gram;
  if (!input.gram.isEmpty())
    gram = numerics::toSpatialGram(shape, input.getGram(group));
  return numerics::LowRank::compute(rows * shape.width, shape.outer * shape.inner,
                                    numerics::toSpatialMatrix(shape, input.getWeight(group)), gram);
}

ConvolutionFactorizer::ConvolutionFactorizer(const TargetRequest &request, const FactorInput &input,
                                             ArrayRef<numerics::LowRank> groups)
    : request(request), input(input), groups(groups),
      layer(cast<nn::Conv2DOp>(static_cast<Operation *>(request.layer.op))) {}

int64_t ConvolutionFactorizer::getKernelSize(unsigned dim) const { return getKernelDim(layer, dim); }

bool ConvolutionFactorizer::isSpatial() const {
  return request.getScheme<FactorizeSchemeAttr>().getConv() == ConvDecomposition::Spatial;
}

FactorCost ConvolutionFactorizer::getCost() const {
  int64_t size = input.matrix.getRows() * input.matrix.getColumns();
  int64_t down = groups.front().getColumns(), up = groups.front().getRows();
  // Columns are not skipped before the second convolution: its stride multiplies what the first computes.
  int64_t positions = isSpatial() ? layer.getStrides()[1] : 1;
  return {size, down + up, size, down * positions + up};
}

bool ConvolutionFactorizer::isCheaper(int64_t rank) const {
  FactorCost cost = getCost();
  return rank * cost.sizePerRank < cost.size && rank * cost.macsPerRank <= cost.macs;
}

int64_t ConvolutionFactorizer::getBytes(int64_t elements) const {
  auto type = cast<RankedTensorType>(request.target.value.getType());
  return elements * input.matrix.getGroups() * type.getElementTypeBitWidth() / 8;
}

double ConvolutionFactorizer::getRelativeError(int64_t rank) const {
  double error = 0, norm = getWeightNorm(request, this->input.weight);
  for (auto [group, lowRank] : llvm::enumerate(groups)) {
    std::span<const float> weight = input.getWeight(group);
    std::vector<float> matrix(weight.begin(), weight.end());
    if (isSpatial())
      matrix = numerics::toSpatialMatrix(getKernelShape(layer, input.matrix.getRows()), weight);
    error += getSquaredError(matrix, lowRank.getColumns(), lowRank.cut(rank));
  }
  return norm > 0 ? std::sqrt(error) / norm : 0;
}

ConvolutionFactorizer::Stage ConvolutionFactorizer::makeDown(int64_t rank) const {
  Stage stage;
  int64_t width = isSpatial() ? 1 : getKernelSize(1);
  stage.shape = getFilterShape(layer, rank * groups.size(), getInputChannels(layer), getKernelSize(0), width);
  // The right factor has the order of the filter, in both layouts.
  for (const numerics::LowRank &group : groups)
    llvm::append_range(stage.filter, group.cut(rank).right);
  stage.strides = llvm::to_vector(layer.getStrides());
  stage.dilations = llvm::to_vector(layer.getDilations());
  stage.pads = llvm::to_vector(layer.getPads());
  if (isSpatial()) {
    stage.strides[1] = stage.dilations[1] = 1;
    stage.pads[1] = stage.pads[3] = 0;
  }
  return stage;
}

ConvolutionFactorizer::Stage ConvolutionFactorizer::makeUp(int64_t rank) const {
  Stage stage;
  int64_t rows = input.matrix.getRows(), width = isSpatial() ? getKernelSize(1) : 1;
  stage.shape = getFilterShape(layer, rows * groups.size(), rank, 1, width);
  for (const numerics::LowRank &group : groups) {
    std::vector<float> left = group.cut(rank).left; // [rows, width, rank]
    if (!isChannelsFirst(layer) || width == 1) {
      llvm::append_range(stage.filter, left);
      continue;
    }
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t k = 0; k < rank; ++k)
        for (int64_t x = 0; x < width; ++x)
          stage.filter.push_back(left[(row * width + x) * rank + k]);
  }
  stage.strides = stage.dilations = {1, 1};
  stage.pads = {0, 0, 0, 0};
  if (isSpatial()) {
    stage.strides[1] = layer.getStrides()[1];
    stage.dilations[1] = layer.getDilations()[1];
    stage.pads = {0, layer.getPads()[1], 0, layer.getPads()[3]};
  }
  return stage;
}

Value ConvolutionFactorizer::build(OpBuilder &builder, Value image, const Stage &stage, Value bias,
                                   StringRef suffix) const {
  Type elementType = cast<RankedTensorType>(request.target.value.getType()).getElementType();
  Value filter = createFloatConstant(builder, request.target.value.getLoc(), stage.shape, elementType, stage.filter,
                                     getTargetName(request) + suffix);
  Location loc = NameLoc::get(builder.getStringAttr(request.layer.name + suffix), layer.getLoc());
  auto part = nn::Conv2DOp::create(builder, loc, image, filter, bias, stage.strides, stage.dilations, stage.pads,
                                   layer.getGroups(), layer.getLayout());
  part->setDiscardableAttrs(layer->getDiscardableAttrDictionary());
  return part;
}

void ConvolutionFactorizer::rewrite(int64_t rank) const {
  bool isCorrection = isResidual(request);
  OpBuilder builder(layer);
  builder.setInsertionPointAfter(layer);
  std::string prefix = isCorrection ? ".correction" : "";
  Value down = build(builder, layer.getInput(), makeDown(rank), Value(), prefix + ".down");
  Value up = build(builder, down, makeUp(rank), isCorrection ? Value() : Value(layer.getBias()), prefix + ".up");
  // A range was measured before the first of the two.
  StringRef activation = CompressDialect::kActivationSchemeAttrName;
  if (auto scheme = layer->getAttrOfType<ActivationSchemeAttr>(activation))
    up.getDefiningOp()->setAttr(activation,
                                ActivationSchemeAttr::get(builder.getContext(), scheme.getStorage(),
                                                          scheme.getCalibration(), {}, {}, scheme.getBlock()));
  up.setType(cast<RankedTensorType>(layer.getType()));
  if (isCorrection)
    return addCorrection(builder, up);
  layer->getResult(0).replaceAllUsesWith(up);
  Operation *filter = request.target.value.getDefiningOp();
  layer.erase();
  if (filter && filter->use_empty())
    filter->erase();
}

/// The layer keeps what was quantized, and `correction` is added to its result.
void ConvolutionFactorizer::addCorrection(OpBuilder &builder, Value correction) const {
  Operation *sum = request.target.path.back()->getOwner(), *residual = request.target.value.getDefiningOp();
  layer.getFilterMutable().assign(sum->getOperand(0));
  auto corrected = nn::AddOp::create(builder, layer.getLoc(), layer.getResult(), correction);
  layer->getResult(0).replaceAllUsesExcept(corrected, corrected);
  sum->erase();
  if (residual->use_empty())
    residual->erase();
}
