// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of quantized activations and weights as integer products in blocks.

#include "QuantizedPacking.h"
#include "DotProduct.h"
#include "SignedActivation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Products of one block that surely fit 32 bits: bytes up to 255 and 128.
static constexpr int64_t kLongestBlock = 65536;

/// Rows that make up for computing their weights first, and the lanes that are
/// computed at a time.
static constexpr int64_t kLeastRows = 32, kVectorLanes = 16;

/// Places in a vector of bytes that one shuffle chooses from.
static constexpr size_t kMostEntries = 16;

/// As few bits as hold all codes, or the numbers of the different ones if these are few, if the codes of a byte then
/// fit a block.
void QuantizedPacking::chooseBits() {
  auto fit = [&](unsigned width) {
    while (width < 8 && block % (8 / width * kDotLength) != 0)
      width *= 2;
    return width;
  };
  auto [least, most] = std::minmax_element(codes.begin(), codes.end());
  bits = fit(*least >= -2 && *most <= 1 ? 2 : *least >= -8 && *most <= 7 ? 4 : 8);
  std::array<bool, 256> isThere{};
  for (int8_t code : codes)
    isThere[static_cast<uint8_t>(code)] = true;
  size_t entries = llvm::count(isThere, true);
  if (bits == 8 && entries <= kMostEntries && fit(entries <= 4 ? 2 : 4) < bits) {
    bits = fit(entries <= 4 ? 2 : 4);
    for (int value = -128; value < 128; ++value)
      if (isThere[static_cast<uint8_t>(value)])
        table.push_back(static_cast<int8_t>(value));
  }
  perByte = 8 / bits;
}

bool QuantizedPacking::splitLoops(std::string &reason) {
  LoopDigits &digits = panels.digits;
  auto fits = [&](AffineExpr expr) { return digits.splitFor(expr); };
  for (const WeightLeaf &leaf : product.activations.getLeaves())
    if (!llvm::all_of(leaf.at, fits))
      return reason = "the activation is not read at linear places", false;
  for (auto [number, leaf] : llvm::enumerate(product.weights.getLeaves()))
    if (number != product.weightCodes && !llvm::all_of(leaf.at, fits))
      return reason = "a scale is not read at linear places", false;
  // A block ends where some scale changes.
  block = product.getReductionSize();
  auto visit = [&](const WeightInliner &inliner, size_t codes) {
    for (auto [number, leaf] : llvm::enumerate(inliner.getLeaves()))
      for (AffineExpr expr : leaf.at)
        for (auto [digit, factor] : llvm::enumerate(digits.linearize(expr)->factors))
          if (number != codes && factor != 0 && digits.getLoop(digit) == product.reduction)
            block = std::min(block, digits.getStrides()[digit]);
  };
  visit(product.activations, product.activationCodes);
  visit(product.weights, product.weightCodes);
  if (block % kDotLength != 0)
    return reason = "a block does not consist of groups of four", false;
  if (block > kLongestBlock)
    return reason = "the sum of a block might not fit 32 bits", false;
  chooseBits();
  panels.dotLoop = product.reduction;
  for (int64_t size : {block, perByte * kDotLength, kDotLength})
    if (!digits.split(product.reduction, {size}))
      return reason = "the reduction does not split into groups of four", false;
  panels.splitPanels();
  return true;
}

/// What the compensation is multiplied with is read by parallel loops alone.
bool QuantizedPacking::checkActivationScales(std::string &reason) const {
  AffineMap result = const_cast<linalg::LinalgOp &>(op).getMatchingIndexingMap(
      const_cast<linalg::LinalgOp &>(op).getDpsInitOperand(0));
  bool namesLoops = result.isProjectedPermutation() && result.getNumResults() + 1 == result.getNumDims();
  for (auto [number, leaf] : llvm::enumerate(product.activations.getLeaves()))
    if (number != product.activationCodes && !activationScalesMove())
      namesLoops &= llvm::all_of(leaf.at, [](AffineExpr expr) { return isa<AffineDimExpr, AffineConstantExpr>(expr); });
  return namesLoops ? true : (reason = "a scale of the activation is not read at single loops", false);
}

