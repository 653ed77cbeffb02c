// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rewrites the linalg operations of a function into kernels, one after the
// other.

#include "KernelDriver.h"
#include "KernelEmitter.h"
#include "SliceEmitter.h"
#include "SparseEmitter.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace condense::codegen;

namespace {

/// Remembers what a kernel has absorbed.
struct ErasedOperations : RewriterBase::Listener {
  void notifyOperationErased(Operation *op) override { erased.insert(op); }
  llvm::DenseSet<Operation *> erased;
};

} // namespace

/// Whether the operation was to be a sparse kernel, and is one now.
static bool emitRequestedSparseKernel(RewriterBase &rewriter, linalg::LinalgOp op, const VectorTarget &target) {
  auto lanes = op->getAttrOfType<StringAttr>(kSparseAttrName);
  if (!lanes)
    return false;
  Location loc = op.getLoc();
  std::string reason;
  std::string along = lanes.str();
  auto emit = along == kSparseRows ? emitSparseKernel : emitSliceKernel;
  if (succeeded(emit(rewriter, op, target, reason))) {
    remark::passed(loc, remark::RemarkOpts::name("vectorize").category("codegen"))
        << ("sparse kernel with lanes along " + along);
    return true;
  }
  remark::missed(loc, remark::RemarkOpts::name("sparse-kernel").category("codegen"))
      << ("zeros are multiplied: " + reason);
  return false;
}

static bool vectorizeOperation(RewriterBase &rewriter, linalg::LinalgOp op, const VectorTarget &target) {
  Location loc = op.getLoc();
  std::string name = op->getName().getStringRef().str(), reason;
  if (emitRequestedSparseKernel(rewriter, op, target))
    return true;
  FailureOr<KernelPlan> plan = makeKernelPlan(op, target, reason);
  if (failed(plan)) {
    remark::missed(loc, remark::RemarkOpts::name("vectorize").category("codegen"))
        << (name + " left for scalar loops: " + reason);
    return false;
  }
  emitKernel(rewriter, *plan);
  remark::passed(loc, remark::RemarkOpts::name("vectorize").category("codegen"))
      << llvm::formatv("{0} with {1}x{2} vectors of {3} lanes", name, plan->rows, plan->vectors, plan->lanes).str();
  return true;
}

KernelCounts condense::codegen::vectorizeOperations(FunctionOpInterface function, const VectorTarget &target,
                                                    function_ref<bool(linalg::LinalgOp)> select) {
  SmallVector<linalg::LinalgOp> operations, expressions;
  function.walk([&](linalg::LinalgOp op) {
    if (select(op))
      (isConstantExpression(op->getResult(0)) ? expressions : operations).push_back(op);
  });
  llvm::append_range(operations, llvm::reverse(expressions));

  ErasedOperations listener;
  IRRewriter rewriter(function->getContext(), &listener);
  KernelCounts counts;
  for (linalg::LinalgOp op : operations) {
    if (listener.erased.contains(op))
      continue;
    if (op->use_empty())
      rewriter.eraseOp(op);
    else
      ++(vectorizeOperation(rewriter, op, target) ? counts.kernels : counts.skipped);
  }
  return counts;
}
