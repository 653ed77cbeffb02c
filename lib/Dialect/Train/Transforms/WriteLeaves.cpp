// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Puts values into the leaves of weight expressions.

#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// The bytes of an f32 tensor, rounded to the leaf's type if that is narrower.
static std::vector<char> convert(const Leaf &leaf, const std::vector<char> &bytes) {
  if (getParameterType(leaf) == leaf.getType())
    return bytes;
  ArrayRef<float> values(reinterpret_cast<const float *>(bytes.data()), bytes.size() / sizeof(float));
  return HostTensor::fromFloats(leaf.getType(), values).getBytes().vec();
}

void train::writeLeaves(ArrayRef<Leaf> leaves, ArrayRef<std::vector<char>> values) {
  // several leaves may have been one small constant
  llvm::SetVector<Operation *> replaced;
  for (auto [leaf, bytes] : llvm::zip_equal(leaves, values)) {
    Operation *constant = leaf.value.getDefiningOp();
    std::optional<TensorConstant> old = getTensorConstant(leaf.value);
    std::string name = old && !old->getName().empty() ? old->getName().str() : leaf.name;
    OpBuilder builder(constant);
    Value fresh = createTensorConstant(builder, constant->getLoc(), leaf.getType(), convert(leaf, bytes), name);
    for (OpOperand *use : leaf.uses)
      use->set(fresh);
    replaced.insert(constant);
  }
  for (Operation *constant : replaced)
    if (constant->use_empty())
      constant->erase();
}
