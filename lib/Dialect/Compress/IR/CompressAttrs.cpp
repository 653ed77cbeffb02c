// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verification of the scheme attributes: a request that no pass could honour
// is refused where it is written.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/IR/CodeType.h"

using namespace mlir;
using namespace condense::compress;

LogicalResult QuantizeSchemeAttr::verify(function_ref<InFlightDiagnostic()> emitError, Type storage, int64_t block,
                                         Type scale, ScaleAlgorithm, Ragged) {
  if (!isWeightStorage(storage))
    return emitError() << "storage must be i2, i3, i4, i8, ui2, ui3, ui4, ui8, f8E4M3FN or f8E5M2, found " << storage;
  if (block < -1)
    return emitError() << "block must be -1 (one scale for the tensor), 0 (one per output channel) or positive, found "
                       << block;
  if (!scale.isF16() && !scale.isF32())
    return emitError() << "scale must be f16 or f32, found " << scale;
  return success();
}

LogicalResult ActivationSchemeAttr::verify(function_ref<InFlightDiagnostic()> emitError, Type storage, Calibration,
                                           FloatAttr low, FloatAttr high) {
  if (!storage.isInteger(8))
    return emitError() << "storage must be i8 or ui8, found " << storage;
  if (!low != !high)
    return emitError() << "low and high must be given together";
  if (!low)
    return success();
  if (!low.getValue().isFinite() || !high.getValue().isFinite())
    return emitError() << "the range must be finite";
  if (low.getValueAsDouble() > high.getValueAsDouble())
    return emitError() << "low must not be above high";
  return success();
}
