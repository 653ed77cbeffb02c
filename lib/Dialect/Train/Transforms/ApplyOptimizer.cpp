// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes the training step from the gradient of the loss.

#include "LearningRate.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/LossFunction.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_APPLYOPTIMIZERPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

namespace {

/// A result that is to be returned.
struct Returned {
  Value value;
  DictionaryAttr attributes;
};

/// Arithmetic in the type of the first operand, with which the second broadcasts.
struct Arithmetic {
  ImplicitLocOpBuilder &b;
  Value constant(Value like, double value) { return createScalar(b, getElementTypeOrSelf(like), value); }
  Value add(Value lhs, Value rhs) { return nn::AddOp::create(b, lhs.getType(), lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return nn::SubOp::create(b, lhs.getType(), lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return nn::MulOp::create(b, lhs.getType(), lhs, rhs); }
  Value div(Value lhs, Value rhs) { return nn::DivOp::create(b, lhs.getType(), lhs, rhs); }
  Value scale(Value value, double factor) { return factor == 1 ? value : mul(value, constant(value, factor)); }
  Value cast(Value value, Type element) {
    auto type = mlir::cast<RankedTensorType>(value.getType());
    return type.getElementType() == element ? value
                                            : nn::CastOp::create(b, type.clone(element), value, element).getOutput();
  }
  /// The sum of the squares, in f64: columns first, which are vectors.
  Value squares(Value value) {
    value = mul(value, value);
    auto type = mlir::cast<RankedTensorType>(value.getType());
    if (type.getRank() > 1) {
      SmallVector<int64_t> rows = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank() - 1));
      type = RankedTensorType::get(type.getShape().take_back(), type.getElementType());
      value = nn::ReduceSumOp::create(b, type, value, rows, /*keep_dims=*/false);
    }
    value = cast(value, b.getF64Type());
    if (type.getRank() == 0)
      return value;
    return nn::ReduceSumOp::create(b, RankedTensorType::get({}, b.getF64Type()), value, ArrayRef<int64_t>{0},
                                   /*keep_dims=*/false);
  }
};

struct ApplyOptimizerPass : train::impl::ApplyOptimizerPassBase<ApplyOptimizerPass> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(checkOptions()))
      return signalPassFailure();
    func::FuncOp function = findFunction(getOperation(), "loss_gradient");
    if (!function || failed(apply(function)))
      return signalPassFailure();
    for (func::FuncOp other : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (other != function)
        other.erase();
    function.setName("step");
    function.setPublic();
  }

