// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference semantics of entropy_decode: loops over blocks and symbols, and for Huffman codes over bits. It is what
// the format's description says, one symbol after the other, and so independent of the decoder with its
// tables. Nothing is checked here: a damaged stream is refused when the expression is evaluated.

#include "Unpacking.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Runtime/Codec.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense::compress;

namespace {

/// Builds the loops. Numbers are of type index unless said otherwise.
class DecoderBuilder {
public:
  DecoderBuilder(ImplicitLocOpBuilder &b, EntropyDecodeOp op) : b(b), op(op) {}

  /// The symbols as bytes, one after the other.
  Value build() {
    int64_t count = op.getCodes().getType().getNumElements();
    Value init = tensor::EmptyOp::create(b, ArrayRef<int64_t>{count}, b.getI8Type());
    if (op.getCoder() == Coder::RunLength)
      init =
          linalg::FillOp::create(b, ValueRange{arith::ConstantOp::create(b, b.getI8IntegerAttr(0))}, init).getResult(0);
    Value blocks = index(op.getOffsets().getType().getNumElements());
    return forEach(blocks, init, [&](Value block, ValueRange symbols) -> SmallVector<Value> {
      Value first = arith::MulIOp::create(b, block, index(op.getBlock()));
      Value rest = arith::SubIOp::create(b, index(count), first);
      Value length = arith::MinUIOp::create(b, rest, index(op.getBlock()));
      Value offset = tensor::ExtractOp::create(b, op.getOffsets(), block);
      Value begin = arith::IndexCastUIOp::create(b, b.getIndexType(), offset);
      switch (op.getCoder()) {
      case Coder::Huffman:
        return {buildHuffman(symbols[0], first, length, begin)};
      case Coder::RANS:
        return {buildRans(symbols[0], first, length, begin)};
      default:
        return {buildRunLength(symbols[0], first, length, begin)};
      }
    })[0];
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value number(Type type, int64_t value) { return arith::ConstantOp::create(b, b.getIntegerAttr(type, value)); }
  Value add(Value lhs, Value rhs) { return arith::AddIOp::create(b, lhs, rhs); }
  Value isLess(Value lhs, Value rhs) { return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, lhs, rhs); }

  /// A byte of a tensor, zero-extended to `type`.
  Value load(Value bytes, Value position, Type type) {
    Value byte = tensor::ExtractOp::create(b, bytes, position);
    return type.isIndex() ? arith::IndexCastUIOp::create(b, type, byte).getResult()
                          : arith::ExtUIOp::create(b, type, byte).getResult();
  }

  /// Two or four bytes, the lowest first, as i32.
  Value loadWord(Value bytes, Value position, int size) {
    Value word = load(bytes, position, b.getI32Type());
    for (int i = 1; i < size; ++i) {
      Value byte = load(bytes, add(position, index(i)), b.getI32Type());
      word = arith::OrIOp::create(b, word, arith::ShLIOp::create(b, byte, number(b.getI32Type(), 8 * i)));
    }
    return word;
  }

  using Body = function_ref<SmallVector<Value>(Value, ValueRange)>;
  SmallVector<Value> forEach(Value count, ValueRange inits, Body body) {
    auto loop = scf::ForOp::create(b, index(0), count, index(1), inits,
                                   [&](OpBuilder &nested, Location loc, Value iv, ValueRange args) {
                                     OpBuilder::InsertionGuard guard(b);
                                     b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
                                     scf::YieldOp::create(b, body(iv, args));
                                   });
    return llvm::to_vector<4>(ValueRange(loop.getResults()));
  }

  /// Repeats `step` until it returns false in `isOpen`; its results are the next arguments.
  using Step = function_ref<SmallVector<Value>(ValueRange, Value &isOpen)>;
  SmallVector<Value> repeat(ValueRange inits, Step step) {
    TypeRange types(inits);
    auto loop = scf::WhileOp::create(
        b, types, inits,
        [&](OpBuilder &nested, Location loc, ValueRange args) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
          Value isOpen;
          SmallVector<Value> results = step(args, isOpen);
          scf::ConditionOp::create(b, isOpen, results);
        },
        [&](OpBuilder &nested, Location loc, ValueRange args) { scf::YieldOp::create(nested, loc, args); });
    return llvm::to_vector<4>(ValueRange(loop.getResults()));
  }

  Value insert(Value symbols, Value symbol, Value position) {
    return tensor::InsertOp::create(b, symbol, symbols, position);
  }

  Value buildHuffman(Value symbols, Value first, Value length, Value begin);
  SmallVector<Value> buildHuffmanSymbol(Value position);
  Value buildRans(Value symbols, Value first, Value length, Value begin);
  SmallVector<Value> findRansSymbol(Value slot);
  Value buildRunLength(Value symbols, Value first, Value length, Value begin);

  ImplicitLocOpBuilder &b;
  EntropyDecodeOp op;
};

} // namespace

/// Canonical codes of each length are consecutive numbers: a code is complete when it is one of those of its length.
/// Returns the symbol and the position of the next bit.
SmallVector<Value> DecoderBuilder::buildHuffmanSymbol(Value position) {
  Value zero = index(0);
  // code, first code of the length, symbols of shorter codes, length, position, number of the symbol
  SmallVector<Value> state = repeat({zero, zero, zero, zero, position, zero}, [&](ValueRange args, Value &isOpen) {
    Value byte = load(op.getStream(), arith::ShRUIOp::create(b, args[4], index(3)), b.getIndexType());
    Value shift = arith::AndIOp::create(b, args[4], index(7));
    Value bit = arith::AndIOp::create(b, arith::ShRUIOp::create(b, byte, shift), index(1));
    Value code = arith::OrIOp::create(b, arith::ShLIOp::create(b, args[0], index(1)), bit);
    Value firstCode = arith::ShLIOp::create(b, args[1], index(1));
    Value count = load(op.getTable(), args[3], b.getIndexType());
    Value place = arith::SubIOp::create(b, code, firstCode);
    Value next = add(args[3], index(1));
    Value isIncomplete = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, place, count);
    isOpen = arith::AndIOp::create(b, isIncomplete, isLess(next, index(CONDENSE_HUFFMAN_BITS)));
    return SmallVector<Value>{code, add(firstCode, count),  add(args[2], count),
                              next, add(args[4], index(1)), add(args[2], place)};
  });
  Value entry = add(state[5], index(CONDENSE_HUFFMAN_BITS));
  return {tensor::ExtractOp::create(b, op.getTable(), entry), state[4]};
}

