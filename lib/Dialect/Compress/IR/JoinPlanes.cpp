// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats from the planes of their bytes.

#include "condense/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult JoinPlanesOp::verify() { return success(); }

FailureOr<HostTensor> JoinPlanesOp::evaluate(ArrayRef<HostTensor> operands) { return failure(); }

FailureOr<Value> JoinPlanesOp::decompose(OpBuilder &builder) { return failure(); }