private:
  LogicalResult checkOptions() {
    auto fail = [&](const Twine &message) { return getOperation().emitError() << message; };
    if (kind != "sgd" && kind != "adamw")
      return fail("kind: unknown optimizer '" + kind + "'; expected sgd or adamw");
    if (std::string problem = getLearningRate().check(); !problem.empty())
      return fail(problem);
    using Named = std::pair<const char *, double>;
    for (auto [name, value] : {Named("momentum", momentum), Named("beta1", beta1), Named("beta2", beta2)})
      if (!(value >= 0 && value < 1))
        return fail(Twine(name) + ": " + Twine(std::to_string(value)) + " is not at least 0 and below 1");
    for (auto [name, value] :
         {Named("weight-decay", weightDecay), Named("clip-norm", clipNorm), Named("epsilon", epsilon)})
      if (!(value >= 0))
        return fail(Twine(name) + ": " + Twine(std::to_string(value)) + " is negative");
    return success();
  }

  LearningRate getLearningRate() const { return {schedule, learningRate, warmupSteps, totalSteps, interval, factor}; }

  LogicalResult apply(func::FuncOp step) {
    SmallVector<unsigned> parameters = getArgsOfRole(step, Role::Parameter);
    auto returns = cast<func::ReturnOp>(step.front().getTerminator());
    SmallVector<unsigned> gradients = getResultsOfRole(step, Role::Gradient);
    SmallVector<unsigned> losses = getResultsOfRole(step, Role::Loss);
    if (parameters.empty() || gradients.size() != parameters.size() || losses.size() != 1)
      return step.emitError() << "@loss_gradient has " << parameters.size() << " parameters, " << gradients.size()
                              << " gradients and " << losses.size()
                              << " losses: expected one gradient for each parameter, and one loss";
    for (auto [parameter, gradient] : llvm::zip_equal(parameters, gradients))
      if (step.getArgumentTypes()[parameter] != step.getResultTypes()[gradient])
        return step.emitError() << "the gradient of parameter '" << getArgName(step, parameter) << "' is "
                                << step.getResultTypes()[gradient] << ", the parameter "
                                << step.getArgumentTypes()[parameter];
    ImplicitLocOpBuilder b(NameLoc::get(StringAttr::get(&getContext(), "optimizer")), returns);
    Arithmetic in{b};
    SmallVector<Value> values;
    for (unsigned gradient : gradients)
      values.push_back(returns.getOperand(gradient));
    prepare(step, in);
    Value norm = clip(in, values);
    SmallVector<Returned> updated, moments;
    for (auto [parameter, gradient] : llvm::zip_equal(parameters, values))
      update(step, parameter, gradient, in, updated, moments);
    finish(step, returns, in, norm, updated, moments);
    return success();
  }

  /// Computes the scalars that all parameters share.
  void prepare(func::FuncOp step, Arithmetic &in) {
    Value number = addArgument(step, RankedTensorType::get({}, in.b.getI64Type()), Role::Step, "step");
    Value wide = in.cast(number, in.b.getF64Type());
    rate = getLearningRate().build(in.b, wide);
    if (kind != "adamw")
      return;
    Value count = in.add(wide, in.constant(wide, 1));
    auto correction = [&](double beta) {
      Value power = nn::PowOp::create(in.b, wide.getType(), in.constant(wide, beta), count);
      return in.div(in.constant(wide, 1), in.sub(in.constant(wide, 1), power));
    };
    firstCorrection = correction(beta1);
    secondCorrection = correction(beta2);
  }

  Value addArgument(func::FuncOp step, Type type, Role role, StringRef name) {
    unsigned index = step.getNumArguments();
    (void)step.insertArgument(index, type, makeRole(&getContext(), role, name), step.getLoc());
    return step.getArgument(index);
  }

  /// Scales the gradients where their norm, the result, is too large.
  Value clip(Arithmetic &in, MutableArrayRef<Value> gradients) {
    Value sum;
    for (Value gradient : gradients) {
      Value squares = in.squares(gradient);
      sum = sum ? in.add(sum, squares) : squares;
    }
    Value norm = nn::SqrtOp::create(in.b, sum);
    if (clipNorm == 0)
      return norm;
    Value one = in.constant(norm, 1);
    Value larger = nn::MaxOp::create(in.b, norm.getType(), norm, in.constant(norm, clipNorm));
    Value share = in.div(in.mul(one, in.constant(norm, clipNorm)), larger);
    for (Value &gradient : gradients)
      gradient = in.mul(gradient, in.cast(share, getElementTypeOrSelf(gradient)));
    return norm;
  }

  void update(func::FuncOp step, unsigned index, Value gradient, Arithmetic &in, SmallVectorImpl<Returned> &updated,
              SmallVectorImpl<Returned> &moments) {
    Value parameter = step.getArgument(index);
    std::string name = getArgName(step, index).str();
    Type element = getElementTypeOrSelf(parameter);
    bool decays = weightDecay > 0 && !step.getArgAttr(index, TrainDialect::kNoDecayAttrName);
    Value ownRate = rate;
    if (auto factor = step.getArgAttrOfType<FloatAttr>(index, TrainDialect::kRateAttrName))
      ownRate = in.scale(rate, factor.getValueAsDouble());
    auto addMoment = [&](StringRef suffix) {
      return addArgument(step, parameter.getType(), Role::Moment, name + suffix.str());
    };
    auto keepMoment = [&](Value value, StringRef suffix) {
      moments.push_back({value, makeRole(&getContext(), Role::Moment, name + suffix.str())});
    };
    Value result;
    if (kind == "sgd") {
      if (decays)
        gradient = in.add(gradient, in.scale(parameter, weightDecay));
      Value direction = gradient;
      if (momentum > 0) {
        Value velocity = in.add(in.scale(addMoment(".velocity"), momentum), gradient);
        keepMoment(velocity, ".velocity");
        direction = nesterov ? in.add(gradient, in.scale(velocity, momentum)) : velocity;
      }
      result = in.sub(parameter, in.mul(direction, in.cast(ownRate, element)));
    } else {
      Value first = in.add(in.scale(addMoment(".moment1"), beta1), in.scale(gradient, 1 - beta1));
      keepMoment(first, ".moment1");
      Value squares = in.scale(in.mul(gradient, gradient), 1 - beta2);
      Value second = in.add(in.scale(addMoment(".moment2"), beta2), squares);
      keepMoment(second, ".moment2");
      Value root = nn::SqrtOp::create(in.b, in.mul(second, in.cast(secondCorrection, element)));
      Value direction = in.div(first, in.add(root, in.constant(root, epsilon)));
      Value kept = parameter;
      if (decays) {
        Value share = in.sub(in.constant(ownRate, 1), in.scale(ownRate, weightDecay));
        kept = in.mul(parameter, in.cast(share, element));
      }
      result = in.sub(kept, in.mul(direction, in.cast(in.mul(ownRate, firstCorrection), element)));
    }
    updated.push_back({result, makeRole(&getContext(), Role::Parameter, name)});
    ++numUpdated;
  }

  /// Returns parameters, moments, states, the loss and the metrics.
  void finish(func::FuncOp step, func::ReturnOp returns, Arithmetic &in, Value norm, ArrayRef<Returned> updated,
              ArrayRef<Returned> moments) {
    SmallVector<Returned> results(updated);
    llvm::append_range(results, moments);
    for (Role role : {Role::State, Role::Loss, Role::Metric})
      for (unsigned index : getResultsOfRole(step, role))
        results.push_back({returns.getOperand(index), step.getResultAttrDict(index)});
    for (auto [value, name] : {std::pair(norm, "gradient_norm"), std::pair(rate, "learning_rate")})
      results.push_back({in.cast(value, in.b.getF32Type()), makeRole(&getContext(), Role::Metric, name)});
    SmallVector<Value> operands;
    SmallVector<Attribute> attributes;
    for (const Returned &result : results) {
      operands.push_back(result.value);
      attributes.push_back(result.attributes);
    }
    returns->setOperands(operands);
    step.setFunctionType(FunctionType::get(&getContext(), step.front().getArgumentTypes(), TypeRange(operands)));
    step.setResAttrsAttr(ArrayAttr::get(&getContext(), attributes));
  }

  Value rate, firstCorrection, secondCorrection;
};
} // namespace
