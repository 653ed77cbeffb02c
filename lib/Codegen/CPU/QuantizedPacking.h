// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of quantized activations and weights as integer products in blocks.

#ifndef CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPACKING_H
#define CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPACKING_H

#include "PanelOrder.h"
#include "QuantizedProduct.h"

#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// Rewrites `y = init + sum(float(x) * sx * float(w) * sw)` into sums of
/// `zext(x + 128) * sext(w)`, which kernels sum as integers within the blocks
/// in which no scale changes, and
///
///   init - 128 * sum(w) * sw * sx
///
/// as the new initial value. The codes of the weight are stored anew in as few
/// of 2, 4 or 8 bits as hold them: a byte has codes at distances of four in k,
/// and each is taken out of it as the upper bits of a signed byte, by one shift
/// and one mask. Codes of any size of which at most 16 are different are stored
/// as numbers of a table that stays in a register.
class QuantizedPacking {
public:
  QuantizedPacking(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::OpOperand &weight,
                   unsigned vectorLoop)
      : rewriter(rewriter), op(op), product(op, weight, vectorLoop),
        panels{vectorLoop, LoopDigits(op.getStaticLoopRanges()), std::nullopt} {}

  /// False unless `op` is such a sum and can be rewritten; with a reason if it
  /// is one.
  bool plan(std::string &reason);
  /// Replaces the operation. Returns the bytes of its weight.
  int64_t rewrite();

  /// Whether scales of blocks are integers that are multiplied with the codes,
  /// panel by panel, so that all of k is one sum of integers.
  bool isExpanded() const { return !multipliers.empty(); }
  unsigned getBits() const { return bits; }
  int64_t getBlock() const { return block; }

private:
  bool splitLoops(std::string &reason);
  void chooseBits();
  void planExpansion();
  bool checkActivationScales(std::string &reason) const;
  llvm::SmallVector<LinearForm> packedPlaces() const;
  std::vector<char> packCodes() const;
  std::vector<float> compensate() const;
  bool activationScalesMove() const;
  mlir::Value addCompensation();
  mlir::Value addBlockCompensation();
  void addWeight(llvm::SmallVectorImpl<mlir::Value> &inputs, llvm::SmallVectorImpl<mlir::AffineMap> &maps,
                 int64_t &bytes);
  mlir::Value addConstant(const HostArray &source, llvm::ArrayRef<LinearForm> at, mlir::AffineMap &map, int64_t &bytes);
  void expandCodes(mlir::Value &packed, mlir::AffineMap &packedMap, int64_t &bytes);
  unsigned getCodeLoop() const;
  mlir::Value buildCode(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value bytes, unsigned loop) const;
  void buildSum(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange args);
  mlir::AffineMap mapOf(llvm::ArrayRef<mlir::AffineExpr> at) const;

  mlir::RewriterBase &rewriter;
  mlir::linalg::LinalgOp op;
  QuantizedProduct product;
  PanelOrder panels;
  std::vector<int8_t> codes;
  /// The different codes, ascending, if their numbers are stored.
  std::vector<int8_t> table;
  std::vector<float> scales;
  std::vector<int32_t> multipliers;
  unsigned bits = 8;
  int64_t block = 0, perByte = 1;
};

/// `value` times all factors.
mlir::Value multiplyBy(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                       llvm::ArrayRef<mlir::Value> factors);

/// Erases what nothing uses, from the last operation on.
void eraseDead(mlir::Block *block);

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPACKING_H
