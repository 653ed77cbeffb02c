// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verification of the scheme attributes: a request that no pass could honour
// is refused where it is written.

#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include <cmath>

using namespace mlir;
using namespace condense::compress;

namespace {
using EmitError = function_ref<InFlightDiagnostic()>;
}

/// Absent, or a number in `[low, high]`.
static LogicalResult verifyNumber(EmitError emitError, StringRef name, FloatAttr value, double low, double high) {
  if (!value || (value.getValueAsDouble() >= low && value.getValueAsDouble() <= high))
    return success();
  return emitError() << name << " must be between " << low << " and " << high << ", found " << value.getValueAsDouble();
}

/// Absent, or two positive sizes.
static LogicalResult verifyBlockShape(EmitError emitError, DenseI64ArrayAttr block) {
  if (!block || (block.size() == 2 && block[0] > 0 && block[1] > 0))
    return success();
  return emitError() << "block must be the positive rows and columns of a block";
}

static LogicalResult verifyGroups(EmitError emitError, int64_t n, int64_t m) {
  if (n == 0 && m == 0)
    return success();
  if (n > 0 && n < m && m <= 16)
    return success();
  return emitError() << "requires 0 < n < m <= 16, found n = " << n << " and m = " << m;
}

static LogicalResult verifyCodebook(EmitError emitError, Type storage, DenseF32ArrayAttr codebook) {
  if (!codebook)
    return success();
  ArrayRef<float> values = codebook.asArrayRef();
  if (!isa<IntegerType>(storage) || values.size() < 2 || values.size() > (1u << storage.getIntOrFloatBitWidth()))
    return emitError() << "codebook must have from 2 to 2^width values for codes of " << storage;
  for (auto [index, value] : llvm::enumerate(values))
    if (!std::isfinite(value) || (index != 0 && values[index - 1] >= value))
      return emitError() << "codebook must hold finite values in ascending order";
  return success();
}

LogicalResult QuantizeSchemeAttr::verify(EmitError emitError, Type storage, int64_t block, Type scale, ScaleAlgorithm,
                                         Ragged, DenseF32ArrayAttr codebook, int64_t scaleBlock, FloatAttr damping,
                                         bool, bool) {
  if (!isWeightStorage(storage))
    return emitError() << "storage must be iN or uiN with N from 2 to 8, f8E4M3FN or f8E5M2, found " << storage;
  if (block < -1)
    return emitError() << "block must be -1 (one scale for the tensor), 0 (one per output channel) or positive, found "
                       << block;
  if (!scale.isF16() && !scale.isF32() && !isa<Float8E8M0FNUType>(scale))
    return emitError() << "scale must be f16, f32 or f8E8M0FNU, found " << scale;
  if (scaleBlock < -1)
    return emitError() << "scale_block must be -1 (one f32 scale per output channel), 0 or positive, found "
                       << scaleBlock;
  if (scaleBlock == -1 && (block <= 0 || codebook || !storage.isSignlessInteger() || storage.isInteger(8)))
    return emitError() << "scale_block = -1 requires block > 0 and storage i2 to i7 without a codebook";
  if (scaleBlock != 0 && isa<Float8E8M0FNUType>(scale))
    return emitError() << "scale_block excludes scales that are powers of two";
  return success(succeeded(verifyCodebook(emitError, storage, codebook)) &&
                 succeeded(verifyNumber(emitError, "damping", damping, 0, 1)));
}

LogicalResult PruneSchemeAttr::verify(EmitError emitError, FloatAttr sparsity, int64_t n, int64_t m,
                                      DenseI64ArrayAttr block, PruneMethod, PruneScope, PositionFormat,
                                      FloatAttr damping) {
  if (!sparsity == (m == 0))
    return emitError() << "requires either sparsity or n and m";
  if (m != 0 && block)
    return emitError() << "n and m exclude block";
  return success(succeeded(verifyNumber(emitError, "sparsity", sparsity, 0, 1)) &&
                 succeeded(verifyGroups(emitError, n, m)) && succeeded(verifyBlockShape(emitError, block)) &&
                 succeeded(verifyNumber(emitError, "damping", damping, 0, 1)));
}

