// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution of low rank as two convolutions.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORIZECONVOLUTION_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORIZECONVOLUTION_H

#include "Factors.h"
#include "condense/Dialect/NN/IR/NN.h"

namespace condense::compress {

/// Decomposes one group of a filter: the matrix [outputs, inputs x kernel] for `channel`, for
/// `spatial` [outputs x width, inputs x height].
std::optional<numerics::LowRank> decomposeFilter(nn::Conv2DOp layer, ConvDecomposition kind, const FactorInput &input,
                                                 int64_t group);

/// Replaces a convolution by `<layer>.down`, to `rank` channels per group, and `<layer>.up`:
///   channel: the whole kernel, then 1x1 (Zhang et al., arXiv:1505.06798)
///   spatial: a column of the kernel, then a row (Jaderberg et al., arXiv:1405.3866)
/// The requests and all else that was said of the layer go to both. What a filter's quantization lost is
/// computed beside the layer, by `<layer>.correction.down` and `.up`.
class ConvolutionFactorizer {
public:
  ConvolutionFactorizer(const TargetRequest &request, const FactorInput &input,
                        llvm::ArrayRef<numerics::LowRank> groups);

  /// What a rank costs, per group.
  FactorCost getCost() const;
  /// Whether the rank makes the layer smaller and no slower.
  bool isCheaper(int64_t rank) const;
  /// ||W - W~|| / ||W|| of the filter.
  double getRelativeError(int64_t rank) const;
  int64_t getBytes(int64_t elements) const;
  void rewrite(int64_t rank) const;

private:
  struct Stage {
    llvm::SmallVector<int64_t> shape; // of the filter
    std::vector<float> filter;
    llvm::SmallVector<int64_t> strides, dilations, pads;
  };
  Stage makeDown(int64_t rank) const;
  Stage makeUp(int64_t rank) const;
  mlir::Value build(mlir::OpBuilder &builder, mlir::Value input, const Stage &stage, mlir::Value bias,
                    llvm::StringRef suffix) const;
  void addCorrection(mlir::OpBuilder &builder, mlir::Value correction) const;
  int64_t getKernelSize(unsigned dim) const;
  bool isSpatial() const;

  const TargetRequest &request;
  const FactorInput &input;
  llvm::ArrayRef<numerics::LowRank> groups;
  mutable nn::Conv2DOp layer; // a handle, whose accessors are not const
};

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_FACTORIZECONVOLUTION_H
