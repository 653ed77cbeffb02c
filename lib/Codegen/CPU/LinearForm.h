// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loops cut into digits, so that divisions and remainders of their indices
// become linear.

#ifndef CONDENSE_LIB_CODEGEN_CPU_LINEARFORM_H
#define CONDENSE_LIB_CODEGEN_CPU_LINEARFORM_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"
#include <optional>

namespace condense::codegen {

/// `offset + sum(factors[i] * loop i)`.
struct LinearForm {
  llvm::SmallVector<int64_t> factors;
  int64_t offset = 0;

  mlir::AffineExpr toAffine(mlir::MLIRContext *context) const;
};

/// Each loop of an operation written as several: `loop = sum(digit * stride)`,
/// outermost first.
class LoopDigits {
public:
  explicit LoopDigits(llvm::ArrayRef<int64_t> sizes);

  /// Makes `loop` a loop over blocks and one inside of them for each given
  /// block size. False unless each size divides the next one and the loop's.
  bool split(unsigned loop, llvm::ArrayRef<int64_t> blockSizes);

  /// Splits until `expr`, over the original loops, is linear in the digits.
  /// False if a division or remainder is not of one loop, or does not fit the
  /// others.
  bool splitFor(mlir::AffineExpr expr);

  /// `expr` over the original loops, in digits; nothing if it is not linear in
  /// them.
  std::optional<LinearForm> linearize(mlir::AffineExpr expr) const;

  /// The map over the original loops, over the digits. Every result must be
  /// linear in them.
  std::optional<mlir::AffineMap> rewrite(mlir::AffineMap map) const;

  /// The sizes of all digits, in the order of the loops.
  llvm::ArrayRef<int64_t> getSizes() const { return sizes; }
  /// How many elements of its loop a digit counts at a time.
  llvm::ArrayRef<int64_t> getStrides() const { return strides; }
  /// The original loop of a digit.
  unsigned getLoop(unsigned digit) const { return loops[digit]; }
  /// The digit of `loop` that counts single elements.
  unsigned getInnermost(unsigned loop) const;

private:
  bool splitAt(mlir::AffineExpr expr, int64_t divisor);
  LinearForm formOf(unsigned loop) const;

  llvm::SmallVector<int64_t> sizes, strides;
  llvm::SmallVector<unsigned> loops;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_LINEARFORM_H