/// Codes times multipliers that are signed bytes again are worth computing for
/// enough rows.
void QuantizedPacking::planExpansion() {
  int64_t rows = 1, panel = panels.digits.getSizes()[panels.digits.getInnermost(product.lanes)];
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopRanges()))
    if (loop != product.lanes && loop != product.reduction)
      rows = ShapedType::isDynamic(size) ? 0 : rows * size;
  if (rows < kLeastRows || panel % kVectorLanes != 0 || block == product.getReductionSize() ||
      product.getReductionSize() > kLongestBlock || activationScalesMove())
    return;
  std::optional<std::vector<int32_t>> values = product.evaluateMultipliers(panels.digits, block);
  for (size_t i = 0; values && i < codes.size(); ++i)
    if (!llvm::isInt<8>((*values)[i / block]) || !llvm::isInt<8>(codes[i] * (*values)[i / block]))
      return;
  if (values)
    multipliers = std::move(*values);
}

bool QuantizedPacking::plan(std::string &reason) {
  if (!product.match(reason))
    return false;
  std::optional<std::vector<int8_t>> decoded = product.decode();
  if (!decoded)
    return reason = "the weight's codes do not fit 8 bits", false;
  codes = std::move(*decoded);
  if (!splitLoops(reason) || !checkActivationScales(reason))
    return false;
  std::optional<std::vector<float>> values = product.evaluateScales(panels.digits, block);
  if (!values)
    return reason = "the weight's scales cannot be evaluated", false;
  scales = std::move(*values);
  for (AffineMap map : op.getIndexingMapsArray())
    if (map != op.getMatchingIndexingMap(product.weight) && map != op.getMatchingIndexingMap(product.activation) &&
        !panels.digits.rewrite(map))
      return reason = "an operand is not read at linear places", false;
  planExpansion();
  return true;
}

AffineMap QuantizedPacking::mapOf(ArrayRef<AffineExpr> at) const {
  unsigned loops = const_cast<linalg::LinalgOp &>(op).getNumLoops();
  return *panels.digits.rewrite(AffineMap::get(loops, 0, at, rewriter.getContext()));
}

/// Where the bytes `[n, k / codes of a byte and group, group]` are read.
SmallVector<LinearForm> QuantizedPacking::packedPlaces() const {
  const LoopDigits &digits = panels.digits;
  MLIRContext *context = rewriter.getContext();
  SmallVector<LinearForm> at =
      panels.linearize({getAffineDimExpr(product.lanes, context), getAffineDimExpr(product.reduction, context)});
  at.push_back(at[1]);
  int64_t step = perByte * kDotLength;
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit) {
    at[1].factors[digit] /= step;
    at[2].factors[digit] = at[2].factors[digit] == 1 ? 1 : 0;
  }
  return at;
}

/// The bytes in that order: code `u` of a byte is in the bits `u * bits`.
std::vector<char> QuantizedPacking::packCodes() const {
  std::vector<char> bytes(codes.size() / perByte);
  int64_t step = perByte * kDotLength;
  std::array<uint8_t, 256> stored;
  for (unsigned code = 0; code < stored.size(); ++code)
    stored[code] = code & ((1u << bits) - 1);
  for (auto [number, value] : llvm::enumerate(table))
    stored[static_cast<uint8_t>(value)] = static_cast<uint8_t>(number);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int8_t *first = &codes[i / kDotLength * step + i % kDotLength];
    unsigned byte = 0;
    for (int64_t u = 0; u < perByte; ++u)
      byte |= stored[static_cast<uint8_t>(first[u * kDotLength])] << (u * bits);
    bytes[i] = static_cast<char>(byte);
  }
  return bytes;
}

bool QuantizedPacking::activationScalesMove() const {
  for (auto [number, leaf] : llvm::enumerate(product.activations.getLeaves()))
    for (AffineExpr expr : leaf.at)
      if (number != product.activationCodes && expr.isFunctionOfDim(product.reduction))
        return true;
  return false;
}

Value QuantizedPacking::addConstant(const HostArray &source, ArrayRef<LinearForm> at, AffineMap &map, int64_t &bytes) {
  bytes += source.bytes.size();
  return panels.relay(rewriter, op.getLoc(), source, at, std::nullopt, map);
}

