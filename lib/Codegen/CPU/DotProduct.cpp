// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of 8-bit integers that are summed in 32 bits.

#include "DotProduct.h"
#include "AccessAnalysis.h"
#include "InvariantFactors.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense::codegen;

/// The operand of `op` whose element, extended by `Extend` from i8 to i32, is
/// `value`.
template <typename Extend> static OpOperand *matchExtended(linalg::LinalgOp op, Value value) {
  auto extend = value.getDefiningOp<Extend>();
  auto argument = extend ? dyn_cast<BlockArgument>(extend.getIn()) : BlockArgument();
  if (!argument || argument.getOwner() != op.getBlock() || !argument.getType().isInteger(8) ||
      !extend.getType().isInteger(32))
    return nullptr;
  OpOperand *operand = &op->getOpOperand(argument.getArgNumber());
  return op.isDpsInput(operand) ? operand : nullptr;
}

/// The product in `acc + product`, if that is what the body yields.
static arith::MulIOp matchSummedProduct(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1)
    return nullptr;
  Block *body = op.getBlock();
  auto sum = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  Value accumulator = body->getArguments().back();
  if (!sum || (sum.getLhs() != accumulator && sum.getRhs() != accumulator))
    return nullptr;
  Value term = sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs();
  return term.getDefiningOp<arith::MulIOp>();
}

std::optional<DotProduct> condense::codegen::matchDotProduct(linalg::LinalgOp op) {
  arith::MulIOp product = matchSummedProduct(op);
  if (!product)
    return std::nullopt;
  for (auto [first, second] : {std::pair(product.getLhs(), product.getRhs()), {product.getRhs(), product.getLhs()}}) {
    OpOperand *unsignedOperand = matchExtended<arith::ExtUIOp>(op, first);
    OpOperand *signedOperand = matchExtended<arith::ExtSIOp>(op, second);
    if (unsignedOperand && signedOperand)
      return DotProduct{unsignedOperand, signedOperand};
  }
  return std::nullopt;
}

OpOperand *condense::codegen::matchSignedFactor(linalg::LinalgOp op, OpOperand &factor) {
  arith::MulIOp product = matchSummedProduct(op);
  if (!product)
    return nullptr;
  OpOperand *lhs = matchExtended<arith::ExtSIOp>(op, product.getLhs()),
            *rhs = matchExtended<arith::ExtSIOp>(op, product.getRhs());
  if (!lhs || !rhs || lhs == rhs || (lhs != &factor && rhs != &factor))
    return nullptr;
  return lhs == &factor ? rhs : lhs;
}

/// Whether the last two dimensions of the operand are the lanes and the
/// products of a group.
static bool hasGroupPerLane(linalg::LinalgOp op, OpOperand *operand, unsigned vectorLoop, unsigned loop) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  auto type = cast<RankedTensorType>(operand->get().getType());
  unsigned rank = map.getNumResults();
  if (rank < 2 || type.getDimSize(rank - 1) != kDotLength ||
      map.getResult(rank - 1) != getAffineDimExpr(loop, op->getContext()))
    return false;
  LaneStrides strides(op.getNumLoops(), 0);
  strides[vectorLoop] = 1;
  std::optional<LaneStrides> at = applyToStrides(map, strides);
  return at && at->back() == 0 && isContiguous(ArrayRef(*at).drop_back());
}

static bool hasGroup(linalg::LinalgOp op, OpOperand *operand, unsigned vectorLoop, unsigned loop) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  LaneStrides strides(op.getNumLoops(), 0);
  strides[loop] = 1;
  std::optional<LaneStrides> at = applyToStrides(map, strides);
  return at && isContiguous(*at) && !map.isFunctionOfDim(vectorLoop);
}

bool condense::codegen::isStored(OpOperand *operand) {
  Operation *def = operand->get().getDefiningOp();
  return !isConstantExpression(operand->get()) || def->hasTrait<OpTrait::ConstantLike>();
}

