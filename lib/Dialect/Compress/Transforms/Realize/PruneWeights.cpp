// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for pruned weights into compress.scatter of what stays.
//
// Constants of floats are pruned by any method. In a weight that is quantized already, the
// codes of what goes are dropped, and its scales stay: a symmetric dequantize commutes with
// scatter.

#include "PackedCodes.h"
#include "ScaledLayers.h"
#include "SparseConstant.h"
#include "WeightPruner.h"
#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include <cmath>

namespace condense::compress {
#define GEN_PASS_DEF_PRUNEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// A target and all requests for it.
struct Job {
  std::vector<TargetRequest> requests;
  WeightMatrix matrix;
  std::unique_ptr<WeightPruner> pruner;

  Value getValue() const { return requests.front().target.value; }
  RankedTensorType getType() const { return cast<RankedTensorType>(getValue().getType()); }
  const Layer &getLayer() const { return requests.front().layer; }
  PruneSchemeAttr getScheme() const { return requests.front().getScheme<PruneSchemeAttr>(); }
  /// Null unless the target is quantized.
  DequantizeOp getDequantize() const { return getValue().getDefiningOp<DequantizeOp>(); }
};

} // namespace

/// The quantized weight of a layer, behind transposes.
static std::optional<WeightTarget> findQuantizedTarget(CompressibleOpInterface layer) {
  OpOperand *use = &layer.getWeightOperand();
  auto type = dyn_cast<RankedTensorType>(use->get().getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  WeightTarget target;
  target.dims = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  while (Operation *op = use->get().getDefiningOp()) {
    target.path.push_back(use);
    if (isa<DequantizeOp>(op)) {
      target.value = use->get();
      return target;
    }
    std::optional<SmallVector<int64_t>> permutation = getPermutation(op);
    if (!permutation)
      return std::nullopt;
    SmallVector<int64_t> dims(target.dims.size());
    for (auto [result, input] : llvm::enumerate(*permutation))
      dims[input] = target.dims[result];
    target.dims = dims;
    use = &op->getOpOperand(0);
  }
  return std::nullopt;
}

/// Why a target cannot be pruned; empty if it can.
static StringRef getObstacle(const Job &job) {
  if (job.getType().getRank() < 2)
    return "rank-1 weight";
  if (job.getType().getNumElements() == 0)
    return "a weight without elements";
  DequantizeOp dequantize = job.getDequantize();
  if (dequantize && dequantize.getZeroPoints())
    return "codes with zero points have no zero that a scatter could leave out: quantize symmetrically, or after "
           "pruning";
  if (dequantize && !isa<IntegerType>(dequantize.getCodes().getType().getElementType()))
    return "codes are no integers";
  if (dequantize && dequantize.getCodes().getDefiningOp<ScatterOp>())
    return "already pruned and quantized";
  return "";
}

/// Whether the target is the weight itself, but for transposes: only then can the
/// structure be seen in the weight.
static bool isWholeWeight(const WeightTarget &target) {
  return llvm::all_of(ArrayRef(target.path).drop_front(),
                      [](OpOperand *use) { return getPermutation(use->getOwner()).has_value(); });
}

/// Whether the bias will make up for what pruning does to the mean output.
static bool hasCorrectedBias(const Job &job) {
  return job.requests.size() == 1 && isWholeWeight(job.requests.front().target) &&
         job.getLayer().op->hasAttr(kInputMeanAttrName);
}

namespace {
struct PruneWeightsPass : public condense::compress::impl::PruneWeightsPassBase<PruneWeightsPass> {
  using PruneWeightsPassBase::PruneWeightsPassBase;

  void runOnOperation() override {
    TargetRewriter rewriter("prune-weights");
    std::vector<Job> jobs;
    if (failed(loadStatistics(getOperation()->getLoc(), statistics, moments)) || failed(collect(rewriter, jobs)) ||
        failed(chooseGlobally(jobs)))
      return signalPassFailure();
    for (Job &job : jobs)
      if (failed(realize(rewriter, job)))
        return signalPassFailure();
    pruned += rewriter.getNumReplaced();
    leftAlone += rewriter.getNumLeftAlone();
    bytesBefore += rewriter.getBytesBefore();
    bytesAfter += rewriter.getBytesAfter();
  }

private:
  /// Takes the requests off the layers.
  LogicalResult collect(TargetRewriter &rewriter, std::vector<Job> &jobs) {
    TargetGroups groups;
    for (const Layer &layer : getLayers(getOperation())) {
      auto scheme = takeRequest<PruneSchemeAttr>(layer.op);
      if (!scheme)
        continue;
      SmallVector<WeightTarget> targets = findWeightTargets(layer.op);
      if (targets.empty())
        if (std::optional<WeightTarget> quantized = findQuantizedTarget(layer.op))
          targets.push_back(*quantized);
      if (targets.empty())
        rewriter.leaveAlone(layer, "no constant weight of floats, nor codes of one");
      for (WeightTarget &target : targets)
        groups[target.value].push_back({layer, scheme, target});
    }
    for (auto &[value, requests] : groups) {
      Job job{std::move(requests), {}, {}};
      job.matrix = WeightMatrix::get(job.getLayer().op, job.requests.front().target);
      if (StringRef obstacle = getObstacle(job); !obstacle.empty())
        rewriter.leaveAlone(job.requests, obstacle);
      else if (rewriter.isSoleUse(job.requests))
        jobs.push_back(std::move(job));
    }
    for (Job &job : jobs)
      if (job.getScheme().getScope() == PruneScope::Global && failed(prepare(job)))
        return failure();
    return success();
  }

  /// Reads a target and scores its elements.
  LogicalResult prepare(Job &job) {
    CompressibleOpInterface layer = job.getLayer().op;
    std::string name = getTargetName(job.requests.front());
    FailureOr<std::vector<float>> elements = evaluateElements(job.getValue());
    if (failed(elements))
      return layer->emitOpError() << "weight '" << name << "' cannot be read";
    for (auto [index, element] : llvm::enumerate(*elements))
      if (!std::isfinite(element))
        return layer->emitOpError() << "weight '" << name << "' is NaN or infinite at element " << index
                                    << ": it cannot be pruned";
    FailureOr<TargetGram> gram = TargetGram::get(job.requests, job.matrix, moments ? &*moments : nullptr);
    if (failed(gram))
      return failure();
    bool isTables = llvm::all_of(job.requests, [](const TargetRequest &request) { return isTable(request.layer.op); });
    PruneMethod method = job.getScheme().getMethod();
    if (method != PruneMethod::Magnitude && gram->isEmpty() && !isTables)
      return emitMissingStatistics(job.getLayer(), moments.has_value(),
                                   ("method = " + stringifyPruneMethod(method)).str(), "method = magnitude");
    bool isCentered = !gram->isEmpty() && hasCorrectedBias(job);
    if (isCentered)
      gram->center(*moments->find(job.getLayer().name));
    job.pruner = std::make_unique<WeightPruner>(&getContext(), job.matrix, job.getScheme(), std::move(*gram),
                                                std::move(*elements), isCentered);
    return failed(job.pruner->score()) ? emitSingular(job) : success();
  }

  LogicalResult emitSingular(const Job &job) {
    CompressibleOpInterface layer = job.getLayer().op;
    return layer->emitOpError() << "layer '" << job.getLayer().name
                                << "': its Gram matrix is not positive definite: calibrate with more samples, or use "
                                   "method = wanda";
  }

  /// One threshold for all targets with the same scheme of global scope.
  LogicalResult chooseGlobally(std::vector<Job> &jobs) {
    llvm::MapVector<Attribute, SmallVector<Job *>> schemes;
    for (Job &job : jobs)
      if (job.pruner)
        schemes[job.getScheme()].push_back(&job);
    for (auto &[attr, members] : schemes) {
      auto scheme = cast<PruneSchemeAttr>(attr);
      if (!scheme.getSparsity())
        return members.front()->getLayer().op->emitOpError(
            "scope = global needs a sparsity: groups of n of m are chosen one by one");
      SmallVector<std::span<const float>> scores;
      SmallVector<std::span<uint8_t>> masks;
      for (Job *job : members) {
        scores.push_back(job->pruner->getUnitScores());
        masks.push_back(job->pruner->getUnitMask());
      }
      numerics::maskLowest(std::span(scores.data(), scores.size()), scheme.getSparsity().getValueAsDouble(),
                           std::span(masks.data(), masks.size()));
      for (Job *job : members)
        job->pruner->applyUnitMask();
    }
    return success();
  }

  LogicalResult realize(TargetRewriter &rewriter, Job &job) {
    if (!job.pruner) {
      if (failed(prepare(job)))
        return failure();
      job.pruner->chooseMask();
    }
    DequantizeOp dequantize = job.getDequantize();
    if (failed(job.pruner->prune(/*keepValues=*/static_cast<bool>(dequantize))))
      return emitSingular(job);
    std::string details;
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(job.getValue());
    Value replacement = dequantize ? buildFromCodes(builder, job, details) : buildFromFloats(builder, job, details);
    if (!replacement)
      return job.getLayer().op->emitOpError()
             << "weight '" << getTargetName(job.requests.front()) << "': its codes cannot be read";
    details = job.pruner->getDetails() + "; " + details;
    int64_t zeros = job.pruner->getNumPruned();
    PruneSchemeAttr scheme = job.getScheme();
    if (rewriter.replace(job.requests, replacement, job.pruner->getRelativeError(), details))
      for (const TargetRequest &request : job.requests)
        if (isWholeWeight(request.target))
          declareStructure(request.layer.op, StructureAttr::get(&getContext(), zeros, scheme.getN(), scheme.getM(),
                                                                scheme.getBlock(), /*values=*/0));
    job.pruner.reset();
    return success();
  }

  static void addEncoding(const SparsePlan &plan, std::string &details) {
    details = "positions: " + plan.encoding + " (bytes with values: " + plan.comparison + ")";
  }

  Value buildFromFloats(OpBuilder &builder, const Job &job, std::string &details) {
    RankedTensorType type = job.getType();
    SparsePlan plan = planScatter(type, type.getElementTypeBitWidth(), job.matrix, job.pruner->getMask(),
                                  job.getScheme(), /*canPermute=*/true);
    addEncoding(plan, details);
    std::vector<float> values;
    for (int64_t element : plan.elements)
      values.push_back(job.pruner->getElements()[element]);
    auto valueType = RankedTensorType::get({static_cast<int64_t>(values.size())}, type.getElementType());
    std::string name = getTargetName(job.requests.front());
    Value constant = createTensorConstant(builder, job.getValue().getLoc(), valueType,
                                          HostTensor::fromFloats(valueType, values).getBytes().vec(), name);
    return buildScatter(builder, job.getValue().getLoc(), plan, constant, name);
  }

  /// Drops the codes of what is pruned; null when they cannot be read.
  Value buildFromCodes(OpBuilder &builder, const Job &job, std::string &details) {
    DequantizeOp dequantize = job.getDequantize();
    RankedTensorType type = dequantize.getCodes().getType();
    FailureOr<HostTensor> codes = evaluateExpression(dequantize.getCodes());
    if (failed(codes) || codes->getNumElements() != static_cast<int64_t>(codes->getBytes().size()))
      return {};
    SparsePlan plan = planScatter(type, type.getElementTypeBitWidth(), job.matrix, job.pruner->getMask(),
                                  job.getScheme(), /*canPermute=*/false);
    addEncoding(plan, details);
    std::vector<uint8_t> kept = job.matrix.fromMatrix<uint8_t>(job.pruner->getMask());
    std::vector<char> stored;
    for (int64_t element : plan.elements)
      stored.push_back(kept[element] ? codes->getBytes()[element] : 0);
    auto valueType = RankedTensorType::get({static_cast<int64_t>(stored.size())}, type.getElementType());
    std::string name = getTargetName(job.requests.front());
    Location loc = job.getValue().getLoc();
    Value values = buildCodes(builder, loc, valueType, std::move(stored), name + ".codes");
    Value scatter = buildScatter(builder, loc, plan, values, name);
    return DequantizeOp::create(builder, loc, job.getType(), scatter, dequantize.getScales(), Value());
  }

  std::optional<LayerStatistics> moments;
};
} // namespace
