// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the ranges of activations by running the model over samples.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H

#include "condense/Evaluation/Preprocessing.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace condense::tool {

struct CalibrationSamples {
  std::string path; ///< the .npy file, for messages
  npy::Array array;
  evaluation::Preprocessing preprocessing;
};

/// Observes every activation that `module` (the model in `modelPath`,
/// annotated) asks a range for, and writes the ranges to `statisticsPath` in
/// the form that compress-apply-ranges reads. Memory does not grow with the
/// number of samples. `module` is not changed.
llvm::Error calibrate(mlir::ModuleOp module, llvm::StringRef modelPath,
                      const CalibrationSamples &samples,
                      llvm::StringRef statisticsPath);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H
