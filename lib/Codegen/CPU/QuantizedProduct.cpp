// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sums of products of a quantized activation and a quantized constant weight.

#include "QuantizedProduct.h"
#include "AccessAnalysis.h"
#include "CodeTable.h"
#include "InvariantFactors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Positions in a byte that an expression may depend on.
static constexpr int64_t kMostPositions = 64;

/// The body is `acc + a * b` of two operands, summed over one loop.
bool QuantizedProduct::findOperands() {
  if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() != 1 || op.getNumDpsInputs() != 2)
    return false;
  Block *block = op.getBlock();
  auto sum = block->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value accumulator = block->getArguments().back();
  if (!sum || !accumulator.hasOneUse() || (sum.getLhs() != accumulator && sum.getRhs() != accumulator) ||
      !accumulator.getType().isF32())
    return false;
  auto product = (sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs()).getDefiningOp<arith::MulFOp>();
  Value element = op.getMatchingBlockArgument(weight);
  activation = op.getDpsInputOperand(op.getDpsInputOperand(0) == weight ? 1 : 0);
  Value other = op.getMatchingBlockArgument(activation);
  return product && ((product.getLhs() == element && product.getRhs() == other) ||
                     (product.getRhs() == element && product.getLhs() == other));
}

bool QuantizedProduct::splitLoops() {
  loopSizes = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  reduction = llvm::find(iterators, utils::IteratorType::reduction) - iterators.begin();
  if (ShapedType::isDynamic(loopSizes[lanes]) || ShapedType::isDynamic(loopSizes[reduction]))
    return false;
  digits = LoopDigits(loopSizes);
  auto fits = [&](AffineExpr expr) { return digits.splitFor(expr); };
  for (const WeightInliner *inliner : {&activations, &weights})
    for (const WeightLeaf &leaf : inliner->getLeaves())
      if (!llvm::all_of(leaf.at, fits))
        return false;
  return activations.getIndices().empty() && llvm::all_of(weights.getIndices(), fits);
}

/// The one operand of each side that holds codes.
bool QuantizedProduct::findCodes(std::string &reason) {
  body = new Block;
  scratch.push_back(body);
  SmallVector<Value> elements[2];
  for (auto [inliner, arguments] : llvm::zip_equal(ArrayRef<const WeightInliner *>{&activations, &weights}, elements))
    for (const WeightLeaf &leaf : inliner->getLeaves())
      arguments.push_back(body->addArgument(getElementTypeOrSelf(leaf.constant.getType()), op.getLoc()));
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(body);
  Value lhs = activations.build(builder, op.getLoc(), digits, elements[0]);
  Value rhs = weights.build(builder, op.getLoc(), digits, elements[1]);
  if (!lhs.getType().isF32() || !rhs.getType().isF32())
    return false;
  Value product = arith::MulFOp::create(builder, op.getLoc(), lhs, rhs);
  linalg::YieldOp::create(builder, op.getLoc(), product);
  collectFactors(lhs, activationFactors);
  collectFactors(rhs, weightFactors);

  size_t found = 0;
  for (auto [i, factor] : llvm::enumerate(activationFactors)) {
    auto convert = factor.getDefiningOp<arith::SIToFPOp>();
    auto extend = convert ? convert.getIn().getDefiningOp<arith::ExtSIOp>() : nullptr;
    auto argument = extend ? dyn_cast<BlockArgument>(extend.getIn()) : BlockArgument();
    if (!argument || !argument.getType().isInteger(8) || argument.getArgNumber() >= elements[0].size())
      continue;
    activationCodes = argument.getArgNumber();
    activationFactor = i;
    ++found;
  }
  if (found != 1)
    return false;
  // What moves with every element of the sum is codes, and nothing else may be.
  unsigned innermost = digits.getInnermost(reduction);
  auto moves = [&](AffineExpr expr) { return digits.linearize(expr)->factors[innermost] != 0; };
  for (auto [i, factor] : llvm::enumerate(weightFactors)) {
    SmallVector<int64_t> known(digits.getSizes());
    std::optional<BlockArgument> source = findOnlyArgument(*body, factor, known);
    if (!source)
      return reason = "codes depend on several constants, such as zero points", false;
    if (!*source || source->getArgNumber() < elements[0].size())
      continue;
    size_t leaf = source->getArgNumber() - elements[0].size();
    if (!llvm::any_of(weights.getLeaves()[leaf].at, moves) && findIndexLoops(factor).empty())
      continue;
    weightCodes = leaf;
    weightFactor = i;
    ++found;
  }
  return found == 2 && getElementTypeOrSelf(weights.getLeaves()[weightCodes].constant.getType()).isInteger(8);
}

bool QuantizedProduct::match(std::string &reason) {
  if (!findOperands())
    return false;
  AffineMap activationMap = op.getMatchingIndexingMap(activation), weightMap = op.getMatchingIndexingMap(weight);
  if (!activations.analyzeOperation(activation->get(), activationMap.getResults()) ||
      !weights.analyze(weight->get(), weightMap.getResults()))
    return false;
  for (const WeightLeaf &leaf : weights.getLeaves())
    if (!getTensorConstant(leaf.constant))
      return false;
  if (!splitLoops() || !findCodes(reason))
    return false;
  // The weight is a matrix of n and k.
  for (const WeightLeaf &leaf : weights.getLeaves())
    for (AffineExpr expr : leaf.at) {
      LinearForm form = *digits.linearize(expr);
      for (auto [digit, factor] : llvm::enumerate(form.factors))
        if (factor != 0 && digits.getLoop(digit) != lanes && digits.getLoop(digit) != reduction)
          return false;
    }
  return true;
}

