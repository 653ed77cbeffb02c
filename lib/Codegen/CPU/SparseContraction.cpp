// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions whose constant weight has many zeros, and when it pays to skip them.

#include "SparseContraction.h"
#include "AccessAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Threading.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace condense;
using namespace condense::codegen;

/// Of the first-level cache, of which CPUs with wide vectors have 32 to 48 KiB.
static constexpr int64_t kPieceBytes = 32 << 10;

/// Of the second-level cache, for sums.
static constexpr int64_t kSumBytes = 128 << 10;

/// Where threads share the columns of one tile: that many groups, if they are not too small.
static constexpr int64_t kGroupsPerTile = 8, kMinGroupColumns = 64;

/// A place in a piece is a byte.
static constexpr int64_t kMaxPieceUnits = 256;

/// What an unknown number of rows counts as.
static constexpr int64_t kAssumedRows = 64;

std::optional<int64_t> SparseContraction::rows() const {
  int64_t count = 1;
  for (unsigned loop : rowLoops) {
    if (ShapedType::isDynamic(size(loop)))
      return std::nullopt;
    count *= size(loop);
  }
  return count;
}

int64_t SparseContraction::panelUnits() const {
  int64_t count = paddedUnits();
  for (unsigned loop : outerReductions)
    count *= size(loop);
  return count;
}

int64_t SparseContraction::pieceUnits() const {
  int64_t most = std::min(kPieceBytes / (4 * tileRows()), kMaxPieceUnits);
  return llvm::divideCeil(panelUnits(), llvm::divideCeil(panelUnits(), most));
}

int64_t SparseContraction::groupColumns() const {
  int64_t most = kSumBytes / (4 * tileRows());
  // one tile of rows: threads share the columns
  if (rows().value_or(tileRows() + 1) <= tileRows())
    most = std::min(most, std::max<int64_t>(kMinGroupColumns, llvm::divideCeil(columns(), kGroupsPerTile)));
  return llvm::alignTo(llvm::divideCeil(columns(), llvm::divideCeil(columns(), most)), lanes);
}

/// Whether the body adds the product of its two inputs to the result.
static bool isFloatProduct(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  auto sum = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value accumulator = body->getArguments().back();
  if (!sum || !sum.getType().isF32() || (sum.getLhs() != accumulator && sum.getRhs() != accumulator))
    return false;
  auto product = (sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs()).getDefiningOp<arith::MulFOp>();
  if (!product)
    return false;
  Value lhs = product.getLhs(), rhs = product.getRhs(), x = body->getArgument(0), w = body->getArgument(1);
  return (lhs == x && rhs == w) || (lhs == w && rhs == x);
}

/// The operand that is a constant, and the other one.
static bool findOperands(SparseContraction &contraction) {
  linalg::LinalgOp op = contraction.op;
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return false;
  for (unsigned number : {0u, 1u}) {
    OpOperand *weight = op.getDpsInputOperand(number), *input = op.getDpsInputOperand(1 - number);
    if (!getTensorConstant(weight->get()) || isConstantExpression(input->get()))
      continue;
    contraction.weight = weight;
    contraction.input = input;
    return true;
  }
  return false;
}

static bool matchBody(SparseContraction &contraction, bool vnni) {
  linalg::LinalgOp op = contraction.op;
  if (isFloatProduct(op))
    return true;
  std::optional<DotProduct> product = matchDotProduct(op);
  contraction.isInteger = true;
  return vnni && ((product && product->signedOperand == contraction.weight) ||
                  matchSignedFactor(op, *contraction.weight) == contraction.input);
}

/// Gives every loop its role.
static LogicalResult classifyLoops(SparseContraction &contraction, std::string &reason) {
  linalg::LinalgOp op = contraction.op;
  AffineMap inputs = op.getMatchingIndexingMap(contraction.input),
            weights = op.getMatchingIndexingMap(contraction.weight),
            outputs = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto last = inputs.getNumResults() ? dyn_cast<AffineDimExpr>(inputs.getResults().back()) : AffineDimExpr(nullptr);
  auto column = outputs.getNumResults() ? dyn_cast<AffineDimExpr>(outputs.getResults().back()) : AffineDimExpr(nullptr);
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  if (!weights.isProjectedPermutation() || !outputs.isProjectedPermutation() || !last || !column)
    return reason = "operands are not read at single loops", failure();
  contraction.unitLoop = last.getPosition();
  contraction.columnLoop = column.getPosition();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool isReduction = iterators[loop] == utils::IteratorType::reduction;
    if (isReduction != (weights.isFunctionOfDim(loop) && loop != contraction.columnLoop) ||
        isReduction == outputs.isFunctionOfDim(loop))
      return reason = "a loop is neither a row, nor a column, nor summed", failure();
    if (isReduction && loop != contraction.unitLoop)
      contraction.outerReductions.push_back(loop);
    if (isReduction || loop == contraction.columnLoop)
      continue;
    contraction.rowLoops.push_back(loop);
  }
  if (iterators[contraction.unitLoop] != utils::IteratorType::reduction ||
      !weights.isFunctionOfDim(column.getPosition()))
    return reason = "the input is not contiguous along a reduction, or the result along columns", failure();
  for (auto [position, expr] : llvm::enumerate(inputs.getResults()))
    if (expr.isFunctionOfDim(contraction.columnLoop) ||
        (position + 1 < inputs.getNumResults() && expr.isFunctionOfDim(contraction.unitLoop)))
      return reason = "the input is not a matrix of rows and reductions", failure();
  return success();
}

