// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chooses how positions are stored, and writes the scatter.

#include "SparseConstant.h"

#include "condense/Dialect/Compress/IR/ScatterLayout.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/SparseEncoding.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;
using Kind = numerics::PositionFormat::Kind;

/// The kind of encoding that a scheme asks for.
static std::optional<Kind> getKind(PositionFormat format) {
  switch (format) {
  case PositionFormat::Bitmap:
    return Kind::Bitmap;
  case PositionFormat::NM:
    return Kind::GroupIndices;
  case PositionFormat::Relative:
    return Kind::Gaps;
  case PositionFormat::List:
    return Kind::List;
  default:
    return std::nullopt;
  }
}

static PositionFormat getFormat(Kind kind) {
  switch (kind) {
  case Kind::GroupIndices:
    return PositionFormat::NM;
  case Kind::Gaps:
    return PositionFormat::Relative;
  case Kind::List:
    return PositionFormat::List;
  case Kind::Bitmap:
    break;
  }
  return PositionFormat::Bitmap;
}

namespace {

/// Plans for one target.
class ScatterPlanner {
public:
  ScatterPlanner(RankedTensorType type, unsigned bits, const WeightMatrix &matrix, ArrayRef<uint8_t> mask,
                 PruneSchemeAttr scheme)
      : type(type), bits(bits), matrix(matrix), mask(mask), scheme(scheme),
        rows(matrix.getGroups() * matrix.getRows()) {
    // Row dimensions of size 1 make no difference to the order: the rows first.
    permutation.assign(matrix.getPermutation().begin(), matrix.getPermutation().end());
    auto isRow = [&](int64_t dim) { return type.getDimSize(dim) == rows; };
    if (rows != 1)
      if (auto at = llvm::find_if(permutation, isRow); at != permutation.end())
        std::rotate(permutation.begin(), at, at + 1);
  }

  SparsePlan plan(bool canPermute) {
    bool isStructured = scheme.getM() != 0 || scheme.getBlock();
    bool isMatrix = matrix.isRowMajor() && type.getDimSize(0) == rows;
    if (isStructured && isMatrix)
      return planMatrix(/*permuted=*/false);
    if (isStructured && canPermute && type.getDimSize(permutation.front()) == rows && isSameOrder()) {
      SparsePlan permuted = planMatrix(/*permuted=*/true);
      if (scheme.getBlock() || permuted.layout.getFormat() == PositionFormat::NM)
        return permuted;
    }
    return planElements();
  }

private:
  /// Whether moving the rows to the front left the order of the matrices as it is.
  bool isSameOrder() const {
    auto withoutUnits = [&](ArrayRef<int64_t> dims) {
      return llvm::to_vector(llvm::make_filter_range(dims, [&](int64_t dim) { return type.getDimSize(dim) != 1; }));
    };
    return withoutUnits(permutation) == withoutUnits(matrix.getPermutation());
  }

  /// Single elements in the target's own order.
  SparsePlan planElements() {
    std::vector<uint8_t> own = matrix.fromMatrix<uint8_t>(mask);
    numerics::EncodingProblem problem{type.getNumElements(), bits};
    return encode(problem, own, type, DenseI64ArrayAttr(), {});
  }

  /// Blocks or N:M groups in the order of the matrices.
  SparsePlan planMatrix(bool permuted) {
    RankedTensorType scattered = type;
    if (permuted)
      scattered = type.clone(llvm::map_to_vector(permutation, [&](int64_t dim) { return type.getDimSize(dim); }));
    std::vector<int64_t> ownElement(mask.size());
    matrix.forEach([&](int64_t element, int64_t place) { ownElement[place] = element; });
    auto attr = PositionsAttr::get(type.getContext(), PositionFormat::Bitmap, 0, 0, scheme.getBlock());
    ScatterLayout layout(scattered, attr);
    std::vector<uint8_t> blocks(layout.getNumBlocks());
    std::vector<uint32_t> sizes(layout.getNumBlocks());
    for (int64_t block = 0; block < layout.getNumBlocks(); ++block) {
      layout.forEachElement(block, [&](int64_t place) { blocks[block] |= mask[place]; });
      sizes[block] = layout.getBlockSize(block);
    }
    numerics::EncodingProblem problem{layout.getNumBlocks(), bits, scheme.getN(), scheme.getM(), matrix.getColumns()};
    problem.sizes = sizes;
    SparsePlan plan = encode(problem, blocks, scattered, scheme.getBlock(), ownElement);
    if (permuted) {
      plan.permutation.resize(type.getRank());
      for (auto [place, dim] : llvm::enumerate(permutation))
        plan.permutation[dim] = place;
    }
    return plan;
  }

