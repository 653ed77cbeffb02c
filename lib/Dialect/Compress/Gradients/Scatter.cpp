// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each value gets the adjoint at its place; the places of a pruned weight stay zero, as its mask is not a number.
//
// Scattering 1, 2, ... says where each value goes, for every layout. Constant positions are evaluated at once.

#include "Rules.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// For each value its place in the flat tensor.
static FailureOr<std::vector<int32_t>> findPlaces(Value numbers, int64_t count) {
  FailureOr<HostTensor> scattered = evaluateExpression(numbers);
  if (failed(scattered))
    return failure();
  std::vector<int32_t> places(count, -1);
  for (auto [place, number] : llvm::enumerate(scattered->as<int32_t>()))
    if (number > 0 && number <= count)
      places[number - 1] = place;
  if (llvm::is_contained(places, -1))
    return failure();
  return places;
}

LogicalResult condense::compress::differentiate(ScatterOp op, nn::Adjoints &b) {
  if (!b.needs(0))
    return success();
  RankedTensorType type = op.getOutput().getType();
  int64_t count = op.getValues().getType().getNumElements(), elements = type.getNumElements();
  Type i32 = b.getI32Type();
  std::vector<int32_t> ordered(count);
  for (int64_t i = 0; i < count; ++i)
    ordered[i] = i + 1;
  auto vector = RankedTensorType::get(count, i32);
  Value order = createTensorConstant<int32_t>(b, op.getLoc(), vector, ordered, "order");
  Value numbers = ScatterOp::create(b, type.clone(i32), order, op.getPositions(), op.getLayout());
  Value adjoint = b.reshape(b.of(), elements);
  FailureOr<std::vector<int32_t>> places = findPlaces(numbers, count);
  if (succeeded(places)) {
    Value indices = createTensorConstant<int32_t>(b, op.getLoc(), vector, *places, "places");
    b.set(0, nn::GatherOp::create(b, adjoint, indices, /*axis=*/0));
    numbers.getDefiningOp()->erase();
    order.getDefiningOp()->erase();
    return success();
  }
  // Positions that only the run knows: everything that is zero goes to a first, surplus value.
  auto flat = RankedTensorType::get(count + 1, type.getElementType());
  Value like = arith::ConstantOp::create(b, b.getZeroAttr(flat));
  Value index = nn::ReshapeOp::create(b, numbers, ArrayRef<int64_t>(elements));
  Value sums = nn::GatherGradientOp::create(b, adjoint, index, like, /*axis=*/0, /*clamped=*/true);
  int64_t start = 1, end = count + 1, step = 1;
  b.set(0, nn::SliceOp::create(b, sums, start, end, step));
  return success();
}
