// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the ranges and moments of activations by running the model over samples.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H

#include "Samples.h"
#include "mlir/IR/BuiltinOps.h"

namespace condense::tool {

struct CalibrationSamples {
  std::vector<SampleFile> files;
  evaluation::Preprocessing preprocessing;
  int threads = 0; ///< 0: all CPUs
};

/// Observes what the requests in `module` (the model in `modelPath`, annotated)
/// need to know about activations, and writes it to `statisticsPath` in the form
/// that compress-apply-ranges and LayerStatistics read. `observers` is the pass
/// that inserts the observers. Memory does not grow with the number of samples.
/// `module` is not changed.
llvm::Error calibrate(mlir::ModuleOp module, llvm::StringRef modelPath, const CalibrationSamples &samples,
                      llvm::StringRef observers, llvm::StringRef statisticsPath);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_CALIBRATION_H
