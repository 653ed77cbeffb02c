// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What quantization lost, as the second term of a weight.

#include "Residual.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

bool condense::compress::isResidual(const TargetRequest &request) {
  auto sum = dyn_cast<nn::AddOp>(request.target.path.back()->getOwner());
  return sum && sum.getRhs() == request.target.value && findDecompressOp(sum.getLhs());
}

static void eraseDead(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !isOpTriviallyDead(op))
    return;
  SmallVector<Value> operands(op->getOperands());
  op->erase();
  for (Value operand : operands)
    eraseDead(operand);
}

/// The smallest error that one of the layers allows, if any says so.
static std::optional<double> getBound(ArrayRef<TargetRequest> requests) {
  std::optional<double> bound;
  for (const TargetRequest &request : requests)
    if (auto attr = request.layer.op->getAttrOfType<FloatAttr>(CompressDialect::kMaxErrorAttrName))
      bound = std::min(bound.value_or(attr.getValueAsDouble()), attr.getValueAsDouble());
  return bound;
}

/// The sum as a constant, if its first term alone is too far from it.
static Value restoreWeight(nn::AddOp sum, double bound, StringRef name) {
  FailureOr<HostTensor> whole = evaluateExpression(sum), part = evaluateExpression(sum.getLhs());
  if (failed(whole) || failed(part))
    return {};
  FailureOr<std::vector<float>> weight = whole->toFloats(), quantized = part->toFloats();
  if (failed(weight) || failed(quantized) || getRelativeError(*weight, *quantized) <= bound)
    return {};
  OpBuilder builder(sum);
  return createTensorConstant(builder, sum.getLoc(), whole->getType(), whole->getBytes().vec(), name);
}

void condense::compress::giveUpResidual(ArrayRef<TargetRequest> requests) {
  std::optional<double> bound = getBound(requests);
  std::string name = getTargetName(requests.front());
  StringRef weightName = name;
  weightName.consume_back(".residual");
  llvm::SetVector<Operation *> sums;
  for (const TargetRequest &request : requests)
    if (isResidual(request))
      sums.insert(request.target.path.back()->getOwner());
  for (Operation *op : sums) {
    auto sum = cast<nn::AddOp>(op);
    Value restored = bound ? restoreWeight(sum, *bound, weightName) : Value();
    Value result = sum.getResult();
    result.replaceAllUsesWith(restored ? restored : sum.getLhs());
    eraseDead(result);
  }
}