FailureOr<SparseContraction> condense::codegen::matchSparseContraction(linalg::LinalgOp op, const VectorTarget &target,
                                                                       std::string &reason) {
  SparseContraction contraction;
  contraction.op = op;
  contraction.lanes = target.bits / 32;
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 || op.hasIndexSemantics() || !findOperands(contraction))
    return reason = "it is no product with a constant", failure();
  if (!matchBody(contraction, target.vnni))
    return reason = "there are sparse kernels for products of f32 and, with VNNI, of bytes", failure();
  if (failed(classifyLoops(contraction, reason)))
    return failure();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (llvm::is_contained(sizes, 0))
    return reason = "a loop has no iterations", failure();
  if (contraction.columns() * contraction.panelUnits() > std::numeric_limits<int32_t>::max())
    return reason = "the weight is too large for 32-bit positions", failure();
  return contraction;
}

/// Distance of neighbours along each loop in the weight.
static SmallVector<int64_t> weightStrides(const SparseContraction &contraction) {
  linalg::LinalgOp op = contraction.op;
  AffineMap map = op.getMatchingIndexingMap(contraction.weight);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(contraction.weight->get().getType()).getShape();
  SmallVector<int64_t> strides(op.getNumLoops(), 0);
  int64_t stride = 1;
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    strides[map.getDimPosition(dim)] = stride;
    stride *= shape[dim];
  }
  return strides;
}

/// Where each unit of the panel begins in a column of the weight; -1 for those that only fill vectors.
static std::vector<int64_t> unitOffsets(const SparseContraction &contraction) {
  SmallVector<int64_t> strides = weightStrides(contraction);
  std::vector<int64_t> offsets(contraction.panelUnits(), -1);
  int64_t padded = contraction.paddedUnits();
  for (int64_t outer = 0; outer < contraction.panelUnits() / padded; ++outer) {
    int64_t base = 0, rest = outer;
    for (unsigned loop : llvm::reverse(contraction.outerReductions)) {
      base += rest % contraction.size(loop) * strides[loop];
      rest /= contraction.size(loop);
    }
    for (int64_t unit = 0; unit < contraction.units(); ++unit)
      offsets[outer * padded + unit] = base + unit * contraction.unitSize() * strides[contraction.unitLoop];
  }
  return offsets;
}

SparseUnits::SparseUnits(const SparseContraction &contraction, const TensorConstant &weight)
    : bytes(weight.getBytes()), isInteger(contraction.isInteger),
      stride(weightStrides(contraction)[contraction.unitLoop]),
      columnStride(weightStrides(contraction)[contraction.columnLoop]), offsets(unitOffsets(contraction)),
      unitsPerRow(contraction.paddedUnits()), lastUnit(contraction.units() - 1),
      lastLength(contraction.size(contraction.unitLoop) - lastUnit * contraction.unitSize()) {}

uint32_t SparseUnits::read(int64_t column, int64_t unit) const {
  if (offsets[unit] < 0)
    return 0;
  const char *at = bytes.data() + (offsets[unit] + column * columnStride) * (isInteger ? 1 : 4);
  uint32_t word = 0;
  if (!isInteger) {
    std::memcpy(&word, at, 4);
    return (word & 0x7FFFFFFF) ? word : 0; // minus zero is zero
  }
  int64_t length = unit % unitsPerRow == lastUnit ? lastLength : 4;
  for (int64_t i = 0; i < length; ++i)
    word |= uint32_t(uint8_t(at[i * stride])) << 8 * i;
  return word;
}

