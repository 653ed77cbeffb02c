// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What sums of `x + 128` have too much: part of the initial value.

#include "QuantizedPacking.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

Value condense::codegen::multiplyBy(OpBuilder &builder, Location loc, Value value, ArrayRef<Value> factors) {
  for (Value factor : factors)
    value = arith::MulFOp::create(builder, loc, value, factor);
  return value;
}

void condense::codegen::eraseDead(Block *block) {
  for (Operation &inner : llvm::make_early_inc_range(llvm::reverse(*block)))
    if (isOpTriviallyDead(&inner))
      inner.erase();
}

/// `-128 * sum(w) * sw` for each n and block of k.
std::vector<float> QuantizedPacking::compensate() const {
  std::vector<float> result(scales.size());
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t sum = 0;
    for (int64_t k = 0; k < block; ++k)
      sum += codes[i * block + k];
    result[i] = static_cast<float>(-128.0 * static_cast<double>(sum) * scales[i]);
  }
  return result;
}

/// `init + compensation[n] * sx`, where no scale of the activation changes along
/// the reduction.
Value QuantizedPacking::addCompensation() {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap result = op.getMatchingIndexingMap(init);
  auto type = cast<RankedTensorType>(init->get().getType());
  MLIRContext *context = rewriter.getContext();
  int64_t channels = product.getLaneCount();
  std::vector<float> blocks = compensate(), sums(channels);
  for (size_t i = 0; i < blocks.size(); ++i)
    sums[i / (blocks.size() / channels)] += blocks[i];
  Value constant = createTensorConstant<float>(
      rewriter, op.getLoc(), RankedTensorType::get({channels}, rewriter.getF32Type()), sums, "compensation");

  SmallVector<AffineExpr> dims(result.getNumDims(), getAffineConstantExpr(0, context));
  for (auto [dim, expr] : llvm::enumerate(result.getResults()))
    dims[cast<AffineDimExpr>(expr).getPosition()] = getAffineDimExpr(dim, context);
  auto toResult = [&](ArrayRef<AffineExpr> at) {
    return AffineMap::get(type.getRank(), 0, at, context).replaceDimsAndSymbols({}, {}, type.getRank(), 0);
  };
  SmallVector<Value> inputs{init->get(), constant};
  AffineMap identity = rewriter.getMultiDimIdentityMap(type.getRank());
  SmallVector<AffineMap> maps{identity, toResult(dims[product.lanes])};
  for (const WeightLeaf &leaf : product.activations.getLeaves()) {
    if (&leaf == &product.activations.getLeaves()[product.activationCodes])
      continue;
    inputs.push_back(leaf.constant);
    maps.push_back(toResult(llvm::map_to_vector(leaf.at, [&](AffineExpr expr) { return expr.replaceDims(dims); })));
  }
  maps.push_back(identity);
  Value empty = tensor::EmptyOp::create(
      rewriter, op.getLoc(), tensor::getMixedSizes(rewriter, op.getLoc(), init->get()), type.getElementType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto sum = linalg::GenericOp::create(
      rewriter, op.getLoc(), type, inputs, empty, maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        SmallVector<Value> elements(args.slice(2, inputs.size() - 2));
        Value code = arith::ConstantIntOp::create(builder, loc, 0, 8);
        elements.insert(elements.begin() + product.activationCodes, code);
        Value term = multiplyBy(builder, loc, args[1], product.buildScales(builder, loc, panels.digits, elements, {}));
        linalg::YieldOp::create(builder, loc, arith::AddFOp::create(builder, loc, args[0], term).getResult());
      });
  eraseDead(sum.getBody());
  return sum.getResult(0);
}

/// `init + sum over blocks of compensation[n, block] * sx[block]`.
Value QuantizedPacking::addBlockCompensation() {
  const LoopDigits &digits = panels.digits;
  MLIRContext *context = rewriter.getContext();
  SmallVector<AffineExpr> kept(digits.getSizes().size(), getAffineConstantExpr(0, context));
  SmallVector<utils::IteratorType> iterators, old = op.getIteratorTypesArray();
  for (unsigned digit = 0; digit < digits.getSizes().size(); ++digit) {
    if (digits.getLoop(digit) == product.reduction && digits.getStrides()[digit] < block)
      continue;
    kept[digit] = getAffineDimExpr(iterators.size(), context);
    iterators.push_back(old[digits.getLoop(digit)]);
  }
  auto reduceMap = [&](AffineMap map) { return map.replaceDimsAndSymbols(kept, {}, iterators.size(), 0); };

  std::vector<float> values = compensate();
  int64_t channels = product.getLaneCount(), blocks = product.getReductionSize() / block;
  SmallVector<LinearForm> at =
      panels.linearize({getAffineDimExpr(product.lanes, context), getAffineDimExpr(product.reduction, context)});
  for (int64_t &factor : at[1].factors)
    factor /= block;
  AffineMap map;
  HostArray source{RankedTensorType::get({channels, blocks}, rewriter.getF32Type()),
                   {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float)},
                   "compensation"};
  SmallVector<Value> inputs{panels.relay(rewriter, op.getLoc(), source, at, std::nullopt, map)};
  SmallVector<AffineMap> maps{reduceMap(map)};
  for (const WeightLeaf &leaf : product.activations.getLeaves()) {
    if (&leaf == &product.activations.getLeaves()[product.activationCodes])
      continue;
    inputs.push_back(leaf.constant);
    maps.push_back(reduceMap(mapOf(leaf.at)));
  }
  OpOperand *init = op.getDpsInitOperand(0);
  maps.push_back(reduceMap(mapOf(op.getMatchingIndexingMap(init).getResults())));
  auto sum = linalg::GenericOp::create(
      rewriter, op.getLoc(), op->getResultTypes(), inputs, init->get(), maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        SmallVector<Value> elements(args.slice(1, inputs.size() - 1));
        Value code = arith::ConstantIntOp::create(builder, loc, 0, 8);
        elements.insert(elements.begin() + product.activationCodes, code);
        Value term = multiplyBy(builder, loc, args[0], product.buildScales(builder, loc, digits, elements, {}));
        linalg::YieldOp::create(builder, loc, arith::AddFOp::create(builder, loc, args.back(), term).getResult());
      });
  eraseDead(sum.getBody());
  return sum.getResult(0);
}
