// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Unpacks codes at compile time where the rows do not begin at whole bytes.
//
// The code at a given place then starts at a bit that no loop can step to, and
// finding it costs more than the product it is for. Only small layers have
// such rows (three input channels, for example).

#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"

#include "mlir/IR/Remarks.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENWIDENODDCODESPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

/// Rows, or codes that do not divide a byte, begin inside of bytes.
static bool hasOddRows(RankedTensorType codes, int64_t width) {
  return codes.getRank() > 0 && width < 8 && (8 % width != 0 || (codes.getShape().back() * width) % 8 != 0);
}

/// The codes of `width` bits in a byte each, sign-extended if they are signed.
static std::vector<char> widen(ArrayRef<uint8_t> bytes, int64_t count, int64_t width, bool isSigned) {
  std::vector<char> result(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t bit = i * width, byte = bit / 8;
    unsigned pair = bytes[byte];
    if (bit % 8 + width > 8)
      pair |= unsigned(bytes[byte + 1]) << 8;
    unsigned code = (pair >> (bit % 8)) & ((1u << width) - 1);
    bool isNegative = isSigned && (code >> (width - 1));
    result[i] = static_cast<char>(isNegative ? code | (~0u << width) : code);
  }
  return result;
}

static bool usersAreLookUps(compress::UnpackOp op) {
  return llvm::all_of(op->getUsers(), llvm::IsaPred<compress::LookupOp>);
}

/// Whether every user takes codes of any width.
static bool usersTakeBytes(compress::UnpackOp op) {
  return usersAreLookUps(op) || llvm::all_of(op->getUsers(), [](Operation *user) {
           auto dequantize = dyn_cast<compress::DequantizeOp>(user);
           return dequantize && !dequantize.getZeroPoints();
         });
}

namespace {

struct WidenOddCodesPass : condense::impl::CodegenWidenOddCodesPassBase<WidenOddCodesPass> {
  void runOnOperation() override {
    SmallVector<compress::UnpackOp> operations;
    getOperation().walk([&](compress::UnpackOp op) { operations.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (compress::UnpackOp op : operations)
      widenCodes(rewriter, op);
  }

  void widenCodes(RewriterBase &rewriter, compress::UnpackOp op) {
    auto type = cast<RankedTensorType>(op.getCodes().getType());
    auto code = dyn_cast<IntegerType>(type.getElementType());
    std::optional<TensorConstant> bytes = getTensorConstant(op.getBytes());
    if (!code || !bytes || !usersTakeBytes(op) || !hasOddRows(type, code.getWidth()))
      return;
    // Indices are unsigned, whatever their type says.
    bool isSigned = !code.isUnsigned() && !usersAreLookUps(op);
    Type byte = IntegerType::get(&getContext(), 8, isSigned ? IntegerType::Signless : IntegerType::Unsigned);
    rewriter.setInsertionPoint(op);
    Value widened = createTensorConstant(rewriter, op.getLoc(), RankedTensorType::get(type.getShape(), byte),
                                         widen(bytes->as<uint8_t>(), type.getNumElements(), code.getWidth(), isSigned),
                                         bytes->getName());
    remark::passed(op.getLoc(), remark::RemarkOpts::name("widen-codes").category("codegen"))
        << "codes unpacked at compile time: they do not begin at whole bytes";
    rewriter.replaceOp(op, widened);
    ++numWidened;
  }
};

} // namespace
