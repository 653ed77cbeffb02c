// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sums of products of a quantized activation and a quantized constant weight.

#ifndef CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPRODUCT_H
#define CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPRODUCT_H

#include "RelayConstant.h"
#include "WeightInliner.h"

#include <string>
#include <vector>

namespace condense::codegen {

/// `y[..., n] += sum over k of float(codes(x)) * sx * float(codes(w)) * sw`,
/// with 8-bit codes of an activation and integers that constants hold, in
/// whatever form: what the weight's expression computes from its bytes is
/// evaluated, not matched.
class QuantizedProduct {
public:
  QuantizedProduct(mlir::linalg::LinalgOp op, mlir::OpOperand &weight, unsigned lanes)
      : op(op), weight(&weight), lanes(lanes) {}

  /// Whether `op` is such a sum; with a reason if only the weight is in the way.
  bool match(std::string &reason);

  /// The integers of the weight, `[n, k]`; nothing if some are not, or do not
  /// fit 8 bits.
  std::optional<std::vector<int8_t>> decode() const;
  /// The product of the weight's scales for each n and block of k, for
  /// reductions cut like `digits` into blocks of `block`.
  std::optional<std::vector<float>> evaluateScales(const LoopDigits &digits, int64_t block) const;

  /// The product of those of these scales that change along the reduction, if
  /// all of them are integers.
  std::optional<std::vector<int32_t>> evaluateMultipliers(const LoopDigits &digits, int64_t block) const;

  /// The factors of the activation and the weight besides the codes, for given
  /// elements of their leaves; also of only one of them. Without multipliers:
  /// only the weight's factors that do not change along the reduction.
  llvm::SmallVector<mlir::Value> buildScales(mlir::OpBuilder &builder, mlir::Location loc, const LoopDigits &digits,
                                             llvm::ArrayRef<mlir::Value> activations,
                                             llvm::ArrayRef<mlir::Value> weights, bool multipliers = true);
  /// Whether a scale of the weight changes along the reduction.
  bool isMultiplier(size_t leaf) const;

  int64_t getLaneCount() const { return loopSizes[lanes]; }
  int64_t getReductionSize() const { return loopSizes[reduction]; }

  mlir::linalg::LinalgOp op;
  mlir::OpOperand *weight, *activation = nullptr;
  /// The loops of n and k.
  unsigned lanes, reduction = 0;
  WeightInliner activations, weights;
  /// The leaves that hold the codes.
  size_t activationCodes = 0, weightCodes = 0;

private:
  bool findOperands();
  bool splitLoops();
  bool findCodes(std::string &reason);
  std::vector<int64_t> findIndexLoops(mlir::Value factor) const;
  std::optional<std::vector<std::vector<int8_t>>> evaluateTables(llvm::ArrayRef<int64_t> indexLoops) const;
  bool isMultiplierFactor(mlir::Value factor) const;
  std::optional<std::vector<float>> multiplyFactors(const LoopDigits &digits, int64_t block,
                                                    llvm::function_ref<bool(mlir::Value)> select) const;
  bool multiplyBy(mlir::Value factor, const LoopDigits &digits, llvm::ArrayRef<unsigned> order,
                  std::vector<float> &products) const;
  llvm::SmallVector<int64_t> unknownLoops() const;

  llvm::SmallVector<int64_t> loopSizes;
  /// The loops, cut so that the weight is read at linear places.
  LoopDigits digits{{}};
  /// The product for one element, of the elements of all leaves.
  mlir::Region scratch;
  mlir::Block *body = nullptr;
  /// The factors of both operands, and which of them are the codes.
  llvm::SmallVector<mlir::Value> activationFactors, weightFactors;
  size_t activationFactor = 0, weightFactor = 0;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_QUANTIZEDPRODUCT_H
