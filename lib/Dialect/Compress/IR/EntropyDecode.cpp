// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Entropy-coded symbols.

#include "condense/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

LogicalResult EntropyDecodeOp::verify() { return success(); }

FailureOr<HostTensor> EntropyDecodeOp::evaluate(ArrayRef<HostTensor> operands) { return failure(); }

FailureOr<Value> EntropyDecodeOp::decompose(OpBuilder &builder) { return failure(); }