Value DecoderBuilder::buildHuffman(Value symbols, Value first, Value length, Value begin) {
  Value position = arith::ShLIOp::create(b, begin, index(3));
  return forEach(length, {symbols, position}, [&](Value i, ValueRange args) -> SmallVector<Value> {
    SmallVector<Value> decoded = buildHuffmanSymbol(args[1]);
    return {insert(args[0], decoded[0], add(first, i)), decoded[1]};
  })[0];
}

/// The symbol in whose part of the frequencies `slot` (i32) lies, its frequency, and where the part begins.
SmallVector<Value> DecoderBuilder::findRansSymbol(Value slot) {
  Type i32 = b.getI32Type();
  Value zero = number(i32, 0);
  // table position, first slot, frequency, first slot of the next symbol
  SmallVector<Value> state = repeat({index(-3), zero, zero, zero}, [&](ValueRange args, Value &isOpen) {
    Value entry = add(args[0], index(3));
    Value frequency = loadWord(op.getTable(), add(entry, index(1)), 2);
    Value end = add(args[3], frequency);
    isOpen = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, slot, end);
    return SmallVector<Value>{entry, args[3], frequency, end};
  });
  return {tensor::ExtractOp::create(b, op.getTable(), state[0]), state[2], state[1]};
}

Value DecoderBuilder::buildRans(Value symbols, Value first, Value length, Value begin) {
  Type i32 = b.getI32Type();
  Value state = loadWord(op.getStream(), begin, 4), next = add(begin, index(4));
  return forEach(length, {symbols, state, next}, [&](Value i, ValueRange args) -> SmallVector<Value> {
    Value slot = arith::AndIOp::create(b, args[1], number(i32, (1 << CONDENSE_RANS_BITS) - 1));
    SmallVector<Value> found = findRansSymbol(slot);
    Value upper = arith::ShRUIOp::create(b, args[1], number(i32, CONDENSE_RANS_BITS));
    Value after = add(arith::MulIOp::create(b, found[1], upper), arith::SubIOp::create(b, slot, found[2]));
    Value isLow = isLess(after, number(i32, 1 << 16));
    auto refill = scf::IfOp::create(
        b, isLow,
        [&](OpBuilder &nested, Location loc) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
          Value shifted = arith::ShLIOp::create(b, after, number(i32, 16));
          Value filled = arith::OrIOp::create(b, shifted, loadWord(op.getStream(), args[2], 2));
          scf::YieldOp::create(b, ValueRange{filled, add(args[2], index(2))});
        },
        [&](OpBuilder &nested, Location loc) { scf::YieldOp::create(nested, loc, ValueRange{after, args[2]}); });
    return {insert(args[0], found[0], add(first, i)), refill.getResult(0), refill.getResult(1)};
  })[0];
}

Value DecoderBuilder::buildRunLength(Value symbols, Value first, Value length, Value begin) {
  return repeat({symbols, index(0), begin}, [&](ValueRange args, Value &isOpen) -> SmallVector<Value> {
    Value run = load(op.getStream(), args[2], b.getIndexType());
    Value done = add(args[1], run), next = add(args[2], index(1));
    Value hasSymbol = arith::AndIOp::create(b, isLess(run, index(255)), isLess(done, length));
    auto symbol = scf::IfOp::create(
        b, hasSymbol,
        [&](OpBuilder &nested, Location loc) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
          Value byte = tensor::ExtractOp::create(b, op.getStream(), next);
          Value inserted = insert(args[0], byte, add(first, done));
          scf::YieldOp::create(b, ValueRange{inserted, add(done, index(1)), add(next, index(1))});
        },
        [&](OpBuilder &nested, Location loc) { scf::YieldOp::create(nested, loc, ValueRange{args[0], done, next}); });
    isOpen = isLess(symbol.getResult(1), length);
    return {symbol.getResult(0), symbol.getResult(1), symbol.getResult(2)};
  })[0];
}

/// Bytes of rank 1 as the codes' signless type, of fewer bits or of float8.
static Value viewSymbols(ImplicitLocOpBuilder &b, Value bytes, RankedTensorType type) {
  Value init = tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, type, bytes, init, maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        Type element = type.getElementType();
        Value code = isa<FloatType>(element) ? arith::BitcastOp::create(nested, loc, element, args[0]).getResult()
                                             : arith::TruncIOp::create(nested, loc, element, args[0]).getResult();
        linalg::YieldOp::create(nested, loc, code);
      });
  return generic.getResult(0);
}

FailureOr<Value> EntropyDecodeOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  Value bytes = reshapeBytes(b, DecoderBuilder(b, *this).build(), getCodes().getType().getShape());
  auto codes = cast<RankedTensorType>(getSignlessType(getCodes().getType()));
  Value result = codes.getElementType().isInteger(8) ? bytes : viewSymbols(b, bytes, codes);
  if (result.getType() == getCodes().getType())
    return result;
  return UnrealizedConversionCastOp::create(b, getCodes().getType(), result).getResult(0);
}
