// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Look-up of values in codebooks.

#include "condense/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult LookupOp::verify() { return success(); }

FailureOr<HostTensor> LookupOp::evaluate(ArrayRef<HostTensor> operands) { return failure(); }

FailureOr<Value> LookupOp::decompose(OpBuilder &builder) { return failure(); }
