// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats from the planes of their bytes.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Runtime/Codec.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult JoinPlanesOp::verify() {
  RankedTensorType type = getOutput().getType();
  unsigned width = type.getElementTypeBitWidth();
  if ((width != 16 && width != 32) || !type.hasStaticShape())
    return emitOpError() << "joins to floats of 16 or 32 bits of static shape, found " << type;
  if (getPlanes().size() != width / 8)
    return emitOpError() << type.getElementType() << " has " << width / 8 << " planes, found " << getPlanes().size();
  for (Value plane : getPlanes())
    if (cast<RankedTensorType>(plane.getType()).getShape() != type.getShape())
      return emitOpError() << "planes must have the shape of the result, found " << plane.getType() << " and " << type;
  return success();
}

FailureOr<HostTensor> JoinPlanesOp::evaluate(ArrayRef<HostTensor> operands) {
  RankedTensorType type = getOutput().getType();
  SmallVector<const uint8_t *> planes;
  for (const HostTensor &operand : operands)
    planes.push_back(operand.as<uint8_t>().data());
  std::vector<char> words(type.getNumElements() * operands.size());
  condense_join_planes(planes.data(), planes.size(), type.getNumElements(), words.data());
  return HostTensor(type, std::move(words));
}

FailureOr<Value> JoinPlanesOp::decompose(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  RankedTensorType type = getOutput().getType();
  Type word = b.getIntegerType(type.getElementTypeBitWidth());
  Value init = tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  SmallVector<AffineMap> maps(getPlanes().size() + 1, b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, type, getPlanes(), init, maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder in(loc, nested);
        auto number = [&](int64_t value) { return arith::ConstantOp::create(in, in.getIntegerAttr(word, value)); };
        Value rotated = arith::ExtUIOp::create(in, word, args[0]);
        for (Value plane : args.drop_front().drop_back()) {
          Value byte = arith::ExtUIOp::create(in, word, plane);
          rotated = arith::OrIOp::create(in, arith::ShLIOp::create(in, rotated, number(8)), byte);
        }
        // the sign is the lowest bit
        Value sign = arith::ShLIOp::create(in, rotated, number(word.getIntOrFloatBitWidth() - 1));
        Value bits = arith::OrIOp::create(in, arith::ShRUIOp::create(in, rotated, number(1)), sign);
        linalg::YieldOp::create(in, arith::BitcastOp::create(in, type.getElementType(), bits).getResult());
      });
  return generic.getResult(0);
}
