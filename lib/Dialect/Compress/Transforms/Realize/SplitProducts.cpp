// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computes a layer whose weight is a product as two layers, where that is cheaper.
//
// With y = x W^T: W = A B gives y = (x B^T) A^T, and W = A + B gives y = x A^T + x B^T.
// A transpose of W turns `linear` (x W^T) into `matmul` (x W) and back, so transposes
// between products and sums disappear.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace condense::compress {
#define GEN_PASS_DEF_SPLITPRODUCTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

static Value getWeight(Layer layer) { return layer.op.getWeightOperand().get(); }
static Value getActivation(Layer layer) { return layer.op.getActivationOperand().get(); }

/// `nn.matmul` of two matrices of static shapes.
static nn::MatmulOp getProduct(Value value) {
  auto product = value.getDefiningOp<nn::MatmulOp>();
  auto isMatrix = [](Value operand) { return getType(operand).hasStaticShape() && getType(operand).getRank() == 2; };
  return product && isMatrix(product.getLhs()) && isMatrix(product.getRhs()) ? product : nn::MatmulOp();
}

/// The matrix that `value` is the transpose of, or null.
static Value getTransposed(Value value) {
  Operation *op = value.getDefiningOp();
  std::optional<SmallVector<int64_t>> permutation = op ? getPermutation(op) : std::nullopt;
  return permutation && *permutation == SmallVector<int64_t>{1, 0} ? op->getOperand(0) : Value();
}

/// The terms of a sum or difference without broadcasting.
static std::optional<std::pair<Value, Value>> getTerms(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<nn::AddOp, nn::SubOp>(op) || op->getOperand(0).getType() != value.getType() ||
      op->getOperand(1).getType() != value.getType())
    return std::nullopt;
  return std::pair(op->getOperand(0), op->getOperand(1));
}

/// Whether an expression has more parts, each counted as often as it is used, than any that techniques make.
static bool isLarge(Value weight) {
  constexpr int64_t kMaxParts = 1024;
  SmallVector<Value> pending{weight};
  for (int64_t parts = 0; !pending.empty(); ++parts) {
    if (parts > kMaxParts)
      return true;
    Value value = pending.pop_back_val();
    if (getTransposed(value) || getTerms(value) || getProduct(value))
      llvm::append_range(pending, value.getDefiningOp()->getOperands());
  }
  return false;
}

namespace {

/// Rewrites one layer.
class ProductSplitter {
public:
  ProductSplitter(OpBuilder &builder, const Layer &layer, int64_t rows) : builder(builder), layer(layer), rows(rows) {}

  /// Whether some product in `weight` is cheaper when it is split.
  bool helps(Value weight) {
    if (Value inner = getTransposed(weight))
      return helps(inner);
    if (auto terms = getTerms(weight))
      return helps(terms->first) || helps(terms->second);
    nn::MatmulOp product = getProduct(weight);
    return product && (isCheaper(product) || helps(product.getLhs()) || helps(product.getRhs()));
  }

  /// Builds `x weight^T` or, transposed, `x weight`.
  Value apply(Value x, Value weight, bool transposed, const Twine &name) {
    if (Value inner = getTransposed(weight); inner && helps(inner))
      return apply(x, inner, !transposed, name);
    if (auto terms = getTerms(weight); terms && helps(weight))
      return applySum(x, weight, *terms, transposed, name);
    nn::MatmulOp product = getProduct(weight);
    if (!product || !isCheaper(product))
      return applyLeaf(x, weight, transposed, name);
    Value first = transposed ? product.getLhs() : product.getRhs();
    Value second = transposed ? product.getRhs() : product.getLhs();
    std::string down = (name + ".down").str(), up = (name + ".up").str();
    return apply(apply(x, first, transposed, down), second, transposed, up);
  }

private:
  /// Two products with vectors against one with the matrix, which has to be computed too.
  bool isCheaper(nn::MatmulOp product) {
    int64_t m = getType(product).getDimSize(0), n = getType(product).getDimSize(1);
    int64_t rank = getType(product.getRhs()).getDimSize(0);
    return static_cast<double>(rows) * rank * (m + n) < static_cast<double>(rows + rank) * m * n;
  }

  Value applySum(Value x, Value weight, std::pair<Value, Value> terms, bool transposed, const Twine &name) {
    // What is not split is the layer itself, the other term corrects it.
    bool correctionFirst = helps(terms.first) && !helps(terms.second);
    std::string own = name.str(), correction = (name + ".correction").str();
    Value lhs = apply(x, terms.first, transposed, correctionFirst ? correction : own);
    Value rhs = apply(x, terms.second, transposed, correctionFirst ? own : correction);
    Location loc = layer.op->getLoc();
    if (isa<nn::AddOp>(weight.getDefiningOp()))
      return nn::AddOp::create(builder, loc, lhs, rhs);
    return nn::SubOp::create(builder, loc, lhs, rhs);
  }

