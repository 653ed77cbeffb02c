// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The declared structure of weights against their values.

#include "VerifyStructure.h"

#include "condense/Analysis/WeightMatrix.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include <unordered_set>

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult condense::compress::verifyPositions(ScatterOp op) {
  if (!isConstantExpression(op.getPositions()))
    return success();
  FailureOr<HostTensor> positions = evaluateExpression(op.getPositions());
  if (failed(positions))
    return op.emitOpError("positions cannot be evaluated: their data is missing or damaged");
  numerics::DecodedPositions decoded = decodePositions(op, *positions);
  if (!decoded.error.empty())
    return op.emitOpError("positions are wrong: ") << decoded.error;
  return success();
}

LogicalResult condense::compress::verifyIndices(LookupOp op) {
  int64_t entries = op.getCodebook().getType().getShape().back();
  unsigned width = op.getIndices().getType().getElementTypeBitWidth();
  if (entries >= int64_t(1) << width || !isConstantExpression(op.getIndices()))
    return success();
  FailureOr<HostTensor> indices = evaluateExpression(op.getIndices());
  if (failed(indices))
    return op.emitOpError("indices cannot be evaluated: their data is missing or damaged");
  for (int64_t i = 0; i < indices->getNumElements(); ++i) {
    int64_t index = width > 8 ? indices->as<uint16_t>()[i] : indices->as<uint8_t>()[i] & ((1 << width) - 1);
    if (index >= entries)
      return op.emitOpError() << "index " << i << " is " << index << ", but the codebook has " << entries << " entries";
  }
  return success();
}

namespace {

/// A weight in its matrix view.
struct EvaluatedWeight {
  std::vector<float> elements; // [rows, columns]
  int64_t rows, columns;

  int64_t countZeros() const { return llvm::count(elements, 0.0f); }

  /// Elements of blocks that are zero as a whole.
  int64_t countBlockZeros(int64_t blockRows, int64_t blockColumns) const {
    int64_t zeros = 0;
    for (int64_t row = 0; row < rows; row += blockRows)
      for (int64_t column = 0; column < columns; column += blockColumns)
        zeros += countZeroBlock(row, std::min(row + blockRows, rows), column, std::min(column + blockColumns, columns));
    return zeros;
  }

  /// The first group of `m` elements of a row with more than `n` that are not zero; -1 if none.
  int64_t findFullGroup(int64_t n, int64_t m) const {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; column += m) {
        auto group = ArrayRef(elements).slice(row * columns + column, std::min(m, columns - column));
        if (static_cast<int64_t>(group.size()) - llvm::count(group, 0.0f) > n)
          return row * columns + column;
      }
    return -1;
  }

  int64_t countValues() const { return std::unordered_set<float>(elements.begin(), elements.end()).size(); }

private:
  int64_t countZeroBlock(int64_t row, int64_t rowEnd, int64_t column, int64_t columnEnd) const {
    for (int64_t i = row; i < rowEnd; ++i)
      for (int64_t j = column; j < columnEnd; ++j)
        if (elements[i * columns + j] != 0)
          return 0;
    return (rowEnd - row) * (columnEnd - column);
  }
};

} // namespace

static FailureOr<EvaluatedWeight> evaluateWeightOf(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  Value weight = op.getWeightOperand().get();
  FailureOr<std::vector<float>> elements = evaluateElements(weight);
  if (failed(elements))
    return op->emitOpError() << "layer '" << layer.name << "' declares a structure, but its weight cannot be evaluated";
  WeightTarget target{
      weight, llvm::to_vector(llvm::seq<int64_t>(0, cast<RankedTensorType>(weight.getType()).getRank())), {}};
  WeightMatrix matrix = WeightMatrix::get(op, target);
  return EvaluatedWeight{matrix.toMatrix(*elements), matrix.getGroups() * matrix.getRows(), matrix.getColumns()};
}

/// What does not hold; empty if all does.
static std::string findViolation(const EvaluatedWeight &weight, StructureAttr structure) {
  DenseI64ArrayAttr block = structure.getBlock();
  int64_t zeros = block ? weight.countBlockZeros(block[0], block[1]) : weight.countZeros();
  if (zeros < structure.getZeros())
    return std::to_string(zeros) + " elements are zero" + (block ? " in whole blocks" : "") + ", not " +
           std::to_string(structure.getZeros());
  if (structure.getM() != 0)
    if (int64_t at = weight.findFullGroup(structure.getN(), structure.getM()); at >= 0)
      return "row " + std::to_string(at / weight.columns) + " has more than " + std::to_string(structure.getN()) +
             " of " + std::to_string(structure.getM()) + " elements that are not zero from column " +
             std::to_string(at % weight.columns) + " on";
  if (structure.getValues() != 0)
    if (int64_t values = weight.countValues(); values > structure.getValues())
      return "it has " + std::to_string(values) + " different values, not " + std::to_string(structure.getValues());
  return "";
}

LogicalResult condense::compress::verifyStructure(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  Attribute declared = op->getAttr(CompressDialect::kStructureAttrName);
  if (!declared)
    return success();
  auto structures = dyn_cast<ArrayAttr>(declared);
  if (!structures || !llvm::all_of(structures, llvm::IsaPred<StructureAttr>))
    return op->emitOpError() << CompressDialect::kStructureAttrName << " must be an array of #compress.structure";
  FailureOr<EvaluatedWeight> weight = evaluateWeightOf(layer);
  if (failed(weight))
    return failure();
  for (auto structure : structures.getAsRange<StructureAttr>())
    if (std::string violation = findViolation(*weight, structure); !violation.empty())
      return op->emitOpError() << "layer '" << layer.name << "' lost its structure " << structure << ": " << violation;
  return success();
}
