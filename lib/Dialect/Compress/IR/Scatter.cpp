// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sparse tensors: verification, and their value on the host. Positions are only data:
// nothing here relies on their being right.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/Pruning.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

ScatterLayout::ScatterLayout(RankedTensorType type, PositionsAttr positions) : positions(positions) {
  rows = type.getRank() > 1 ? type.getDimSize(0) : 1;
  columns = rows == 0 ? 0 : type.getNumElements() / rows;
  if (DenseI64ArrayAttr block = positions.getBlock()) {
    blockRows = block[0];
    blockColumns = block[1];
  }
  down = llvm::divideCeil(rows, blockRows);
  across = llvm::divideCeil(columns, blockColumns);
}

int64_t ScatterLayout::getNumGroupValues() const {
  int64_t n = positions.getN(), m = positions.getM(), rest = columns % m;
  return rows * (columns / m * n + numerics::getNumKept(n, m, rest));
}

numerics::PositionFormat ScatterLayout::getFormat(unsigned width) const {
  switch (positions.getFormat()) {
  case PositionFormat::NM:
    return numerics::PositionFormat::groupIndices(positions.getN(), positions.getM(), std::max<int64_t>(columns, 1));
  case PositionFormat::Relative:
    return numerics::PositionFormat::gaps(width);
  case PositionFormat::List:
    return numerics::PositionFormat::list(width);
  default:
    return numerics::PositionFormat::bitmap();
  }
}

/// The fields of positions, whatever their width, as unsigned numbers.
static std::vector<uint32_t> widenFields(const HostTensor &positions) {
  std::vector<uint32_t> fields(positions.getNumElements());
  unsigned width = getCodeWidth(positions.getType().getElementType());
  if (width == 32)
    llvm::copy(positions.as<uint32_t>(), fields.begin());
  else if (width == 16)
    llvm::copy(positions.as<uint16_t>(), fields.begin());
  else
    llvm::copy(positions.as<uint8_t>(), fields.begin());
  return fields;
}

numerics::DecodedPositions condense::compress::decodePositions(ScatterOp op, const HostTensor &positions) {
  ScatterLayout layout(op);
  numerics::DecodedPositions decoded;
  if (op.getLayout().getFormat() == PositionFormat::Bitmap) {
    ArrayRef<uint8_t> bytes = positions.as<uint8_t>();
    decoded = numerics::decodeBitmap({bytes.data(), bytes.size()}, layout.getNumBlocks());
  } else {
    unsigned width = getCodeWidth(positions.getType().getElementType());
    decoded = numerics::decodeFields(layout.getFormat(width), widenFields(positions), layout.getNumBlocks());
  }
  if (!decoded.error.empty())
    return decoded;
  int64_t count = 0, values = op.getValues().getType().getNumElements();
  for (uint32_t block : decoded.units)
    count += layout.getBlockSize(block);
  if (count != values)
    return {{}, "the positions are those of " + std::to_string(count) + " values, found " + std::to_string(values)};
  return decoded;
}

FailureOr<HostTensor> ScatterOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = getOutput().getType();
  numerics::DecodedPositions decoded = decodePositions(*this, operands[1]);
  int64_t width = std::max<int64_t>(getElementBytes(type.getElementType()), 1);
  ArrayRef<char> values = operands[0].getBytes();
  if (!decoded.error.empty() || static_cast<int64_t>(values.size()) != operands[0].getNumElements() * width)
    return failure();
  ScatterLayout layout(*this);
  std::vector<char> bytes(type.getNumElements() * width);
  const char *next = values.data();
  for (uint32_t block : decoded.units)
    layout.forEachElement(block, [&](int64_t element) {
      std::copy_n(next, width, bytes.data() + element * width);
      next += width;
    });
  return HostTensor(type, std::move(bytes));
}

/// What the element type of positions must be; empty if it is right.
static std::string getTypeError(ScatterOp op, const ScatterLayout &layout) {
  PositionsAttr attr = op.getLayout();
  Type type = op.getPositions().getType().getElementType();
  switch (attr.getFormat()) {
  case PositionFormat::NM: {
    unsigned width = numerics::getFieldWidth(layout.getFormat(0));
    return type.isUnsignedInteger(width) ? "" : "of type ui" + std::to_string(width);
  }
  case PositionFormat::Relative:
    return type.isUnsignedInteger(4) || type.isUnsignedInteger(8) ? "" : "of type ui4 or ui8";
  case PositionFormat::List:
    if (layout.getNumBlocks() > 1 << 16)
      return type.isSignlessInteger(32) ? "" : "of type i32";
    return type.isSignlessInteger(16) || type.isUnsignedInteger(16) || type.isSignlessInteger(32)
               ? ""
               : "of type i16 or i32";
  default:
    return type.isSignlessInteger(8) ? "" : "of type i8";
  }
}

LogicalResult ScatterOp::verify() {
  RankedTensorType values = getValues().getType(), positions = getPositions().getType(), output = getOutput().getType();
  if (!values.hasStaticShape() || !positions.hasStaticShape() || !output.hasStaticShape() || values.getRank() != 1 ||
      positions.getRank() != 1)
    return emitOpError() << "requires static shapes and values and positions of rank 1, found " << values << ", "
                         << positions << " and " << output;
  if (values.getElementType() != output.getElementType())
    return emitOpError() << "values and result must have the same element type, found " << values.getElementType()
                         << " and " << output.getElementType();
  if (!getHostBytes(output))
    return emitOpError() << "has more elements than can be counted: " << output;
  ScatterLayout layout(*this);
  if (layout.getNumBlocks() > int64_t(1) << 31)
    return emitOpError() << "has " << layout.getNumBlocks() << " blocks; more than 2^31 cannot be numbered";
  if (std::string expected = getTypeError(*this, layout); !expected.empty())
    return emitOpError() << "positions must be " << expected << ", found " << positions.getElementType();

  int64_t count = values.getNumElements(), places = positions.getNumElements(), elements = output.getNumElements();
  int64_t blockSize = layout.getBlockRows() * layout.getBlockColumns();
  if (count > elements)
    return emitOpError() << "has " << count << " values for " << elements << " elements";
  if (layout.isRegular() && count % blockSize != 0)
    return emitOpError() << count << " values are not whole blocks of " << blockSize;
  if (getLayout().getFormat() == PositionFormat::Bitmap) {
    int64_t bytes = llvm::divideCeil(layout.getNumBlocks(), 8);
    if (places != bytes)
      return emitOpError() << "a bitmap of " << layout.getNumBlocks() << " blocks takes " << bytes << " bytes, found "
                           << places;
    return success();
  }
  if (getLayout().getFormat() == PositionFormat::NM && count != layout.getNumGroupValues())
    return emitOpError() << output << " in groups of " << getLayout().getN() << " of " << getLayout().getM() << " has "
                         << layout.getNumGroupValues() << " values, found " << count;
  if (count > places * blockSize || (layout.isRegular() && count != places * blockSize))
    return emitOpError() << places << " positions of blocks of " << blockSize << " do not have " << count << " values";
  return success();
}