/// Sets the operand and the loop that `code` is computed from, if these are all.
static bool findCodeSource(linalg::LinalgOp op, Value code, DotPlan &plan) {
  if (auto argument = dyn_cast<BlockArgument>(code)) {
    if (argument.getOwner() != op.getBlock())
      return true; // a constant from outside
    OpOperand *operand = &op->getOpOperand(argument.getArgNumber());
    bool isSame = !plan.lanesOperand || plan.lanesOperand == operand;
    plan.lanesOperand = operand;
    return isSame && op.isDpsInput(operand) && argument.getType().isInteger(8);
  }
  Operation *def = code.getDefiningOp();
  if (def->getBlock() != op.getBlock())
    return def->hasTrait<OpTrait::ConstantLike>();
  if (auto index = dyn_cast<linalg::IndexOp>(def)) {
    bool isSame = !plan.codeLoop || plan.codeLoop == index.getDim();
    plan.codeLoop = index.getDim();
    return isSame && op.getIteratorTypesArray()[index.getDim()] == utils::IteratorType::reduction;
  }
  return llvm::all_of(def->getOperands(), [&](Value operand) { return findCodeSource(op, operand, plan); });
}

/// `acc + float(zext(a) * sext(code)) * scales`, where `code` depends on one
/// byte and at most one loop.
static std::optional<DotPlan> matchScaledProduct(linalg::LinalgOp op) {
  auto sum = op.getBlock()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value accumulator = op.getBlock()->getArguments().back();
  if (op.getNumDpsInits() != 1 || !sum || sum.getLhs() != accumulator || !accumulator.hasOneUse())
    return std::nullopt;
  SmallVector<Value> factors;
  collectFactors(sum.getRhs(), factors);
  for (Value factor : factors) {
    auto convert = factor.getDefiningOp<arith::SIToFPOp>();
    auto product = convert ? convert.getIn().getDefiningOp<arith::MulIOp>() : nullptr;
    OpOperand *group = product ? matchExtended<arith::ExtUIOp>(op, product.getLhs()) : nullptr;
    auto extend = product ? product.getRhs().getDefiningOp<arith::ExtSIOp>() : nullptr;
    if (!group || !extend || !extend.getIn().getType().isInteger(8) || !extend.getType().isInteger(32))
      continue;
    DotPlan plan{0, nullptr, group, /*lanesAreSigned=*/true, product, extend.getIn(), std::nullopt};
    if (findCodeSource(op, plan.code, plan) && plan.lanesOperand)
      return plan;
  }
  return std::nullopt;
}

/// Takes four products at a time along `loop`, if the operands are stored that
/// way.
static std::optional<DotPlan> planScaledProduct(linalg::LinalgOp op, unsigned vectorLoop) {
  std::optional<DotPlan> plan = matchScaledProduct(op);
  if (!plan || !isStored(plan->groupOperand))
    return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  AffineMap lanes = op.getMatchingIndexingMap(plan->lanesOperand);
  if (plan->codeLoop && (ShapedType::isDynamic(sizes[*plan->codeLoop]) || lanes.isFunctionOfDim(*plan->codeLoop)))
    return std::nullopt;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != utils::IteratorType::reduction || sizes[loop] != kDotLength || plan->codeLoop == loop)
      continue;
    plan->loop = loop;
    if (hasGroupPerLane(op, plan->lanesOperand, vectorLoop, loop) && hasGroup(op, plan->groupOperand, vectorLoop, loop))
      return plan;
  }
  return std::nullopt;
}

