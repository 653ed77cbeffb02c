// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The values of a quantized weight's scales.

#include "CodeTable.h"
#include "QuantizedProduct.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include <cmath>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// The element of a constant as an attribute.
static Attribute getElement(Type type, const char *bytes) {
  unsigned width = type.getIntOrFloatBitWidth();
  uint64_t word = 0;
  std::copy(bytes, bytes + width / 8, reinterpret_cast<char *>(&word));
  APInt bits(width, word);
  if (auto floating = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, APFloat(floating.getFloatSemantics(), bits));
  return IntegerAttr::get(type, bits);
}

/// Multiplies `products` with the values of `factor` at the points of `order`.
bool QuantizedProduct::multiplyBy(Value factor, const LoopDigits &cut, ArrayRef<unsigned> order,
                                  std::vector<float> &products) const {
  std::optional<BlockArgument> source = findOnlyArgument(*body, factor, unknownLoops());
  if (!source)
    return false;
  FloatAttr constant;
  if (!*source && matchPattern(factor, m_Constant(&constant))) {
    for (float &product : products)
      product *= constant.getValueAsDouble();
    return true;
  }
  size_t number = *source ? source->getArgNumber() - activations.getLeaves().size() : 0;
  if (!*source || number >= weights.getLeaves().size())
    return false;
  const WeightLeaf &leaf = weights.getLeaves()[number];
  TensorConstant tensor = *getTensorConstant(leaf.constant);
  Type type = tensor.getType().getElementType();
  if (!type.isIntOrFloat())
    return false;
  SmallVector<LinearForm> at = llvm::map_to_vector(leaf.at, [&](AffineExpr expr) { return *cut.linearize(expr); });
  SmallVector<int64_t> sizes = llvm::map_to_vector(order, [&](unsigned digit) { return cut.getSizes()[digit]; });
  std::vector<char> bytes = relayBytes({tensor.getType(), tensor.getBytes(), tensor.getName()}, at, order,
                                       cut.getSizes(), sizes, std::nullopt);
  int64_t width = getElementBytes(type);
  llvm::DenseMap<uint64_t, float> known;
  for (auto [i, product] : llvm::enumerate(products)) {
    uint64_t word = 0;
    std::copy_n(bytes.data() + i * width, width, reinterpret_cast<char *>(&word));
    if (type.isF32() && factor == *source) {
      float value;
      std::copy_n(bytes.data() + i * width, width, reinterpret_cast<char *>(&value));
      product *= value;
      continue;
    }
    auto [entry, isNew] = known.try_emplace(word, 0.0f);
    if (isNew) {
      auto value = dyn_cast_if_present<FloatAttr>(
          evaluateAt(*body, factor, unknownLoops(), *source, getElement(type, bytes.data() + i * width)));
      if (!value)
        return false;
      entry->second = static_cast<float>(value.getValueAsDouble());
    }
    product *= entry->second;
  }
  return true;
}

/// The product of the selected factors for each n and block of k.
std::optional<std::vector<float>> QuantizedProduct::multiplyFactors(const LoopDigits &cut, int64_t block,
                                                                    function_ref<bool(Value)> select) const {
  SmallVector<unsigned> order;
  for (unsigned loop : {lanes, reduction})
    for (unsigned digit = 0; digit < cut.getSizes().size(); ++digit)
      if (cut.getLoop(digit) == loop && (loop == lanes || cut.getStrides()[digit] >= block))
        order.push_back(digit);
  std::vector<float> products(getLaneCount() * (getReductionSize() / block), 1.0f);
  for (auto [i, factor] : llvm::enumerate(weightFactors))
    if (i != weightFactor && select(factor) && !multiplyBy(factor, cut, order, products))
      return std::nullopt;
  return products;
}

std::optional<std::vector<float>> QuantizedProduct::evaluateScales(const LoopDigits &cut, int64_t block) const {
  return multiplyFactors(cut, block, [](Value) { return true; });
}

bool QuantizedProduct::isMultiplier(size_t leaf) const {
  return leaf != weightCodes &&
         llvm::any_of(weights.getLeaves()[leaf].at, [&](AffineExpr expr) { return expr.isFunctionOfDim(reduction); });
}

bool QuantizedProduct::isMultiplierFactor(Value factor) const {
  std::optional<BlockArgument> source = findOnlyArgument(*body, factor, unknownLoops());
  size_t first = activations.getLeaves().size();
  return source && *source && source->getArgNumber() >= first && isMultiplier(source->getArgNumber() - first);
}

std::optional<std::vector<int32_t>> QuantizedProduct::evaluateMultipliers(const LoopDigits &cut, int64_t block) const {
  std::optional<std::vector<float>> values =
      multiplyFactors(cut, block, [&](Value factor) { return isMultiplierFactor(factor); });
  if (!values)
    return std::nullopt;
  std::vector<int32_t> result;
  for (float value : *values) {
    if (!(std::fabs(value) <= 255) || value != std::nearbyint(value))
      return std::nullopt;
    result.push_back(static_cast<int32_t>(value));
  }
  return result;
}
