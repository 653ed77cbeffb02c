// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for weight sharing into look-ups in codebooks (Han et al., "Deep
// Compression", arXiv:1510.00149), exactly optimal in one dimension (Numerics/KMeans.h).

#include "ClusteredTarget.h"
#include "SecondOrderClusters.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "mlir/IR/Threading.h"
#include "llvm/Support/FormatVariadic.h"

namespace condense::compress {
#define GEN_PASS_DEF_CLUSTERWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// Why a target cannot be clustered; empty if it can.
static StringRef getObstacle(const TargetRequest &request) {
  auto type = cast<RankedTensorType>(request.target.value.getType());
  if (type.getElementTypeBitWidth() < 16)
    return "weight is not of f16, bf16, f32 or f64";
  return type.getRank() < 2 ? "rank-1 weight" : "";
}

/// Targets that use one codebook: all with the same `share`, or a single one.
using Sharing = SmallVector<ClusteredTarget *>;

/// The codebook of several targets, of all their elements.
static void fitTogether(ArrayRef<ClusteredTarget *> targets) {
  numerics::Clustering clustering;
  numerics::CodebookSpec spec = targets.front()->getSpec();
  for (ClusteredTarget *target : targets) {
    clustering.add(target->elements, target->weights);
    spec.zeroEntry |= target->getSpec().zeroEntry;
  }
  std::vector<float> codebook = clustering.fit(spec);
  for (ClusteredTarget *target : targets)
    target->codebooks = {codebook.empty() ? std::vector<float>{0.0f} : codebook};
}

/// Whether the target is the layer's weight, but for transposes.
static bool isWholeWeight(const TargetRequest &request) {
  return llvm::all_of(ArrayRef(request.target.path).drop_front(),
                      [](OpOperand *use) { return getPermutation(use->getOwner()).has_value(); });
}

/// How many different values the target will have.
static int64_t countValues(const ClusteredTarget &target) {
  return target.codebooks.size() * target.codebooks.front().size() + (target.getScatter() ? 1 : 0);
}

/// What compress-verify is to check.
static void declareValues(ArrayRef<TargetRequest> requests, int64_t values) {
  for (const TargetRequest &request : requests)
    if (isWholeWeight(request))
      declareStructure(request.layer.op,
                       StructureAttr::get(request.layer.op->getContext(), 0, 0, 0, DenseI64ArrayAttr(), values));
}

static std::string describe(const ClusteredTarget &target, size_t sharers) {
  int64_t books = target.codebooks.size(), entries = target.codebooks.front().size();
  std::string text = llvm::formatv("{0} {1} of {2} entries", books, books == 1 ? "codebook" : "codebooks", entries);
  if (target.getScheme().getShare())
    text += llvm::formatv(", shared by {0} weights", sharers).str();
  return text;
}

namespace {
struct ClusterWeightsPass : public condense::compress::impl::ClusterWeightsPassBase<ClusterWeightsPass> {
  using ClusterWeightsPassBase::ClusterWeightsPassBase;

  void runOnOperation() override {
    TargetRewriter rewriter("cluster-weights");
    std::vector<ClusteredTarget> targets;
    if (failed(loadStatistics(getOperation()->getLoc(), statistics, moments)) || failed(collect(rewriter, targets)))
      return signalPassFailure();
    FailureOr<std::vector<Sharing>> sharings = groupBySharing(targets);
    if (failed(sharings))
      return signalPassFailure();
    parallelFor(&getContext(), 0, sharings->size(), [&](size_t i) {
      ArrayRef<ClusteredTarget *> members = (*sharings)[i];
      if (members.front()->getScheme().getShare())
        fitTogether(members);
      else
        members.front()->fit();
      if (llvm::all_of(members, [](ClusteredTarget *target) { return target->secondOrder != nullptr; }))
        for (size_t book = 0; book < members.front()->codebooks.size(); ++book)
          refineClusters(members, book);
      for (ClusteredTarget *target : members)
        target->assign();
    });
    for (ArrayRef<ClusteredTarget *> members : *sharings)
      replace(rewriter, members);
    clustered += rewriter.getNumReplaced();
    leftAlone += rewriter.getNumLeftAlone();
    bytesBefore += rewriter.getBytesBefore();
    bytesAfter += rewriter.getBytesAfter();
  }

private:
  LogicalResult collect(TargetRewriter &rewriter, std::vector<ClusteredTarget> &targets) {
    for (auto &[value, requests] : rewriter.takeRequests<ClusterSchemeAttr>(getOperation())) {
      if (StringRef obstacle = getObstacle(requests.front()); !obstacle.empty()) {
        rewriter.leaveAlone(requests, obstacle);
        continue;
      }
      if (!rewriter.isSoleUse(requests))
        continue;
      FailureOr<ClusteredTarget> target = ClusteredTarget::create(requests);
      if (failed(target))
        return failure();
      if (target->getScheme().getWeighted()) {
        auto order = SecondOrderTarget::create(*target, moments ? &*moments : nullptr);
        if (failed(order))
          return failure();
        target->secondOrder = std::move(*order);
      }
      targets.push_back(std::move(*target));
    }
    return success();
  }

  /// In the order of the first of each.
  FailureOr<std::vector<Sharing>> groupBySharing(std::vector<ClusteredTarget> &targets) {
    llvm::MapVector<StringAttr, size_t> places;
    std::vector<Sharing> sharings;
    for (ClusteredTarget &target : targets) {
      StringAttr share = target.getScheme().getShare();
      auto [it, isNew] = places.insert({share, sharings.size()});
      if (!share || isNew) {
        sharings.push_back({&target});
        continue;
      }
      Sharing &members = sharings[it->second];
      CompressibleOpInterface op = target.requests.front().layer.op;
      if (target.getScheme() != members.front()->getScheme())
        return op->emitOpError() << "layers that share the codebook " << share
                                 << " must ask for the same: " << target.getScheme() << " is not "
                                 << members.front()->getScheme(),
               failure();
      members.push_back(&target);
    }
    return sharings;
  }

  void replace(TargetRewriter &rewriter, ArrayRef<ClusteredTarget *> members) {
    // Shared constants of each block and rank (a scatter's values have rank 1), where all members see them.
    llvm::MapVector<std::pair<Block *, int64_t>, Value> shared;
    StringAttr share = members.front()->getScheme().getShare();
    for (ClusteredTarget *target : members) {
      Value value = target->getValue(), unshared;
      Value &codebook = share ? shared[{value.getParentBlock(), target->type.getRank()}] : unshared;
      if (share && !codebook) {
        OpBuilder start = OpBuilder::atBlockBegin(value.getParentBlock());
        codebook = target->buildCodebook(start, share.getValue(), target->type.getRank());
      }
      OpBuilder builder(value.getDefiningOp());
      builder.setInsertionPointAfter(value.getDefiningOp());
      Value replacement = target->build(builder, getTargetName(target->requests.front()), codebook);
      bool isFirstUse = codebook && codebook.hasOneUse();
      std::string details = describe(*target, members.size());
      int64_t values = countValues(*target);
      // The old value is gone after this, or else what only the replacement used.
      if (rewriter.replace(target->requests, replacement, target->relativeError, details))
        declareValues(target->requests, values);
      else if (isFirstUse)
        codebook = Value();
    }
  }

  std::optional<LayerStatistics> moments;
};
} // namespace
