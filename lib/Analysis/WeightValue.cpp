// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates weight expressions on the host.

#include "condense/Analysis/WeightValue.h"

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Interfaces/DecompressOpInterface.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace condense;

namespace {
using Operands = ArrayRef<HostTensor>;
using Result = FailureOr<HostTensor>;
} // namespace

/// Index steps of an operand while the result is walked in row-major order, 0 where it
/// is broadcast.
static SmallVector<int64_t> getBroadcastSteps(ArrayRef<int64_t> shape, int64_t rank) {
  SmallVector<int64_t> steps(rank, 0);
  int64_t stride = 1;
  for (int64_t dim = shape.size() - 1, out = rank - 1; dim >= 0; --dim, --out) {
    steps[out] = shape[dim] == 1 ? 0 : stride;
    stride *= shape[dim];
  }
  return steps;
}

static Result evaluateBinary(Operation *op, Operands operands, function_ref<float(float, float)> function) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  FailureOr<std::vector<float>> lhs = operands[0].toFloats(), rhs = operands[1].toFloats();
  if (failed(lhs) || failed(rhs) || !type.hasStaticShape() || !type.getElementType().isF32())
    return failure();
  int64_t rank = type.getRank();
  SmallVector<int64_t> left = getBroadcastSteps(operands[0].getType().getShape(), rank);
  SmallVector<int64_t> right = getBroadcastSteps(operands[1].getType().getShape(), rank);
  std::vector<float> result(type.getNumElements());
  SmallVector<int64_t> index(rank, 0);
  int64_t a = 0, b = 0;
  for (float &element : result) {
    element = function((*lhs)[a], (*rhs)[b]);
    for (int64_t dim = rank - 1; dim >= 0; --dim) {
      a += left[dim];
      b += right[dim];
      if (++index[dim] < type.getDimSize(dim))
        break;
      a -= left[dim] * index[dim];
      b -= right[dim] * index[dim];
      index[dim] = 0;
    }
  }
  return HostTensor::from<float>(type, result);
}

/// Sums in f32, in ascending order of the inner dimension.
static Result evaluateMatmul(nn::MatmulOp op, Operands operands) {
  auto type = cast<RankedTensorType>(op.getType());
  ArrayRef<int64_t> lhsShape = operands[0].getType().getShape(), rhsShape = operands[1].getType().getShape();
  FailureOr<std::vector<float>> lhs = operands[0].toFloats(), rhs = operands[1].toFloats();
  if (failed(lhs) || failed(rhs) || lhsShape.size() != 2 || rhsShape.size() != 2 || !type.getElementType().isF32())
    return failure();
  int64_t rows = lhsShape[0], inner = lhsShape[1], columns = rhsShape[1];
  std::vector<float> result(rows * columns, 0.0f);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < inner; ++k) {
      float factor = (*lhs)[i * inner + k];
      const float *from = rhs->data() + k * columns;
      float *to = result.data() + i * columns;
      for (int64_t j = 0; j < columns; ++j)
        to[j] += factor * from[j];
    }
  return HostTensor::from<float>(RankedTensorType::get({rows, columns}, type.getElementType()), result);
}

static Result evaluateTranspose(const HostTensor &input, ArrayRef<int64_t> permutation) {
  RankedTensorType type = input.getType();
  int64_t width = input.getNumElements() ? input.getBytes().size() / input.getNumElements() : 1, rank = type.getRank();
  SmallVector<int64_t> strides(rank, 1), shape, steps, index(rank, 0);
  for (int64_t dim = rank - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * type.getDimSize(dim + 1);
  for (int64_t dim : permutation) {
    shape.push_back(type.getDimSize(dim));
    steps.push_back(strides[dim]);
  }
  std::vector<char> bytes(input.getBytes().size());
  int64_t from = 0;
  for (int64_t to = 0; to < input.getNumElements(); ++to) {
    std::copy_n(input.getBytes().data() + from * width, width, bytes.data() + to * width);
    for (int64_t dim = rank - 1; dim >= 0; --dim) {
      from += steps[dim];
      if (++index[dim] < shape[dim])
        break;
      from -= steps[dim] * index[dim];
      index[dim] = 0;
    }
  }
  return HostTensor(RankedTensorType::get(shape, type.getElementType()), std::move(bytes));
}

static Result evaluateOp(Operation *op, Operands operands) {
  if (std::optional<SmallVector<int64_t>> permutation = getPermutation(op))
    return evaluateTranspose(operands[0], *permutation);
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](DecompressOpInterface decompress) { return decompress.evaluate(operands); })
      .Case([&](nn::AddOp) { return evaluateBinary(op, operands, [](float a, float b) { return a + b; }); })
      .Case([&](nn::SubOp) { return evaluateBinary(op, operands, [](float a, float b) { return a - b; }); })
      .Case([&](nn::MulOp) { return evaluateBinary(op, operands, [](float a, float b) { return a * b; }); })
      .Case([&](nn::MatmulOp matmul) { return evaluateMatmul(matmul, operands); })
      .Case([&](nn::ReshapeOp) -> Result {
        auto type = cast<RankedTensorType>(op->getResult(0).getType());
        if (!type.hasStaticShape() || type.getNumElements() != operands[0].getNumElements())
          return failure();
        return HostTensor(type, operands[0].getBytes().vec());
      })
      .Default([](Operation *) { return failure(); });
}

/// The operands that hold values; the destination of a linalg transpose does not.
static OperandRange getValueOperands(Operation *op) {
  return op->getOperands().take_front(getPermutation(op) ? 1 : op->getNumOperands());
}

/// Visits each operation once, and not recursively: expressions may be deep, share their parts, and in a
/// graph region even depend on themselves.
Result condense::evaluateExpression(Value root) {
  llvm::DenseMap<Value, HostTensor> values;
  llvm::DenseSet<Value> entered;
  SmallVector<Value> pending{root};
  while (!pending.empty()) {
    Value value = pending.back();
    Operation *op = value.getDefiningOp();
    if (values.contains(value)) {
      pending.pop_back();
      continue;
    }
    if (std::optional<HostTensor> constant = HostTensor::get(value)) {
      values.try_emplace(value, std::move(*constant));
      continue;
    }
    if (!op || op->getNumOperands() == 0 || op->getNumResults() != 1)
      return failure();
    SmallVector<HostTensor> operands;
    for (Value operand : getValueOperands(op))
      if (auto found = values.find(operand); found != values.end())
        operands.push_back(found->second);
      else
        pending.push_back(operand);
    if (pending.back() != value && entered.insert(value).second)
      continue;
    // A few bytes can stand for a very large tensor.
    if (pending.back() != value || !fitsInMemory(dyn_cast<RankedTensorType>(value.getType())))
      return failure();
    Result evaluated = evaluateOp(op, operands);
    if (failed(evaluated))
      return failure();
    for (Value operand : getValueOperands(op))
      if (operand.hasOneUse())
        values.erase(operand);
    values.try_emplace(value, std::move(*evaluated));
  }
  return values.find(root)->second;
}

FailureOr<std::vector<float>> condense::evaluateElements(Value value) {
  FailureOr<HostTensor> tensor = evaluateExpression(value);
  if (failed(tensor))
    return failure();
  return tensor->toFloats();
}

double condense::getRelativeError(ArrayRef<float> a, ArrayRef<float> b) {
  double error = 0, norm = 0;
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    error += (static_cast<double>(x) - y) * (static_cast<double>(x) - y);
    norm += static_cast<double>(x) * x;
  }
  if (error == 0)
    return 0;
  return norm == 0 ? std::sqrt(error) : std::sqrt(error / norm);
}