  Value applyLeaf(Value x, Value weight, bool transposed, const Twine &name) {
    Location loc = NameLoc::get(builder.getStringAttr(name), layer.op->getLoc());
    Operation *op;
    if (isa<nn::EmbeddingOp>(layer.op) && x == getActivation(layer))
      op = nn::EmbeddingOp::create(builder, loc, x, weight);
    else if (transposed)
      op = nn::MatmulOp::create(builder, loc, x, weight);
    else
      op = nn::LinearOp::create(builder, loc, x, weight, Value());
    op->setDiscardableAttrs(layer.op->getDiscardableAttrDictionary());
    // A range was measured of the layer's own input.
    StringRef activation = CompressDialect::kActivationSchemeAttrName;
    auto scheme = op->getAttrOfType<ActivationSchemeAttr>(activation);
    if (scheme && x != getActivation(layer))
      op->setAttr(activation, ActivationSchemeAttr::get(builder.getContext(), scheme.getStorage(),
                                                        scheme.getCalibration(), {}, {}, scheme.getBlock()));
    return op->getResult(0);
  }

  OpBuilder &builder;
  const Layer &layer;
  int64_t rows;
};

struct SplitProductsPass : public condense::compress::impl::SplitProductsPassBase<SplitProductsPass> {
  using SplitProductsPassBase::SplitProductsPassBase;

  void runOnOperation() override {
    for (const Layer &layer : getLayers(getOperation())) {
      Value weight = getWeight(layer);
      if (!isLarge(weight) && findProduct(weight))
        visit(layer, weight);
    }
  }

private:
  static bool findProduct(Value weight) {
    if (Value inner = getTransposed(weight))
      return findProduct(inner);
    if (auto terms = getTerms(weight))
      return findProduct(terms->first) || findProduct(terms->second);
    return getProduct(weight) && isConstantExpression(weight);
  }

  void leaveAlone(const Layer &layer, StringRef reason) {
    remark::missed(layer.op->getLoc(), getRemark(layer)) << remark::reason("{0}", reason.str());
    ++leftAlone;
  }

  static remark::RemarkOpts getRemark(const Layer &layer) {
    return remark::RemarkOpts::name("split-products").category("compress").function(layer.name);
  }

  /// How many vectors the layer multiplies with its weight.
  int64_t countRows(const Layer &layer) {
    auto type = getType(layer.op->getResult(0));
    int64_t rows = 1;
    for (int64_t size : type.getShape().drop_back(std::min<int64_t>(type.getRank(), 1)))
      rows *= ShapedType::isDynamic(size) ? dynamicRows : size;
    return std::max<int64_t>(rows, 1);
  }

  void visit(const Layer &layer, Value weight) {
    if (!isa<nn::LinearOp, nn::MatmulOp, nn::EmbeddingOp>(layer.op))
      return leaveAlone(layer, "only linear, matmul and embedding are split");
    OpBuilder builder(layer.op);
    ProductSplitter splitter(builder, layer, countRows(layer));
    if (!splitter.helps(weight))
      return leaveAlone(layer, "costs no fewer multiplications");
    // A table look-up reads rows, and multiplies what it has read.
    bool transposed = !isa<nn::LinearOp>(layer.op);
    Value result = splitter.apply(getActivation(layer), weight, transposed, layer.name);
    if (auto linear = dyn_cast<nn::LinearOp>(static_cast<Operation *>(layer.op)); linear && linear.getBias())
      result = addBias(builder, linear, result);
    replace(layer, weight, result);
  }

  static Value addBias(OpBuilder &builder, nn::LinearOp layer, Value result) {
    auto last = result.getDefiningOp<nn::LinearOp>();
    if (!last)
      return nn::AddOp::create(builder, layer.getLoc(), result, layer.getBias());
    last.getBiasMutable().assign(layer.getBias());
    return result;
  }

  void replace(const Layer &layer, Value weight, Value result) {
    result.setType(cast<RankedTensorType>(layer.op->getResult(0).getType()));
    remark::passed(layer.op->getLoc(), getRemark(layer)) << "computed factor by factor";
    layer.op->getResult(0).replaceAllUsesWith(result);
    layer.op->erase();
    eraseDead(weight.getDefiningOp());
    ++split;
  }

  static void eraseDead(Operation *op) {
    if (!op || !isOpTriviallyDead(op))
      return;
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      eraseDead(operand.getDefiningOp());
  }
};
} // namespace