/// The codes, packed, and the scales.
void QuantizedPacking::addWeight(SmallVectorImpl<Value> &inputs, SmallVectorImpl<AffineMap> &maps, int64_t &bytes) {
  for (auto [number, leaf] : llvm::enumerate(product.weights.getLeaves())) {
    TensorConstant constant = *getTensorConstant(leaf.constant);
    HostArray source{constant.getType(), constant.getBytes(), constant.getName()};
    std::vector<char> packed;
    AffineMap map;
    if (number == product.weightCodes) {
      packed = packCodes();
      int64_t groups = product.getReductionSize() / (perByte * kDotLength);
      source.type = RankedTensorType::get({product.getLaneCount(), groups, kDotLength}, rewriter.getI8Type());
      source.bytes = packed;
      inputs.push_back(addConstant(source, packedPlaces(), map, bytes));
    } else if (isExpanded() && product.isMultiplier(number)) {
      // They are in the codes already; nothing reads this one.
      inputs.push_back(
          arith::ConstantOp::create(rewriter, op.getLoc(), rewriter.getZeroAttr(constant.getType().getElementType())));
      map = AffineMap::get(panels.digits.getSizes().size(), 0, rewriter.getContext());
    } else {
      inputs.push_back(addConstant(source, panels.linearize(leaf.at), map, bytes));
    }
    maps.push_back(map);
    if (number == product.weightCodes && isExpanded())
      expandCodes(inputs.back(), maps.back(), bytes);
  }
}

/// Replaces packed codes by codes times multipliers, as an operation of its own:
/// the kernel computes it for one panel at a time.
void QuantizedPacking::expandCodes(Value &packed, AffineMap &packedMap, int64_t &bytes) {
  MLIRContext *context = rewriter.getContext();
  SmallVector<LinearForm> at =
      panels.linearize({getAffineDimExpr(product.lanes, context), getAffineDimExpr(product.reduction, context)});
  SmallVector<unsigned> order = panels.orderOf(at);
  for (int64_t &factor : at[1].factors)
    factor /= block;
  std::vector<char> values(multipliers.begin(), multipliers.end());
  HostArray source{
      RankedTensorType::get({product.getLaneCount(), product.getReductionSize() / block}, rewriter.getI8Type()), values,
      "multipliers"};
  AffineMap map;
  Value factors = addConstant(source, at, map, bytes);

  SmallVector<AffineExpr> dims(panels.digits.getSizes().size(), getAffineConstantExpr(0, context)), places;
  SmallVector<int64_t> shape;
  for (auto [dim, digit] : llvm::enumerate(order)) {
    dims[digit] = getAffineDimExpr(dim, context);
    places.push_back(getAffineDimExpr(digit, context));
    shape.push_back(panels.digits.getSizes()[digit]);
  }
  auto ofOrder = [&](AffineMap map) { return map.replaceDimsAndSymbols(dims, {}, order.size(), 0); };
  AffineMap maps[] = {ofOrder(packedMap), ofOrder(map), rewriter.getMultiDimIdentityMap(order.size())};
  Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), shape, rewriter.getI8Type());
  SmallVector<utils::IteratorType> iterators(order.size(), utils::IteratorType::parallel);
  unsigned loop = perByte == 1 ? 0 : llvm::find(order, getCodeLoop()) - order.begin();
  auto expanded = linalg::GenericOp::create(
      rewriter, op.getLoc(), empty.getType(), ValueRange{packed, factors}, empty, maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        Value code = buildCode(builder, loc, args[0], loop);
        Value unused = arith::ConstantIntOp::create(builder, loc, 8 - int64_t(bits), 8);
        if (bits < 8 && table.empty())
          code = arith::ShRSIOp::create(builder, loc, code, unused);
        linalg::YieldOp::create(builder, loc, arith::MulIOp::create(builder, loc, code, args[1]).getResult());
      });
  eraseDead(expanded.getBody());
  packed = expanded.getResult(0);
  packedMap = AffineMap::get(dims.size(), 0, places, context);
}

