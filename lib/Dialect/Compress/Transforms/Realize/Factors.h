// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Low-rank factors of a target, shared by the passes that make them.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORS_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORS_H

#include "TargetGram.h"
#include "condense/Numerics/LowRank.h"

namespace condense::compress {

/// A target as matrices `[groups, rows, columns]`, with the Gram matrices of what it is multiplied
/// with (empty for plain SVD).
struct FactorInput {
  WeightMatrix matrix;
  std::vector<float> weight;
  TargetGram gram;

  std::span<const float> getWeight(int64_t group) const;
  std::span<const float> getGram(int64_t group) const;
};

/// Why a target cannot be factorized; empty if it can. Only convolutions may have groups.
llvm::StringRef getFactorObstacle(const TargetRequest &request, bool isConvolution);

/// Reads the target of `requests`. Fails with a diagnostic when its data cannot be read.
mlir::FailureOr<FactorInput> readFactorInput(llvm::ArrayRef<TargetRequest> requests);

/// Adds the Gram matrices of the layers of `requests`. Fails with a diagnostic, which names `what`
/// needs them and the `alternative`, when one was not measured.
mlir::LogicalResult addGram(FactorInput &input, llvm::ArrayRef<TargetRequest> requests,
                            const std::optional<LayerStatistics> &statistics, llvm::StringRef what,
                            llvm::StringRef alternative);

/// The rank that `scheme` asks for: the largest that any group needs. `size` elements and `macs`
/// multiplications (of one group, per output) become `sizePerRank` and `macsPerRank` for each rank.
/// 0 when the budget allows none.
struct FactorCost {
  int64_t size, sizePerRank, macs, macsPerRank;
};
int64_t chooseRank(FactorizeSchemeAttr scheme, llvm::ArrayRef<numerics::LowRank> groups, const FactorCost &cost);

/// `rank 8, output error 0.0123`, over all groups.
std::string describeFactors(llvm::ArrayRef<numerics::LowRank> groups, int64_t rank, bool whitened);

/// A constant of `values`, rounded to `elementType`.
mlir::Value createFloatConstant(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<int64_t> shape,
                                mlir::Type elementType, llvm::ArrayRef<float> values, const llvm::Twine &name);

/// `left * right` as the value of a target of rank 2: `matmul(left, right)`, or when the rows of
/// its matrix are its columns, `matmul(right^T, left^T)`. The operands have the order of the result.
struct FactorOperands {
  mlir::Value left, right;
};
mlir::Value createLeft(mlir::OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                       llvm::ArrayRef<float> values, const llvm::Twine &name);
mlir::Value createRight(mlir::OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                        llvm::ArrayRef<float> values, const llvm::Twine &name);
mlir::Value createProduct(mlir::OpBuilder &builder, const TargetRequest &request, const WeightMatrix &matrix,
                          FactorOperands operands);

/// `||A - left * right||^2` for a matrix `A` [rows, columns].
double getSquaredError(std::span<const float> values, int64_t columns, const numerics::LowRankFactors &factors);

/// The norm of the whole weight of a layer whose target was read: relative errors refer to it.
double getWeightNorm(const TargetRequest &request, llvm::ArrayRef<float> target);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORS_H
