// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluates look-ups in large codebooks at compile time.
//
// A kernel chooses among few entries without a load; with many, a vector would need
// a load per lane. Codes of a codebook of more than 16 entries take at least five
// bits, so little is lost by storing the entries themselves, in the codebook's type.

#include "condense/Analysis/WeightValue.h"
#include "condense/Codegen/CPU/Passes.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/IR/TensorConstant.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENDECODELARGECODEBOOKSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

/// More than kernels select among (SelectCodebookEntries).
static bool isLarge(compress::LookupOp op) { return op.getCodebook().getType().getShape().back() > 16; }

static std::string getConstantName(compress::LookupOp op) {
  Value indices = op.getIndices();
  if (auto unpack = indices.getDefiningOp<compress::UnpackOp>())
    indices = unpack.getBytes();
  std::optional<TensorConstant> constant = getTensorConstant(indices);
  return constant && !constant->getName().empty() ? constant->getName().str() : "values";
}

/// The elements as wider floats.
static Value buildExtension(OpBuilder &builder, Location loc, Value values, RankedTensorType type) {
  Value init = tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType());
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, type, values, init, maps, iterators, [&](OpBuilder &inner, Location at, ValueRange arguments) {
        Value wide = arith::ExtFOp::create(inner, at, type.getElementType(), arguments[0]);
        linalg::YieldOp::create(inner, at, wide);
      });
  return generic.getResult(0);
}

namespace {

struct DecodeLargeCodebooksPass : condense::impl::CodegenDecodeLargeCodebooksPassBase<DecodeLargeCodebooksPass> {
  void runOnOperation() override {
    SmallVector<compress::LookupOp> operations;
    getOperation().walk([&](compress::LookupOp op) {
      if (isLarge(op))
        operations.push_back(op);
    });
    for (compress::LookupOp op : operations)
      decode(op);
  }

  void decode(compress::LookupOp op) {
    FailureOr<HostTensor> value = evaluateExpression(op.getOutput());
    if (failed(value))
      return;
    OpBuilder builder(op);
    RankedTensorType type = value->getType();
    Type entry = op.getCodebook().getType().getElementType();
    bool isNarrow = entry.isF16() && type.getElementType().isF32();
    if (isNarrow)
      value = HostTensor::fromFloats(type.clone(entry), value->as<float>());
    ArrayRef<char> bytes = value->getBytes();
    Value result = createTensorConstant(builder, op.getLoc(), value->getType(),
                                        std::vector<char>(bytes.begin(), bytes.end()), getConstantName(op));
    if (isNarrow)
      result = buildExtension(builder, op.getLoc(), result, type);
    remark::passed(op.getLoc(), remark::RemarkOpts::name("decode-codebook").category("codegen"))
        << remark::metric("Entries", op.getCodebook().getType().getShape().back())
        << "looked up at compile time: kernels choose among at most 16 entries";
    op.getOutput().replaceAllUsesWith(result);
    Operation *indices = op.getIndices().getDefiningOp();
    op.erase();
    if (isOpTriviallyDead(indices))
      indices->erase();
    ++numDecoded;
  }
};

} // namespace
