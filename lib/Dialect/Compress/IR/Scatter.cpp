// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sparse tensors: values and where they belong.

#include "condense/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult ScatterOp::verify() { return success(); }

FailureOr<HostTensor> ScatterOp::evaluate(ArrayRef<HostTensor> operands) { return failure(); }

FailureOr<Value> ScatterOp::decompose(OpBuilder &builder) { return failure(); }
