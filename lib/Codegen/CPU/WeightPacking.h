// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order in which the kernel of one operation reads its weight.

#ifndef CONDENSE_LIB_CODEGEN_CPU_WEIGHTPACKING_H
#define CONDENSE_LIB_CODEGEN_CPU_WEIGHTPACKING_H

#include "AccessAnalysis.h"
#include "DotProduct.h"
#include "PanelOrder.h"
#include "WeightInliner.h"

#include "mlir/IR/PatternMatch.h"

namespace condense::codegen {

/// How often `op` uses each element that it reads by `map`; 0 if that is not known.
int64_t countUses(mlir::linalg::LinalgOp op, mlir::AffineMap map);

/// Pulls the expression that makes `weight` into `op`, and stores its constants
/// in the order of the loops that read them, lanes along `vectorLoop` last.
class WeightPacking {
public:
  WeightPacking(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::OpOperand &weight, unsigned vectorLoop)
      : rewriter(rewriter), op(op), weight(weight),
        panels{vectorLoop, LoopDigits(op.getStaticLoopRanges()), std::nullopt} {}

  /// Decides the digits; false with a reason if there is no order. `vnni`:
  /// products of bytes are stored in groups of four.
  bool plan(bool vnni, std::string &reason);
  /// Nothing to do: a plain constant whose dimensions are the digits already.
  bool isInOrder();
  /// Replaces the operation. Returns the bytes of its weight. A weight that takes at most `mostStored` bytes when it is
  /// decoded, and is used so often that this pays, is decoded before the operation.
  int64_t rewrite(int64_t mostStored);
  /// After rewriting: how often each element of a weight is used that is decoded before; 0 if it is not.
  int64_t getStoredUses() const { return storedUses; }

private:
  int64_t getWidestPanel();
  bool planDotProduct(std::string &reason);
  mlir::Value padInput(mlir::Value input);
  int64_t addLeaves(llvm::SmallVectorImpl<mlir::Value> &inputs, llvm::SmallVectorImpl<mlir::AffineMap> &maps);
  mlir::linalg::GenericOp decode(mlir::ValueRange leaves, llvm::ArrayRef<mlir::AffineMap> maps,
                                 mlir::AffineMap &decodedMap);
  void storeDecoded(llvm::SmallVectorImpl<mlir::Value> &leaves, llvm::SmallVectorImpl<mlir::AffineMap> &maps,
                    int64_t mostStored);
  void buildBody(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange arguments);

  mlir::RewriterBase &rewriter;
  mlir::linalg::LinalgOp op;
  mlir::OpOperand &weight;
  PanelOrder panels;
  LoopDigits &digits = panels.digits;
  WeightInliner inliner;
  /// The operand that is padded along the loop of groups, if it is, and in which
  /// dimension.
  mlir::OpOperand *padded = nullptr;
  int64_t paddedDim = 0;
  int64_t storedUses = 0;
};

} // namespace condense::codegen

#endif // CONDENSE_LIB_CODEGEN_CPU_WEIGHTPACKING_H
