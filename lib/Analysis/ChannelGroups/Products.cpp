// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products and look-ups. What is summed over belongs to both operands: a
// term that is left out is a term that is zero.

#include "IndexRelations.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static int64_t getRank(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

static void relateLinear(LinearOp op, IndexRelations &relations) {
  int64_t last = getRank(op.getInput()) - 1;
  for (int64_t dim = 0; dim < last; ++dim)
    relations.link(op.getInput(), dim, op.getOutput(), dim);
  relations.link(op.getInput(), last, op.getWeight(), 1);
  relations.link(op.getWeight(), 0, op.getOutput(), last);
  if (op.getBias())
    relations.link(op.getBias(), 0, op.getOutput(), last);
  relations.markChannels(op.getWeight(), 0);
}

static void relateMatmul(MatmulOp op, IndexRelations &relations) {
  Value lhs = op.getLhs(), rhs = op.getRhs(), output = op.getOutput();
  int64_t lhsRank = getRank(lhs), rhsRank = getRank(rhs), rank = getRank(output);
  int64_t rows = lhsRank > 1, columns = rhsRank > 1; // dimensions of the result
  relations.link(lhs, lhsRank - 1, rhs, std::max<int64_t>(rhsRank - 2, 0));
  if (rows)
    relations.link(lhs, lhsRank - 2, output, rank - 1 - columns);
  if (columns)
    relations.link(rhs, rhsRank - 1, output, rank - 1);
  int64_t batchRank = rank - rows - columns;
  for (Value operand : {lhs, rhs}) {
    int64_t operandBatch = std::max<int64_t>(getRank(operand) - 2, 0);
    for (int64_t dim = 0; dim < operandBatch; ++dim)
      relations.link(operand, dim, output, batchRank - operandBatch + dim);
  }
  if (columns && getTensorConstant(rhs))
    relations.markChannels(rhs, rhsRank - 1);
}

static void relateEmbedding(EmbeddingOp op, IndexRelations &relations) {
  int64_t idsRank = getRank(op.getIds());
  for (int64_t dim = 0; dim < idsRank; ++dim)
    relations.link(op.getIds(), dim, op.getOutput(), dim);
  relations.keep(op.getTable(), 0, "chooses among the rows of its table");
  for (int64_t dim = 1; dim < getRank(op.getTable()); ++dim)
    relations.link(op.getTable(), dim, op.getOutput(), idsRank + dim - 1);
  relations.markChannels(op.getTable(), 1);
}

static void relateGather(GatherOp op, IndexRelations &relations) {
  int64_t axis = op.getAxis(), indexRank = getRank(op.getIndices());
  for (int64_t dim = 0; dim < getRank(op.getInput()); ++dim) {
    if (dim == axis)
      relations.keep(op.getInput(), dim, "chooses among the slices of the dimension");
    else
      relations.link(op.getInput(), dim, op.getOutput(), dim < axis ? dim : dim - 1 + indexRank);
  }
  for (int64_t dim = 0; dim < indexRank; ++dim)
    relations.link(op.getIndices(), dim, op.getOutput(), axis + dim);
}

bool condense::relateProducts(Operation *op, IndexRelations &relations) {
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](LinearOp op) { return relateLinear(op, relations), true; })
      .Case([&](MatmulOp op) { return relateMatmul(op, relations), true; })
      .Case([&](EmbeddingOp op) { return relateEmbedding(op, relations), true; })
      .Case([&](GatherOp op) { return relateGather(op, relations), true; })
      .Default(false);
}