SmallVector<int64_t> QuantizedProduct::unknownLoops() const {
  return SmallVector<int64_t>(digits.getSizes().size(), ShapedType::kDynamic);
}

/// The digits whose index `factor` depends on.
std::vector<int64_t> QuantizedProduct::findIndexLoops(Value factor) const {
  std::vector<int64_t> loops;
  SmallVector<Value> pending{factor};
  while (!pending.empty()) {
    Operation *def = pending.pop_back_val().getDefiningOp();
    if (!def || def->getBlock() != body)
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(def); index && !llvm::is_contained(loops, int64_t(index.getDim())))
      loops.push_back(index.getDim());
    llvm::append_range(pending, def->getOperands());
  }
  llvm::sort(loops);
  return loops;
}

/// The integer of each byte, for each value of the loops `indexLoops`, of which
/// the last one varies fastest.
std::optional<std::vector<std::vector<int8_t>>> QuantizedProduct::evaluateTables(ArrayRef<int64_t> indexLoops) const {
  int64_t count = 1;
  for (int64_t loop : indexLoops)
    count *= digits.getSizes()[loop];
  if (count > kMostPositions)
    return std::nullopt;
  std::vector<std::vector<int8_t>> tables(count);
  for (auto [number, table] : llvm::enumerate(tables)) {
    SmallVector<int64_t> known = unknownLoops();
    int64_t rest = number;
    for (int64_t loop : llvm::reverse(indexLoops)) {
      known[loop] = rest % digits.getSizes()[loop];
      rest /= digits.getSizes()[loop];
    }
    auto values = evaluateCodes(*body, weightFactors[weightFactor], known);
    if (!values)
      return std::nullopt;
    for (Attribute value : values->second) {
      double number = cast<FloatAttr>(value).getValueAsDouble();
      if (number != std::nearbyint(number) || number < -128 || number > 127)
        return std::nullopt;
      table.push_back(static_cast<int8_t>(number));
    }
  }
  return tables;
}

std::optional<std::vector<int8_t>> QuantizedProduct::decode() const {
  std::vector<int64_t> indexLoops = findIndexLoops(weightFactors[weightFactor]);
  auto ofReduction = [&](int64_t digit) { return digits.getLoop(digit) == reduction; };
  if (!llvm::all_of(indexLoops, ofReduction))
    return std::nullopt;
  auto tables = evaluateTables(indexLoops);
  if (!tables)
    return std::nullopt;
  SmallVector<unsigned> order;
  SmallVector<int64_t> sizes;
  for (unsigned loop : {lanes, reduction})
    for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit)
      if (digits.getLoop(digit) == loop) {
        order.push_back(digit);
        sizes.push_back(digits.getSizes()[digit]);
      }
  const WeightLeaf &leaf = weights.getLeaves()[weightCodes];
  TensorConstant constant = *getTensorConstant(leaf.constant);
  SmallVector<LinearForm> at = llvm::map_to_vector(leaf.at, [&](AffineExpr expr) { return *digits.linearize(expr); });
  std::vector<char> bytes = relayBytes({constant.getType(), constant.getBytes(), constant.getName()}, at, order,
                                       digits.getSizes(), sizes, std::nullopt);
  // The table of each k.
  std::vector<const int8_t *> tableOf;
  for (int64_t k = 0; k < getReductionSize(); ++k) {
    int64_t number = 0;
    for (int64_t loop : indexLoops)
      number = number * digits.getSizes()[loop] + k / digits.getStrides()[loop] % digits.getSizes()[loop];
    tableOf.push_back((*tables)[number].data());
  }
  std::vector<int8_t> codes(bytes.size());
  for (size_t row = 0; row < bytes.size(); row += tableOf.size())
    for (size_t k = 0; k < tableOf.size(); ++k)
      codes[row + k] = tableOf[k][static_cast<uint8_t>(bytes[row + k])];
  return codes;
}

SmallVector<Value> QuantizedProduct::buildScales(OpBuilder &builder, Location loc, const LoopDigits &cut,
                                                 ArrayRef<Value> activationElements, ArrayRef<Value> weightElements,
                                                 bool multipliers) {
  SmallVector<Value> scales;
  auto append = [&](WeightInliner &inliner, ArrayRef<Value> elements, ArrayRef<Value> known, size_t codes) {
    Value value = inliner.build(builder, loc, cut, elements);
    SmallVector<Value> factors;
    if (auto product = value.getDefiningOp<arith::MulFOp>()) {
      collectFactors(product.getLhs(), factors);
      collectFactors(product.getRhs(), factors);
    } else {
      factors.push_back(value);
    }
    // They come in the order in which they were found.
    for (auto [i, factor] : llvm::enumerate(factors))
      if (i != codes && (multipliers || !isMultiplierFactor(known[i])))
        scales.push_back(factor);
  };
  if (!activationElements.empty())
    append(activations, activationElements, activationFactors, activationFactor);
  if (!weightElements.empty())
    append(weights, weightElements, weightFactors, weightFactor);
  return scales;
}
