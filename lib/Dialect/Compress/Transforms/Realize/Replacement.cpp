// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finding and replacing the targets of realize passes.

#include "Replacement.h"

#include "condense/Analysis/WeightMatrix.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

static remark::RemarkOpts getRemark(StringRef name, const Layer &layer) {
  return remark::RemarkOpts::name(name).category("compress").function(layer.name);
}

void TargetRewriter::leaveAlone(const Layer &layer, const Twine &reason) {
  remark::missed(layer.op->getLoc(), getRemark(name, layer)) << remark::reason("{0}", reason.str());
  ++leftAlone;
}

void TargetRewriter::leaveAlone(ArrayRef<TargetRequest> requests, const Twine &reason) {
  for (const TargetRequest &request : requests)
    leaveAlone(request.layer, reason);
}

void TargetRewriter::addTargets(TargetGroups &groups, const Layer &layer, Attribute scheme) {
  CompressibleOpInterface op = layer.op;
  SmallVector<WeightTarget> targets = findWeightTargets(op);
  if (targets.empty())
    return leaveAlone(layer, findDecompressOp(op.getWeightOperand().get()) ? "already compressed"
                                                                           : "no constant weight of floats");
  if (cast<RankedTensorType>(op.getWeightOperand().get().getType()).getNumElements() == 0)
    return leaveAlone(layer, "a weight without elements");
  for (WeightTarget &target : targets) {
    Value value = target.value;
    groups[value].push_back({layer, scheme, std::move(target)});
  }
}

bool TargetRewriter::isSoleUse(ArrayRef<TargetRequest> requests) {
  llvm::SmallPtrSet<OpOperand *, 8> covered;
  for (const TargetRequest &request : requests)
    covered.insert(request.target.path.begin(), request.target.path.end());
  bool isSole = llvm::all_of(requests, [&](const TargetRequest &request) {
    return llvm::all_of(request.target.path, [&](OpOperand *use) {
      return llvm::all_of(use->get().getUses(), [&](OpOperand &other) { return covered.contains(&other); });
    });
  });
  // The rows of one layer's matrix may be the columns of the other's.
  auto getMatrix = [](const TargetRequest &request) { return WeightMatrix::get(request.layer.op, request.target); };
  WeightMatrix matrix = getMatrix(requests.front());
  bool isSame = llvm::all_of(requests, [&](const TargetRequest &request) {
    return request.scheme == requests.front().scheme && request.target.dims == requests.front().target.dims &&
           getMatrix(request) == matrix;
  });
  if (!isSole)
    leaveAlone(requests, "weight is also used uncompressed");
  else if (!isSame)
    leaveAlone(requests, "layers that share the weight ask for different things");
  return isSole && isSame;
}

/// Erases an expression that nothing uses, from its root to its leaves.
static void eraseDead(Value value) {
  SmallVector<Operation *> pending{value.getDefiningOp()};
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val();
    if (!op || !isOpTriviallyDead(op))
      continue;
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      pending.push_back(operand.getDefiningOp());
  }
}

bool TargetRewriter::exceedsBound(ArrayRef<TargetRequest> requests, double relativeError) {
  bool exceeds = llvm::any_of(requests, [&](const TargetRequest &request) {
    auto bound = request.layer.op->getAttrOfType<FloatAttr>(CompressDialect::kMaxErrorAttrName);
    return bound && relativeError > bound.getValueAsDouble();
  });
  if (exceeds)
    leaveAlone(requests, llvm::formatv("relative error {0:F4} exceeds the bound of the layer", relativeError).str());
  return exceeds;
}

void TargetRewriter::report(ArrayRef<TargetRequest> requests, int64_t before, int64_t after, double relativeError,
                            StringRef details) {
  for (const TargetRequest &request : requests) {
    std::string scheme;
    llvm::raw_string_ostream(scheme) << request.scheme;
    auto remark = remark::passed(request.layer.op->getLoc(), getRemark(name, request.layer));
    remark << remark::metric("Scheme", scheme) << remark::metric("BytesBefore", before)
           << remark::metric("BytesAfter", after) << remark::metric("RelativeError", relativeError);
    if (!details.empty())
      remark << remark::metric("Details", details);
    ++replaced;
  }
  bytesBefore += before;
  bytesAfter += after;
}

bool TargetRewriter::replace(ArrayRef<TargetRequest> requests, Value replacement, double relativeError,
                             StringRef details) {
  Value value = requests.front().target.value;
  int64_t before = getStoredBytes(value).value_or(0), after = getStoredBytes(replacement).value_or(before);
  bool isLarger = after >= before;
  if (isLarger)
    leaveAlone(requests, "would not be smaller: " + Twine(after) + " instead of " + Twine(before) + " bytes");
  if (isLarger || exceedsBound(requests, relativeError)) {
    eraseDead(replacement);
    return false;
  }
  for (const TargetRequest &request : requests)
    request.target.path.back()->set(replacement);
  report(requests, before, after, relativeError, details);
  if (Operation *op = replacement.getDefiningOp())
    op->setAttr(CompressDialect::kRelativeErrorAttrName,
                FloatAttr::get(Float64Type::get(op->getContext()), relativeError));
  eraseDead(value);
  return true;
}

std::string condense::compress::getTargetName(const TargetRequest &request) {
  Value value = request.target.value;
  if (auto scatter = value.getDefiningOp<ScatterOp>())
    value = scatter.getValues();
  std::optional<TensorConstant> constant = getTensorConstant(value);
  StringRef name = constant ? constant->getName() : "";
  return name.empty() ? request.layer.name + ".weight" : name.str();
}

void condense::compress::declareStructure(Operation *layer, StructureAttr structure) {
  SmallVector<Attribute> structures;
  if (auto array = layer->getAttrOfType<ArrayAttr>(CompressDialect::kStructureAttrName))
    structures.assign(array.begin(), array.end());
  structures.push_back(structure);
  layer->setAttr(CompressDialect::kStructureAttrName, ArrayAttr::get(layer->getContext(), structures));
}