  SparsePlan encode(numerics::EncodingProblem problem, ArrayRef<uint8_t> units, RankedTensorType scattered,
                    DenseI64ArrayAttr block, ArrayRef<int64_t> ownElement) {
    problem.only = getKind(scheme.getPositions());
    numerics::EncodingChoice choice =
        numerics::chooseEncoding(problem, numerics::getPositions({units.data(), units.size()}));
    bool isGroups = choice.format.kind == Kind::GroupIndices;
    SparsePlan plan;
    plan.layout = PositionsAttr::get(type.getContext(), getFormat(choice.format.kind), isGroups ? scheme.getN() : 0,
                                     isGroups ? scheme.getM() : 0, block);
    plan.shape.assign(scattered.getShape().begin(), scattered.getShape().end());
    ScatterLayout layout(scattered, plan.layout);
    for (uint32_t unit : choice.stored)
      layout.forEachElement(
          unit, [&](int64_t element) { plan.elements.push_back(ownElement.empty() ? element : ownElement[element]); });
    plan.positions = numerics::encodePositions(choice.format, problem.units, choice.stored);
    plan.fieldWidth = numerics::getFieldWidth(choice.format);
    plan.numPositions = choice.stored.size();
    plan.encoding = numerics::getName(choice.format);
    plan.comparison = choice.comparison;
    return plan;
  }

  RankedTensorType type;
  unsigned bits;
  const WeightMatrix &matrix;
  ArrayRef<uint8_t> mask;
  PruneSchemeAttr scheme;
  int64_t rows;
  SmallVector<int64_t> permutation;
};

} // namespace

SparsePlan condense::compress::planScatter(RankedTensorType type, unsigned bits, const WeightMatrix &matrix,
                                           ArrayRef<uint8_t> mask, PruneSchemeAttr scheme, bool canPermute) {
  return ScatterPlanner(type, bits, matrix, mask, scheme).plan(canPermute);
}

/// Positions as a constant, behind an unpack if they are fields of a few bits.
static Value buildPositions(OpBuilder &builder, Location loc, const SparsePlan &plan, StringRef name) {
  std::vector<char> bytes(plan.positions.begin(), plan.positions.end());
  PositionFormat format = plan.layout.getFormat();
  bool isFields = format == PositionFormat::NM || format == PositionFormat::Relative;
  Type element = builder.getI8Type();
  auto count = static_cast<int64_t>(bytes.size());
  if (format == PositionFormat::List) {
    element = builder.getIntegerType(plan.fieldWidth);
    count = plan.numPositions;
  }
  auto type = RankedTensorType::get({count}, element);
  Value constant = createTensorConstant(builder, loc, type, std::move(bytes), (name + ".positions").str());
  if (!isFields)
    return constant;
  Type field = builder.getIntegerType(plan.fieldWidth, /*isSigned=*/false);
  return UnpackOp::create(builder, loc, RankedTensorType::get({plan.numPositions}, field), constant);
}

Value condense::compress::buildScatter(OpBuilder &builder, Location loc, const SparsePlan &plan, Value values,
                                       StringRef name) {
  Type element = cast<RankedTensorType>(values.getType()).getElementType();
  Value positions = buildPositions(builder, loc, plan, name);
  Value result =
      ScatterOp::create(builder, loc, RankedTensorType::get(plan.shape, element), values, positions, plan.layout);
  if (plan.permutation.empty())
    return result;
  SmallVector<int64_t> shape = llvm::map_to_vector(plan.permutation, [&](int64_t dim) { return plan.shape[dim]; });
  return nn::TransposeOp::create(builder, loc, RankedTensorType::get(shape, element), result, plan.permutation);
}
