// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schedules of the learning rate.

#include "LearningRate.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/Transforms/LossFunction.h"
#include "llvm/ADT/STLExtras.h"
#include <numbers>

using namespace mlir;
using namespace condense;
using namespace condense::train;

std::string LearningRate::check() const {
  if (!llvm::is_contained({"constant", "step", "cosine", "linear"}, schedule))
    return "schedule: unknown schedule '" + schedule + "'; expected constant, step, cosine or linear";
  if (!(start > 0))
    return "learning-rate: " + std::to_string(start) + " is not positive";
  if (!(factor >= 0 && factor <= 1))
    return "factor: " + std::to_string(factor) + " is not from 0 to 1";
  if (warmupSteps < 0)
    return "warmup-steps: " + std::to_string(warmupSteps) + " is negative";
  if (schedule == "step" && interval < 1)
    return "interval: " + std::to_string(interval) + " is not positive";
  if ((schedule == "cosine" || schedule == "linear") && totalSteps <= warmupSteps)
    return "total-steps: " + std::to_string(totalSteps) + " is not more than warmup-steps, " +
           std::to_string(warmupSteps);
  return "";
}

namespace {
/// Arithmetic on scalars.
struct Scalars {
  ImplicitLocOpBuilder &b;
  Value constant(double value) { return createScalar(b, b.getF64Type(), value); }
  Value add(Value lhs, Value rhs) { return nn::AddOp::create(b, lhs.getType(), lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return nn::SubOp::create(b, lhs.getType(), lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return nn::MulOp::create(b, lhs.getType(), lhs, rhs); }
  Value limit(Value value) {
    return nn::ClampOp::create(b, value.getType(), value, b.getF64FloatAttr(0), b.getF64FloatAttr(1));
  }
};
} // namespace

Value LearningRate::build(ImplicitLocOpBuilder &b, Value step) const {
  Scalars in{b};
  Value share = in.constant(1);
  if (schedule == "step") {
    Value reductions = nn::FloorOp::create(b, in.mul(step, in.constant(1.0 / interval)));
    share = nn::PowOp::create(b, step.getType(), in.constant(factor), reductions);
  } else if (schedule != "constant") {
    Value since = in.sub(step, in.constant(warmupSteps));
    Value progress = in.limit(in.mul(since, in.constant(1.0 / (totalSteps - warmupSteps))));
    // what is left, from 1 down to 0
    Value left = in.sub(in.constant(1), progress);
    if (schedule == "cosine") {
      Value cosine = nn::CosOp::create(b, in.mul(progress, in.constant(std::numbers::pi)));
      left = in.mul(in.add(cosine, in.constant(1)), in.constant(0.5));
    }
    share = in.add(in.mul(left, in.constant(1 - factor)), in.constant(factor));
  }
  if (warmupSteps > 0) {
    Value risen = in.limit(in.mul(in.add(step, in.constant(1)), in.constant(1.0 / warmupSteps)));
    share = in.mul(share, risen);
  }
  return in.mul(share, in.constant(start));
}
