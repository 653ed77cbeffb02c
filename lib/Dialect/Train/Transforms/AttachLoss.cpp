// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The terms of the loss that compare outputs: with labels, or with those of a teacher.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/LossFunction.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_ATTACHLOSSPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {

/// Builds the arithmetic of a loss on tensors of one element type.
struct LossBuilder {
  ImplicitLocOpBuilder b;
  Type element;

  LossBuilder(LossFunction &loss, Value output) : b(loss.getBuilder()), element(getElementTypeOrSelf(output)) {}

  static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }
  static int64_t getLast(Value value) { return getType(value).getRank() - 1; }

  Value scalar(double value) { return createScalar(b, element, value); }
  Value mul(Value lhs, Value rhs) { return nn::MulOp::create(b, lhs.getType(), lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return nn::SubOp::create(b, lhs.getType(), lhs, rhs); }

  /// Sums over the last dimension, then the mean of what is left.
  Value sumThenMean(Value value) {
    RankedTensorType type = getType(value);
    auto rows = RankedTensorType::get(type.getShape().drop_back(), element);
    Value sums = nn::ReduceSumOp::create(b, rows, value, ArrayRef<int64_t>{getLast(value)}, /*keep_dims=*/false);
    return mean(sums);
  }
  Value mean(Value value) {
    if (getType(value).getRank() == 0)
      return value;
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, getType(value).getRank()));
    return nn::ReduceMeanOp::create(b, RankedTensorType::get({}, element), value, axes, /*keep_dims=*/false);
  }

  /// Logarithms of the probabilities at a temperature.
  Value logProbabilities(Value logits, double temperature) {
    Value scaled = temperature == 1 ? logits : mul(logits, scalar(1 / temperature));
    return nn::LogSoftmaxOp::create(b, scaled, getLast(scaled));
  }

  Value choose(Value logits) {
    auto type = RankedTensorType::get(getType(logits).getShape().drop_back(), b.getI64Type());
    return nn::ArgMaxOp::create(b, type, logits, getLast(logits), /*keep_dims=*/false, /*last=*/false);
  }
  /// How often two choices are the same.
  Value agreement(Value lhs, Value rhs) {
    ArrayRef<int64_t> shape = getType(lhs).getShape();
    Value same = nn::CompareOp::create(b, RankedTensorType::get(shape, b.getI1Type()), nn::Comparison::EQ, lhs, rhs);
    return mean(nn::CastOp::create(b, RankedTensorType::get(shape, element), same, element));
  }
};

struct AttachLossPass : train::impl::AttachLossPassBase<AttachLossPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(checkOptions()))
      return signalPassFailure();
    FailureOr<LossFunction> loss = LossFunction::getOrCreate(getOperation());
    if (succeeded(loss) && optional && kind == "distill" && !loss->hasTeacher())
      return;
    if (failed(loss) || failed(attach(*loss)))
      signalPassFailure();
  }

private:
  LogicalResult checkOptions() {
    if (!llvm::is_contained({"cross-entropy", "mse", "distill"}, kind))
      return getOperation().emitError() << "kind: unknown loss '" << kind
                                        << "'; expected cross-entropy, mse or distill";
    if (!(weight > 0))
      return getOperation().emitError() << "weight: " << weight << " is not positive";
    if (!(labelSmoothing >= 0 && labelSmoothing < 1))
      return getOperation().emitError() << "label-smoothing: " << labelSmoothing << " is not at least 0 and below 1";
    if (!(temperature > 0))
      return getOperation().emitError() << "temperature: " << temperature << " is not positive";
    return success();
  }

  LogicalResult attach(LossFunction &loss) {
    if (kind == "mse")
      return attachSquaredError(loss);
    Value logits = loss.getLogits(output, /*ofTeacher=*/false);
    if (!logits)
      return failure();
    return kind == "distill" ? attachDistillation(loss, logits) : attachCrossEntropy(loss, logits);
  }

  LogicalResult attachCrossEntropy(LossFunction &loss, Value logits) {
    auto type = cast<RankedTensorType>(logits.getType());
    int64_t classes = type.getShape().back();
    if (ShapedType::isDynamic(classes) || classes < 2)
      return loss.getFunction().emitError()
             << "output " << unsigned(output) << " of type " << type << " has no known number of classes";
    LossBuilder in(loss, logits);
    Value labels = loss.getLabels(RankedTensorType::get(type.getShape().drop_back(), in.b.getI32Type()));
    if (!labels)
      return failure();
    Value on = in.scalar(1 - labelSmoothing + labelSmoothing / classes), off = in.scalar(labelSmoothing / classes);
    Value targets = nn::OneHotOp::create(in.b, type, labels, on, off, type.getRank() - 1, classes);
    Value likelihood = in.mul(in.logProbabilities(logits, 1), targets);
    Value mean = in.sumThenMean(likelihood);
    loss.addTerm("cross_entropy", nn::NegOp::create(in.b, mean), weight);
    Value wide = nn::CastOp::create(in.b, cast<RankedTensorType>(labels.getType()).clone(in.b.getI64Type()), labels,
                                    in.b.getI64Type());
    loss.addMetric("accuracy", in.agreement(in.choose(logits), wide));
    return success();
  }

  LogicalResult attachDistillation(LossFunction &loss, Value logits) {
    Value teacher = loss.getLogits(output, /*ofTeacher=*/true);
    if (!teacher)
      return failure();
    if (teacher.getType() != logits.getType())
      return loss.getFunction().emitError()
             << "output " << unsigned(output) << " of the teacher is " << teacher.getType() << ", that of the network "
             << logits.getType() << ": expected the same";
    LossBuilder in(loss, logits);
    Value expected = in.logProbabilities(teacher, temperature), found = in.logProbabilities(logits, temperature);
    Value divergence = in.mul(nn::ExpOp::create(in.b, expected), in.sub(expected, found));
    Value mean = in.sumThenMean(divergence);
    loss.addTerm("distill", in.mul(mean, in.scalar(temperature * temperature)), weight);
    loss.addMetric("agreement", in.agreement(in.choose(logits), in.choose(teacher)));
    return success();
  }

  LogicalResult attachSquaredError(LossFunction &loss) {
    Value value = loss.getOutput(output, /*ofTeacher=*/false);
    if (!value)
      return failure();
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !isa<FloatType>(type.getElementType()))
      return loss.getFunction().emitError()
             << "output " << unsigned(output) << " of type " << value.getType() << " is no tensor of floats";
    Value labels = loss.getLabels(type);
    if (!labels)
      return failure();
    LossBuilder in(loss, value);
    Value difference = in.sub(value, labels);
    loss.addTerm("squared_error", in.mean(in.mul(difference, difference)), weight);
    return success();
  }
};
} // namespace