std::optional<DotPlan> condense::codegen::planDotProduct(linalg::LinalgOp op, unsigned vectorLoop) {
  if (std::optional<DotPlan> scaled = planScaledProduct(op, vectorLoop))
    return scaled;
  std::optional<DotProduct> product = matchDotProduct(op);
  if (!product || !isStored(product->signedOperand) || !isStored(product->unsignedOperand))
    return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != utils::IteratorType::reduction || sizes[loop] != kDotLength)
      continue;
    for (bool lanesAreSigned : {true, false}) {
      OpOperand *lanes = lanesAreSigned ? product->signedOperand : product->unsignedOperand;
      OpOperand *group = lanesAreSigned ? product->unsignedOperand : product->signedOperand;
      if (hasGroupPerLane(op, lanes, vectorLoop, loop) && hasGroup(op, group, vectorLoop, loop))
        return DotPlan{static_cast<unsigned>(loop), lanes, group, lanesAreSigned, {}, {}, std::nullopt};
    }
  }
  return std::nullopt;
}

/// The bits of a table of 16 bytes.
static constexpr unsigned kTableBits = 128;

Value condense::codegen::buildTableCode(OpBuilder &builder, Location loc, ArrayRef<int8_t> entries, Value number) {
  Type wide = builder.getIntegerType(kTableBits);
  APInt table(kTableBits, 0);
  for (auto [i, entry] : llvm::enumerate(entries))
    table.insertBits(static_cast<uint8_t>(entry), i * 8, 8);
  Value bits = arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(wide, table));
  Value eight = arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(wide, 8));
  Value offset = arith::MulIOp::create(builder, loc, arith::ExtUIOp::create(builder, loc, wide, number), eight);
  Value shifted = arith::ShRUIOp::create(builder, loc, bits, offset);
  return arith::TruncIOp::create(builder, loc, builder.getI8Type(), shifted);
}

/// What `buildTableCode` made of a number; sets the entries. Null for other values.
static Value matchTableCode(Value code, SmallVectorImpl<int8_t> &entries) {
  auto truncate = code.getDefiningOp<arith::TruncIOp>();
  auto shift = truncate ? truncate.getIn().getDefiningOp<arith::ShRUIOp>() : nullptr;
  auto product = shift ? shift.getRhs().getDefiningOp<arith::MulIOp>() : nullptr;
  auto extend = product ? product.getLhs().getDefiningOp<arith::ExtUIOp>() : nullptr;
  APInt table;
  if (!extend || !shift.getType().isInteger(kTableBits) || !matchPattern(shift.getLhs(), m_ConstantInt(&table)))
    return {};
  for (unsigned i = 0; i < kTableBits / 8; ++i)
    entries.push_back(static_cast<int8_t>(table.extractBitsAsZExtValue(8, i * 8)));
  return extend.getIn();
}

/// The entries for a vector of numbers below 16, by one instruction.
static Value createByteLookup(OpBuilder &builder, Location loc, ArrayRef<int8_t> entries, Value numbers) {
  auto type = cast<VectorType>(numbers.getType());
  SmallVector<int8_t> bytes;
  while (static_cast<int64_t>(bytes.size()) < type.getNumElements())
    llvm::append_range(bytes, entries);
  Value table = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, ArrayRef<int8_t>(bytes)));
  StringRef name = type.getNumElements() == 64   ? "llvm.x86.avx512.pshuf.b.512"
                   : type.getNumElements() == 32 ? "llvm.x86.avx2.pshuf.b"
                                                 : "llvm.x86.ssse3.pshuf.b.128";
  return LLVM::CallIntrinsicOp::create(builder, loc, TypeRange(type), builder.getStringAttr(name),
                                       ValueRange{table, numbers}, LLVM::FastmathFlagsAttr())
      .getResults();
}