LogicalResult ClusterSchemeAttr::verify(EmitError emitError, int64_t entries, int64_t group, Type value, bool, bool,
                                        StringAttr share) {
  if (entries < 2 || entries > 256)
    return emitError() << "entries must be from 2 to 256, found " << entries;
  if (group < 0)
    return emitError() << "group must not be negative, found " << group;
  if (!value.isF16() && !value.isF32())
    return emitError() << "value must be f16 or f32, found " << value;
  if (share && (share.empty() || group != 0))
    return emitError() << "share must be a name, and excludes group";
  return success();
}

LogicalResult FactorizeSchemeAttr::verify(EmitError emitError, int64_t rank, FloatAttr energy, FloatAttr error,
                                          FloatAttr bytes, FloatAttr macs, FactorizeAlgorithm, ConvDecomposition) {
  if (rank < 0)
    return emitError() << "rank must be positive, found " << rank;
  if ((rank > 0) + !!energy + !!error + !!bytes + !!macs != 1)
    return emitError() << "requires exactly one of rank, energy, error, bytes and macs";
  for (auto [name, value] : {std::pair("energy", energy), {"error", error}, {"bytes", bytes}, {"macs", macs}})
    if (failed(verifyNumber(emitError, name, value, 0, 1)))
      return failure();
  return success();
}

LogicalResult ShareSchemeAttr::verify(EmitError emitError, StringAttr group, int64_t rank) {
  if (group.empty() || rank <= 0)
    return emitError() << "requires the name of a group and a positive rank";
  return success();
}

LogicalResult StructuredPruneSchemeAttr::verify(EmitError emitError, FloatAttr ratio, ChannelImportance,
                                                int64_t multipleOf, bool) {
  if (multipleOf <= 0)
    return emitError() << "multiple_of must be positive, found " << multipleOf;
  return verifyNumber(emitError, "ratio", ratio, 0, 1);
}

LogicalResult EntropyCodeSchemeAttr::verify(EmitError emitError, Coder, int64_t block, bool) {
  if (block < 256 || block > (int64_t(1) << 24))
    return emitError() << "block must be from 256 to 2^24 symbols, found " << block;
  return success();
}

LogicalResult PositionsAttr::verify(EmitError emitError, PositionFormat format, int64_t n, int64_t m,
                                    DenseI64ArrayAttr block) {
  if (format == PositionFormat::Automatic)
    return emitError() << "the format of positions must be bitmap, n_m, relative or list";
  if ((format == PositionFormat::NM) != (m != 0) || (m != 0 && block))
    return emitError() << "n and m belong to n_m, block to the other formats";
  return success(succeeded(verifyGroups(emitError, n, m)) && succeeded(verifyBlockShape(emitError, block)));
}

LogicalResult StructureAttr::verify(EmitError emitError, int64_t zeros, int64_t n, int64_t m, DenseI64ArrayAttr block,
                                    int64_t values) {
  if (zeros < 0 || values < 0)
    return emitError() << "zeros and values must not be negative";
  return success(succeeded(verifyGroups(emitError, n, m)) && succeeded(verifyBlockShape(emitError, block)));
}

LogicalResult ActivationSchemeAttr::verify(function_ref<InFlightDiagnostic()> emitError, Type storage,
                                           Calibration calibration, FloatAttr low, FloatAttr high, int64_t block) {
  if (!storage.isInteger(8))
    return emitError() << "storage must be i8 or ui8, found " << storage;
  if (!low != !high)
    return emitError() << "low and high must be given together";
  bool isDynamic = calibration == Calibration::Dynamic;
  if (block < 0 || (block > 0 && !isDynamic))
    return emitError() << "block is of dynamic quantization and must not be negative, found " << block;
  if (isDynamic && (low || !storage.isSignlessInteger()))
    return emitError() << "dynamic quantization is symmetric: it takes storage i8 and no range";
  if (!low)
    return success();
  if (!low.getValue().isFinite() || !high.getValue().isFinite())
    return emitError() << "the range must be finite";
  if (low.getValueAsDouble() > high.getValueAsDouble())
    return emitError() << "low must not be above high";
  return success();
}