SparseCounts condense::codegen::countNonzeros(const SparseContraction &contraction, const TensorConstant &weight) {
  SparseCounts counts;
  SparseUnits reader(contraction, weight);
  counts.elements = weight.getType().getNumElements();
  // Asked once: each computes the sizes of all loops.
  int64_t columns = contraction.columns(), units = contraction.panelUnits(), unitSize = contraction.unitSize();
  bool isInteger = contraction.isInteger;
  counts.units = columns * (units / contraction.paddedUnits()) * contraction.units();
  std::vector<std::pair<int64_t, int64_t>> inColumn(columns);
  parallelFor(weight.getType().getContext(), 0, inColumn.size(), [&](size_t column) {
    int64_t nonzeroUnits = 0, nonzeroElements = 0;
    for (int64_t unit = 0; unit < units; ++unit) {
      uint32_t word = reader.read(static_cast<int64_t>(column), unit);
      nonzeroUnits += word != 0;
      for (int64_t i = 0; i < unitSize && word; ++i)
        nonzeroElements += isInteger ? (word >> 8 * i & 255) != 0 : 1;
    }
    inColumn[column] = {nonzeroUnits, nonzeroElements};
  });
  for (auto [nonzeroUnits, nonzeroElements] : inColumn) {
    counts.nonzeroUnits += nonzeroUnits;
    counts.nonzeroElements += nonzeroElements;
  }
  return counts;
}

/// Counts the slots of the load and vector units (two of each in a cycle):
///  - dense: a multiplication and addition per vector and unit;
///  - a unit: one per vector, its value, its place, and the loop;
///  - the sums of a column in a piece: loaded, stored, and a mispredicted branch, which costs as much as the first
///  ones;
///  - a vector that is transposed: log2(lanes) permutations, load and store, and as much for its address and epilogue.
double condense::codegen::estimateRelativeCost(const SparseContraction &contraction, const SparseCounts &counts) {
  int64_t rows = 1;
  for (unsigned loop : contraction.rowLoops)
    rows *= ShapedType::isDynamic(contraction.size(loop)) ? kAssumedRows : contraction.size(loop);
  double columns = static_cast<double>(contraction.columns());
  double sums = columns * static_cast<double>(contraction.pieces());
  double moved = columns + static_cast<double>(contraction.panelUnits());
  double perMoved = llvm::Log2_64(contraction.lanes) + 4;
  double sparse = 0;
  for (int64_t begin = 0; begin < rows; begin += contraction.tileRows()) {
    double vectors = llvm::divideCeil(std::min(rows - begin, contraction.tileRows()), contraction.lanes);
    sparse += static_cast<double>(counts.nonzeroUnits) * (vectors + 3) + sums * (3 * vectors + 4) +
              moved * vectors * perMoved;
  }
  double dense =
      static_cast<double>(rows) * std::ceil(columns / double(contraction.lanes)) * double(counts.units) / columns;
  return sparse / dense;
}

SparseWeight condense::codegen::createSparseWeight(OpBuilder &builder, const SparseContraction &contraction,
                                                   const TensorConstant &weight) {
  SparseUnits reader(contraction, weight);
  std::vector<uint32_t> values;
  std::vector<uint8_t> places;
  std::vector<int32_t> starts;
  int64_t columns = contraction.columns(), groupColumns = contraction.groupColumns();
  int64_t units = contraction.panelUnits(), pieceUnits = contraction.pieceUnits();
  for (int64_t group = 0; group < columns; group += groupColumns)
    for (int64_t piece = 0; piece < units; piece += pieceUnits)
      for (int64_t column = group; column < std::min(columns, group + groupColumns); ++column) {
        starts.push_back(static_cast<int32_t>(values.size()));
        for (int64_t unit = piece; unit < std::min(units, piece + pieceUnits); ++unit)
          if (uint32_t word = reader.read(column, unit)) {
            values.push_back(word);
            places.push_back(static_cast<uint8_t>(unit - piece));
          }
      }
  starts.push_back(static_cast<int32_t>(values.size()));
  if (values.empty()) { // a constant has elements
    values.push_back(0);
    places.push_back(0);
  }
  Location loc = contraction.op->getLoc();
  Type element = contraction.isInteger ? Type(builder.getI32Type()) : Type(builder.getF32Type());
  auto create = [&](auto &data, Type type, StringRef suffix) -> Value {
    return createTensorConstant(builder, loc, RankedTensorType::get(static_cast<int64_t>(data.size()), type),
                                ArrayRef(data), weight.getName().str() + suffix.str());
  };
  return {create(values, element, ".values"), create(places, builder.getI8Type(), ".places"),
          create(starts, builder.getI32Type(), ".starts")};
}
