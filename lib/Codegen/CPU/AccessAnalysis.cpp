// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How the lanes of a vector walk through the operands of a linalg operation.

#include "AccessAnalysis.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace condense::codegen;

static std::optional<int64_t> laneStride(AffineExpr expr, ArrayRef<int64_t> strides) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return strides[dim.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 0;
  std::optional<int64_t> lhs = laneStride(binary.getLHS(), strides);
  std::optional<int64_t> rhs = laneStride(binary.getRHS(), strides);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return *lhs + *rhs;
  if (*lhs == 0 && *rhs == 0)
    return 0;
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Mul && factor)
    return *lhs * factor.getValue();
  return std::nullopt;
}

std::optional<LaneStrides> condense::codegen::applyToStrides(AffineMap map, ArrayRef<int64_t> strides) {
  LaneStrides result;
  for (AffineExpr expr : map.getResults()) {
    std::optional<int64_t> stride = laneStride(expr, strides);
    if (!stride)
      return std::nullopt;
    result.push_back(*stride);
  }
  return result;
}

bool condense::codegen::isUniform(ArrayRef<int64_t> strides) {
  return llvm::all_of(strides, [](int64_t stride) { return stride == 0; });
}

bool condense::codegen::isContiguous(ArrayRef<int64_t> strides) {
  return !strides.empty() && strides.back() == 1 && isUniform(strides.drop_back());
}

linalg::LinalgOp condense::codegen::getElementwiseProducer(Value tensor) {
  auto op = tensor.getDefiningOp<linalg::LinalgOp>();
  if (!op || op->getNumResults() != 1 || op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation())
    return nullptr;
  return isLanewise(op->getRegion(0).front()) ? op : nullptr;
}

bool condense::codegen::isConstantExpression(Value tensor) {
  Operation *def = tensor.getDefiningOp();
  if (!def || def->hasAttr(kStoredAttrName))
    return false;
  if (def->hasTrait<OpTrait::ConstantLike>() || isa<tensor::EmptyOp>(def))
    return true;
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::ExtractSliceOp, tensor::CastOp>(def))
    return llvm::all_of(def->getOperands(), isConstantExpression);
  linalg::LinalgOp op = getElementwiseProducer(tensor);
  return op && llvm::all_of(op->getOperands(), isConstantExpression);
}

std::optional<unsigned> condense::codegen::findVectorLoop(linalg::LinalgOp op) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    LaneStrides strides(op.getNumLoops(), 0);
    strides[loop] = 1;
    std::optional<LaneStrides> at = applyToStrides(map, strides);
    if (iterators[loop] == utils::IteratorType::parallel && at && isContiguous(*at))
      return loop;
  }
  return std::nullopt;
}

/// Positions in a reshaped tensor are computed only from static sizes.
static bool hasStaticInnerSizes(RankedTensorType type, ArrayRef<ReassociationIndices> groups) {
  return llvm::all_of(groups, [&](const ReassociationIndices &group) {
    return llvm::none_of(ArrayRef(group).drop_front(), [&](int64_t dim) { return type.isDynamicDim(dim); });
  });
}

/// A group of source dimensions is seen as one. Lanes may run along it only if
/// all but one of the dimensions have size 1.
static std::optional<LaneStrides> stridesBeforeCollapse(tensor::CollapseShapeOp op, ArrayRef<int64_t> strides) {
  RankedTensorType type = op.getSrcType();
  if (!hasStaticInnerSizes(type, op.getReassociationIndices()))
    return std::nullopt;
  LaneStrides result(type.getRank(), 0);
  for (auto [group, stride] : llvm::zip_equal(op.getReassociationIndices(), strides)) {
    if (stride == 0)
      continue;
    SmallVector<int64_t> wide = llvm::filter_to_vector(group, [&](int64_t dim) { return type.getDimSize(dim) != 1; });
    if (wide.size() != 1)
      return std::nullopt;
    result[wide.front()] = stride;
  }
  return result;
}

static std::optional<LaneStrides> stridesBeforeExpand(tensor::ExpandShapeOp op, ArrayRef<int64_t> strides) {
  RankedTensorType type = op.getResultType();
  if (!hasStaticInnerSizes(type, op.getReassociationIndices()))
    return std::nullopt;
  LaneStrides result;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    int64_t stride = 0, size = 1;
    for (int64_t dim : llvm::reverse(group)) {
      stride += strides[dim] * size;
      size *= dim == group.front() ? 1 : type.getDimSize(dim);
    }
    result.push_back(stride);
  }
  return result;
}

std::optional<LaneStrides> condense::codegen::stridesInSource(Operation *view, ArrayRef<int64_t> strides) {
  if (!view)
    return std::nullopt;
  if (isa<tensor::CastOp>(view))
    return LaneStrides(strides);
  if (auto op = dyn_cast<tensor::CollapseShapeOp>(view))
    return stridesBeforeCollapse(op, strides);
  if (auto op = dyn_cast<tensor::ExpandShapeOp>(view))
    return stridesBeforeExpand(op, strides);
  auto slice = dyn_cast<tensor::ExtractSliceOp>(view);
  if (slice && slice.hasUnitStride() && slice.getSourceType().getRank() == slice.getResultType().getRank())
    return LaneStrides(strides);
  return std::nullopt;
}

bool condense::codegen::isLanewise(Block &body) {
  return llvm::all_of(body.without_terminator(), [](Operation &op) {
    // A lane that is masked off reads zeros, by which an integer division
    // traps.
    if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
            arith::FloorDivSIOp>(op))
      return false;
    return isa<linalg::IndexOp>(op) || op.hasTrait<OpTrait::ConstantLike>() ||
           OpTrait::hasElementwiseMappableTraits(&op);
  });
}

static LogicalResult checkLoad(Value tensor, ArrayRef<int64_t> strides, std::string &reason) {
  if (isUniform(strides))
    return success();
  Type element = getElementTypeOrSelf(tensor.getType());
  unsigned width = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 0;
  if (isContiguous(strides) && width >= 8 && llvm::isPowerOf2_32(width))
    return success();
  llvm::raw_string_ostream os(reason);
  os << "an operand of type " << tensor.getType() << " is not contiguous along the lanes";
  return failure();
}

LogicalResult condense::codegen::checkReadable(Value tensor, ArrayRef<int64_t> strides, Operation *producer,
                                               std::string &reason) {
  Operation *def = tensor.getDefiningOp();
  if (!def || !isa<TensorType>(tensor.getType()) || !(def == producer || isConstantExpression(tensor)))
    return checkLoad(tensor, strides, reason);
  if (std::optional<LaneStrides> source = stridesInSource(def, strides))
    return checkReadable(def->getOperand(0), *source, producer, reason);
  linalg::LinalgOp op = getElementwiseProducer(tensor);
  if (!op)
    return checkLoad(tensor, strides, reason);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  std::optional<LaneStrides> loops = applyToStrides(inversePermutation(resultMap), strides);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!op.payloadUsesValueFromOperand(&operand))
      continue;
    std::optional<LaneStrides> inner = applyToStrides(op.getMatchingIndexingMap(&operand), *loops);
    if (!inner)
      return reason = "an operand of a producer is not linear in the lanes", failure();
    if (failed(checkReadable(operand.get(), *inner, nullptr, reason)))
      return failure();
  }
  return success();
}