Value condense::codegen::evaluateOnBytes(OpBuilder &builder, Location loc, Block &body, Value value, IRMapping &values,
                                         ArrayRef<OpFoldResult> loops, int64_t count) {
  auto broadcast = [&](Value value) -> Value {
    if (isa<VectorType>(value.getType()))
      return value;
    return vector::BroadcastOp::create(builder, loc, VectorType::get(count, value.getType()), value);
  };
  llvm::SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  options.filter = [&](Operation *inner) { return inner->getBlock() == &body; };
  // It fails for regions only, which such bodies have not.
  (void)getBackwardSlice(value, &slice, options);
  for (Operation *inner : slice) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      values.map(index.getResult(), getValueOrCreateConstantIndexOp(builder, loc, loops[index.getDim()]));
      continue;
    }
    // A table, which one shuffle reads; how scalars would find an entry is not needed.
    SmallVector<int8_t> entries;
    if (inner->getNumResults() == 1 && inner->getResult(0).getType().isInteger(kTableBits))
      continue;
    if (Value number = inner->getNumResults() == 1 ? matchTableCode(inner->getResult(0), entries) : Value()) {
      Value numbers = broadcast(values.lookupOrDefault(number));
      values.map(inner->getResult(0), createByteLookup(builder, loc, entries, numbers));
      continue;
    }
    bool isVector = llvm::any_of(inner->getOperands(), [&](Value operand) {
      return isa<VectorType>(values.lookupOrDefault(operand).getType());
    });
    if (isVector)
      for (Value operand : inner->getOperands())
        values.map(operand, broadcast(values.lookupOrDefault(operand)));
    Operation *clone = builder.clone(*inner, values);
    if (isVector)
      for (OpResult result : clone->getResults())
        result.setType(VectorType::get(count, result.getType()));
  }
  return broadcast(values.lookupOrDefault(value));
}

Value condense::codegen::evaluateCode(OpBuilder &builder, linalg::LinalgOp op, const DotPlan &plan, int64_t index,
                                      Value bytes) {
  SmallVector<OpFoldResult> loops(op.getNumLoops(), builder.getIndexAttr(index));
  IRMapping values;
  values.map(op.getMatchingBlockArgument(plan.lanesOperand), bytes);
  return evaluateOnBytes(builder, op.getLoc(), *op.getBlock(), plan.code, values, loops,
                         cast<VectorType>(bytes.getType()).getNumElements());
}

Value condense::codegen::collapseLast(OpBuilder &builder, Location loc, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim + 1 < rank; ++dim)
    groups.push_back({dim});
  groups.back().push_back(rank - 1);
  return tensor::CollapseShapeOp::create(builder, loc, tensor, groups);
}

static Value readBytes(OpBuilder &builder, Location loc, Value tensor, ValueRange indices, int64_t count, Value mask) {
  Type byte = builder.getI8Type();
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(byte));
  auto read = vector::TransferReadOp::create(builder, loc, VectorType::get(count, byte), tensor, indices, zero,
                                             ArrayRef<bool>{true});
  if (mask)
    read.getMaskMutable().assign(mask);
  return read;
}

Value condense::codegen::loadDotLanes(OpBuilder &builder, Location loc, Value tensor, ValueRange indices, int64_t lanes,
                                      Value mask) {
  return readBytes(builder, loc, tensor, indices, lanes * kDotLength, mask);
}

Value condense::codegen::loadDotGroup(OpBuilder &builder, Location loc, Value tensor, ValueRange indices,
                                      int64_t lanes) {
  Type i32 = builder.getI32Type();
  Value bytes = readBytes(builder, loc, tensor, indices, kDotLength, Value());
  Value group = vector::BitCastOp::create(builder, loc, VectorType::get(1, i32), bytes);
  group = vector::ExtractOp::create(builder, loc, group, 0);
  group = vector::BroadcastOp::create(builder, loc, VectorType::get(lanes, i32), group);
  return vector::BitCastOp::create(builder, loc, VectorType::get(lanes * kDotLength, builder.getI8Type()), group);
}

Value condense::codegen::createDotProduct(OpBuilder &builder, Location loc, Value accumulator, Value unsignedGroups,
                                          Value signedGroups) {
  auto type = cast<VectorType>(accumulator.getType());
  std::string name = "llvm.x86.avx512.vpdpbusd." + std::to_string(type.getNumElements() * 32);
  auto call =
      LLVM::CallIntrinsicOp::create(builder, loc, TypeRange(type), builder.getStringAttr(name),
                                    ValueRange{accumulator, unsignedGroups, signedGroups}, LLVM::FastmathFlagsAttr());
  return call.getResults();
}
