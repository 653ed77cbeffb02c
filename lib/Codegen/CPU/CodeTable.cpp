// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats that a body computes from a few bits: look-ups in a register.
//
// Which values are such functions is found by folding the operations of the
// body for every value of the argument, not by their form: the same code
// serves integers, codebooks, and whatever decodes 4 bits next.

#include "CodeTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense::codegen;

static constexpr unsigned kCodeBits = 8;
static constexpr int64_t kNumCodes = 1 << kCodeBits;

namespace {

/// What the values of a body depend on.
class Dependences {
public:
  Dependences(Block &body, ArrayRef<int64_t> loops) : body(body), loops(loops) {
    for (Operation &op : body.without_terminator())
      for (Value result : op.getResults())
        sources[result] = combine(op);
  }

  /// The only argument that `value` depends on; null if it is a constant,
  /// nothing if there are several, or loops that are not known.
  std::optional<BlockArgument> getSource(Value value) const {
    if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &body)
      return argument;
    auto known = sources.find(value);
    if (known != sources.end())
      return known->second;
    if (matchPattern(value, m_Constant()))
      return BlockArgument();
    return std::nullopt;
  }

  /// The value of `result` where `argument` is `code`; null if it does not
  /// fold.
  Attribute evaluate(Value result, BlockArgument argument, int64_t code) const {
    return evaluate(result, argument, IntegerAttr::get(argument.getType(), APInt(kCodeBits, code, /*isSigned=*/false)));
  }

  Attribute evaluate(Value result, BlockArgument argument, Attribute element) const {
    llvm::DenseMap<Value, Attribute> known;
    known[argument] = element;
    for (Operation &op : body.without_terminator()) {
      if (op.getNumResults() != 1)
        continue;
      std::optional<BlockArgument> source = getSource(op.getResult(0));
      if (!source || (*source && *source != argument))
        continue;
      known[op.getResult(0)] = fold(op, known);
      if (op.getResult(0) == result)
        break;
    }
    return known.lookup(result);
  }

private:
  std::optional<BlockArgument> combine(Operation &op) const {
    if (auto index = dyn_cast<linalg::IndexOp>(op))
      return ShapedType::isDynamic(loops[index.getDim()]) ? std::nullopt
                                                          : std::optional<BlockArgument>(BlockArgument());
    if (op.getNumRegions() != 0 || !isPure(&op))
      return std::nullopt;
    BlockArgument only;
    for (Value operand : op.getOperands()) {
      std::optional<BlockArgument> source = getSource(operand);
      if (!source || (only && *source && only != *source))
        return std::nullopt;
      only = only ? only : *source;
    }
    return only;
  }

  Attribute fold(Operation &op, const llvm::DenseMap<Value, Attribute> &known) const {
    if (auto index = dyn_cast<linalg::IndexOp>(op))
      return IntegerAttr::get(index.getType(), loops[index.getDim()]);
    auto attributeOf = [&](Value value) {
      Attribute attribute = known.lookup(value);
      if (!attribute)
        matchPattern(value, m_Constant(&attribute));
      return attribute;
    };
    SmallVector<Attribute> operands = llvm::map_to_vector(op.getOperands(), attributeOf);
    SmallVector<OpFoldResult> results;
    if (llvm::is_contained(operands, Attribute()) || failed(op.fold(operands, results)) || results.size() != 1)
      return Attribute();
    if (auto value = dyn_cast<Value>(results[0]))
      return attributeOf(value);
    return cast<Attribute>(results[0]);
  }

  Block &body;
  ArrayRef<int64_t> loops;
  llvm::DenseMap<Value, std::optional<BlockArgument>> sources;
};

} // namespace

/// Reads `values`, one for each code, as a table of 16.
static std::optional<CodeTable> makeTable(BlockArgument code, ArrayRef<Attribute> values) {
  for (int64_t shift = 0; (kTableEntries << shift) <= kNumCodes; ++shift) {
    auto isSame = [&](int64_t i) { return values[i] == values[i & ((kTableEntries - 1) << shift)]; };
    if (!llvm::all_of(llvm::seq<int64_t>(0, kNumCodes), isSame))
      continue;
    CodeTable table{code, shift, {}};
    for (int64_t entry = 0; entry < kTableEntries; ++entry)
      table.entries.push_back(values[entry << shift]);
    return table;
  }
  return std::nullopt;
}

std::optional<std::pair<BlockArgument, SmallVector<Attribute>>>
condense::codegen::evaluateCodes(Block &body, Value value, ArrayRef<int64_t> loops) {
  Dependences dependences(body, loops);
  std::optional<BlockArgument> code = dependences.getSource(value);
  if (!code || !*code || !code->getType().isInteger(kCodeBits))
    return std::nullopt;
  SmallVector<Attribute> values;
  for (int64_t i = 0; i < kNumCodes; ++i) {
    values.push_back(dependences.evaluate(value, *code, i));
    if (!values.back())
      return std::nullopt;
  }
  return std::pair(*code, std::move(values));
}

std::optional<BlockArgument> condense::codegen::findOnlyArgument(Block &body, Value value, ArrayRef<int64_t> loops) {
  return Dependences(body, loops).getSource(value);
}

Attribute condense::codegen::evaluateAt(Block &body, Value value, ArrayRef<int64_t> loops, BlockArgument argument,
                                        Attribute element) {
  return Dependences(body, loops).evaluate(value, argument, element);
}

CodeTables condense::codegen::findCodeTables(Block &body, ArrayRef<int64_t> loops) {
  Dependences dependences(body, loops);
  CodeTables tables;
  for (Operation &op : body.without_terminator()) {
    if (op.getNumResults() != 1 || !op.getResult(0).getType().isF32())
      continue;
    Value result = op.getResult(0);
    std::optional<BlockArgument> code = dependences.getSource(result);
    if (!code || !*code || !code->getType().isInteger(kCodeBits))
      continue;
    bool isNeeded = llvm::any_of(result.getUsers(), [&](Operation *user) {
      return user->getNumResults() == 0 || !dependences.getSource(user->getResult(0));
    });
    if (!isNeeded)
      continue;
    SmallVector<Attribute> values;
    for (int64_t i = 0; i < kNumCodes; ++i) {
      values.push_back(dependences.evaluate(result, *code, i));
      if (!values.back())
        break;
    }
    if (!values.back())
      continue;
    if (std::optional<CodeTable> table = makeTable(*code, values))
      tables[result] = std::move(*table);
  }
  return tables;
}

Value condense::codegen::createTableLookup(OpBuilder &builder, Location loc, const CodeTable &table, Value codes) {
  auto floats = VectorType::get(kTableEntries, builder.getF32Type());
  auto words = VectorType::get(kTableEntries, builder.getI32Type());
  Value entries = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(floats, table.entries));
  // Only the lowest four bits of an index count.
  Value index = arith::ExtUIOp::create(builder, loc, words, codes);
  if (table.shift != 0) {
    Value shift =
        arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(words, builder.getI32IntegerAttr(table.shift)));
    index = arith::ShRUIOp::create(builder, loc, index, shift);
  }
  return LLVM::CallIntrinsicOp::create(builder, loc, TypeRange(floats),
                                       builder.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
                                       ValueRange{entries, index}, LLVM::FastmathFlagsAttr())
      .getResults();
}