/// The loop over the codes of a byte.
unsigned QuantizedPacking::getCodeLoop() const {
  const LoopDigits &digits = panels.digits;
  unsigned loop = 0;
  while (digits.getLoop(loop) != product.reduction || digits.getStrides()[loop] != kDotLength)
    ++loop;
  return loop;
}

/// The code that `loop` counts: the upper bits of a byte after a shift, or the entry that its bits are the number of.
Value QuantizedPacking::buildCode(OpBuilder &builder, Location loc, Value bytes, unsigned loop) const {
  if (bits == 8)
    return bytes;
  auto constant = [&](int64_t value) -> Value { return arith::ConstantIntOp::create(builder, loc, value, 8); };
  Value index = linalg::IndexOp::create(builder, loc, loop);
  index = arith::IndexCastOp::create(builder, loc, builder.getI8Type(), index);
  Value offset = arith::MulIOp::create(builder, loc, index, constant(bits));
  if (!table.empty()) {
    Value shifted = arith::ShRUIOp::create(builder, loc, bytes, offset);
    Value number = arith::AndIOp::create(builder, loc, shifted, constant((int64_t(1) << bits) - 1));
    return buildTableCode(builder, loc, table, number);
  }
  Value distance = arith::SubIOp::create(builder, loc, constant(8 - int64_t(bits)), offset);
  Value shifted = arith::ShLIOp::create(builder, loc, bytes, distance);
  return arith::AndIOp::create(builder, loc, shifted, constant(-(int64_t(1) << (8 - bits))));
}

/// `acc + float(zext(x) * sext(code)) * scales`; what the lower bits of a code are
/// worth is a factor of its own.
void QuantizedPacking::buildSum(OpBuilder &builder, Location loc, ValueRange args) {
  size_t numActivations = product.activations.getLeaves().size(), numWeights = product.weights.getLeaves().size();
  SmallVector<Value> activations(args.take_front(numActivations));
  SmallVector<Value> weights(args.slice(numActivations, numWeights));
  SmallVector<Value> factors =
      product.buildScales(builder, loc, panels.digits, activations, weights, /*multipliers=*/!isExpanded());
  Value code = weights[product.weightCodes];
  if (!isExpanded() && bits < 8) {
    code = buildCode(builder, loc, code, getCodeLoop());
    if (table.empty())
      factors.push_back(arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1.0f / (1 << (8 - bits)))));
  }
  Type i32 = builder.getI32Type();
  Value x = arith::ExtUIOp::create(builder, loc, i32, activations[product.activationCodes]);
  Value integer = arith::MulIOp::create(builder, loc, x, arith::ExtSIOp::create(builder, loc, i32, code));
  Value number = arith::SIToFPOp::create(builder, loc, builder.getF32Type(), integer);
  Value sum = arith::AddFOp::create(builder, loc, args.back(), multiplyBy(builder, loc, number, factors));
  linalg::YieldOp::create(builder, loc, sum);
}

int64_t QuantizedPacking::rewrite() {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Value init = activationScalesMove() ? addBlockCompensation() : addCompensation();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (auto [number, leaf] : llvm::enumerate(product.activations.getLeaves())) {
    bool isCodes = number == product.activationCodes;
    inputs.push_back(isCodes ? flipSigns(rewriter, op.getLoc(), leaf.constant) : leaf.constant);
    maps.push_back(mapOf(leaf.at));
  }
  int64_t bytes = 0;
  addWeight(inputs, maps, bytes);
  maps.push_back(mapOf(op.getMatchingIndexingMap(op.getDpsInitOperand(0)).getResults()));
  panels.addUnnamedLoops(rewriter, op.getLoc(), inputs, maps);
  SmallVector<utils::IteratorType> old = op.getIteratorTypesArray(), iterators;
  for (unsigned digit = 0; digit < panels.digits.getSizes().size(); ++digit)
    iterators.push_back(old[panels.digits.getLoop(digit)]);
  auto generic = rewriter.replaceOpWithNewOp<linalg::GenericOp>(
      op, op->getResultTypes(), inputs, init, maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) { buildSum(builder, loc, args); });
  eraseDead(generic.getBody());
  return bytes;
}
