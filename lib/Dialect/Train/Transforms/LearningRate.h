// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The learning rate as a function of the step, in IR.

#ifndef CONDENSE_LIB_DIALECT_TRAIN_TRANSFORMS_LEARNINGRATE_H
#define CONDENSE_LIB_DIALECT_TRAIN_TRANSFORMS_LEARNINGRATE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <string>

namespace condense::train {

struct LearningRate {
  std::string schedule;
  double start;
  int64_t warmupSteps, totalSteps, interval;
  double factor;

  /// What is wrong with it, or "".
  std::string check() const;
  /// A tensor<f64> for the number of the step, a tensor<f64> too.
  mlir::Value build(mlir::ImplicitLocOpBuilder &b, mlir::Value step) const;
};

} // namespace condense::train

#endif // CONDENSE_LIB_DIALECT_TRAIN_TRANSFORMS_LEARNINGRATE_H
