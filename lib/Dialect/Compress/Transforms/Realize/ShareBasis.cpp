// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lets the weights of several layers share one basis, with coefficients of their own.
//
//   W_l ~ C_l B,  B [rank, columns] for all layers l of a group
//
// The rows of all weights together are decomposed as one weight.

#include "Factors.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace condense::compress {
#define GEN_PASS_DEF_SHAREBASISPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// One weight of a group.
struct Member {
  ArrayRef<TargetRequest> requests; // of all layers that use it
  FactorInput input;
  std::vector<float> coefficients; // [rows, rank]
  double error = 0;

  const TargetRequest &first() const { return requests.front(); }
  RankedTensorType getType() const { return cast<RankedTensorType>(first().target.value.getType()); }
};

struct Group {
  ShareSchemeAttr scheme;
  std::vector<Member> members;
};

} // namespace

/// A member must have the form of the first, so that they can be stacked.
static LogicalResult checkMember(const Group &group, const Member &member) {
  const Member &first = group.members.front();
  CompressibleOpInterface layer = member.first().layer.op;
  auto scheme = member.first().getScheme<ShareSchemeAttr>();
  if (scheme.getRank() != group.scheme.getRank())
    return layer->emitOpError() << "layer '" << member.first().layer.name << "' asks for rank " << scheme.getRank()
                                << " in group '" << scheme.getGroup().getValue() << "', but layer '"
                                << first.first().layer.name << "' for " << group.scheme.getRank();
  if (member.getType() != first.getType() || member.input.matrix.isRowMajor() != first.input.matrix.isRowMajor())
    return layer->emitOpError() << "layer '" << member.first().layer.name << "' has a weight of " << member.getType()
                                << " and cannot share a basis with layer '" << first.first().layer.name << "' of "
                                << first.getType() << ": name another group";
  if (layer->getParentOfType<FunctionOpInterface>() != first.first().layer.op->getParentOfType<FunctionOpInterface>())
    return layer->emitOpError() << "layer '" << member.first().layer.name << "' and layer '" << first.first().layer.name
                                << "' are in different functions: name another group";
  return success();
}

namespace {
struct ShareBasisPass : public condense::compress::impl::ShareBasisPassBase<ShareBasisPass> {
  using ShareBasisPassBase::ShareBasisPassBase;

  void runOnOperation() override {
    TargetRewriter rewriter("share-basis");
    TargetGroups targets = rewriter.takeRequests<ShareSchemeAttr>(getOperation());
    llvm::MapVector<StringAttr, Group> groups;
    if (failed(collect(rewriter, targets, groups)))
      return signalPassFailure();
    for (auto &[name, group] : groups)
      if (failed(realize(rewriter, group)))
        return signalPassFailure();
    shared += rewriter.getNumReplaced();
    leftAlone += rewriter.getNumLeftAlone();
    bytesBefore += rewriter.getBytesBefore();
    bytesAfter += rewriter.getBytesAfter();
  }

private:
  LogicalResult collect(TargetRewriter &rewriter, const TargetGroups &targets,
                        llvm::MapVector<StringAttr, Group> &groups) {
    std::optional<LayerStatistics> loaded;
    if (failed(loadStatistics(getOperation()->getLoc(), statistics, loaded)))
      return failure();
    for (const auto &[value, requests] : targets) {
      const TargetRequest &first = requests.front();
      StringRef obstacle = isa<nn::Conv2DOp>(first.layer.op) || isTable(first.layer.op)
                               ? "only matrices that are multiplied share a basis"
                               : getFactorObstacle(first, /*isConvolution=*/false);
      if (!obstacle.empty()) {
        rewriter.leaveAlone(requests, obstacle);
        continue;
      }
      if (!rewriter.isSoleUse(requests))
        continue;
      FailureOr<FactorInput> input = readFactorInput(requests);
      if (failed(input) || (loaded && failed(addGram(*input, requests, loaded, "a shared basis", "no statistics"))))
        return failure();
      auto scheme = first.getScheme<ShareSchemeAttr>();
      Group &group = groups[scheme.getGroup()];
      if (group.members.empty())
        group.scheme = scheme;
      group.members.push_back({requests, std::move(*input), {}});
      if (failed(checkMember(group, group.members.back())))
        return failure();
    }
    return success();
  }

  void leaveAlone(TargetRewriter &rewriter, const Group &group, const Twine &reason) {
    for (const Member &member : group.members)
      rewriter.leaveAlone(member.requests, reason);
  }

  static std::optional<numerics::LowRank> decompose(const Group &group) {
    const FactorInput &first = group.members.front().input;
    std::vector<float> stacked, gram(first.getGram(0).begin(), first.getGram(0).end());
    for (const Member &member : group.members) {
      llvm::append_range(stacked, member.input.weight);
      for (auto [sum, value] : llvm::zip_equal(gram, member.input.getGram(0)))
        sum += &member == &group.members.front() ? 0 : value;
    }
    return numerics::LowRank::compute(first.matrix.getRows() * group.members.size(), first.matrix.getColumns(), stacked,
                                      gram);
  }

  /// The coefficients of each layer, fitted to what it reads; and what that loses.
  static void fit(Group &group, int64_t rank, ArrayRef<float> basis) {
    int64_t rows = group.members.front().input.matrix.getRows();
    int64_t columns = group.members.front().input.matrix.getColumns();
    for (Member &member : group.members) {
      member.coefficients = numerics::fitCoefficients(rows, columns, member.input.weight, rank,
                                                      {basis.data(), basis.size()}, member.input.getGram(0));
      numerics::LowRankFactors factors{rank, member.coefficients, basis.vec()};
      double norm = getWeightNorm(member.first(), member.input.weight);
      double error = std::sqrt(getSquaredError(member.input.weight, columns, factors));
      member.error = norm > 0 ? error / norm : 0;
    }
  }

  LogicalResult realize(TargetRewriter &rewriter, Group &group) {
    const WeightMatrix &matrix = group.members.front().input.matrix;
    int64_t rows = matrix.getRows(), columns = matrix.getColumns(), count = group.members.size();
    std::optional<numerics::LowRank> lowRank = decompose(group);
    if (!lowRank)
      return group.members.front().first().layer.op->emitOpError()
             << "group '" << group.scheme.getGroup().getValue() << "': the decomposition of the weights failed";
    int64_t rank = std::min(group.scheme.getRank(), lowRank->getFullRank());
    int64_t before = count * rows * columns, after = count * rows * rank + rank * columns;
    if (after >= before) {
      leaveAlone(rewriter, group, "rank " + Twine(rank) + " would not be smaller");
      return success();
    }
    std::vector<float> basis = lowRank->cut(rank).right;
    fit(group, rank, basis);
    for (const Member &member : group.members) {
      if (!rewriter.exceedsBound(member.requests, member.error))
        continue;
      for (const Member &other : group.members)
        if (&other != &member)
          rewriter.leaveAlone(other.requests, "layer '" + member.first().layer.name + "' of the group is left alone");
      return success();
    }
    replace(rewriter, group, rank, basis);
    return success();
  }

  void replace(TargetRewriter &rewriter, const Group &group, int64_t rank, ArrayRef<float> basis) {
    const Member &first = group.members.front();
    auto function = first.first().layer.op->getParentOfType<FunctionOpInterface>();
    OpBuilder builder(first.first().target.value.getDefiningOp());
    if (function)
      builder.setInsertionPointToStart(&function.getFunctionBody().front());
    const WeightMatrix &matrix = first.input.matrix;
    Value shared = createRight(builder, first.first(), matrix, basis, group.scheme.getGroup().getValue() + ".basis");
    std::string details = "rank " + std::to_string(rank) + " for " + std::to_string(group.members.size()) + " layers";
    int64_t elementBytes = first.getType().getElementTypeBitWidth() / 8, basisElements = basis.size();
    for (const Member &member : group.members) {
      Value old = member.first().target.value;
      builder.setInsertionPointAfterValue(old);
      Value coefficients = createLeft(builder, member.first(), matrix, member.coefficients,
                                      getTargetName(member.first()) + ".coefficients");
      Value product = createProduct(builder, member.first(), matrix, {coefficients, shared});
      for (const TargetRequest &request : member.requests)
        request.target.path.back()->set(product);
      // The basis is counted once, with the first layer.
      int64_t elements = static_cast<int64_t>(member.coefficients.size()) + (&member == &first ? basisElements : 0);
      rewriter.report(member.requests, getDenseBytes(member.getType()), elements * elementBytes, member.error, details);
      product.getDefiningOp()->setAttr(CompressDialect::kRelativeErrorAttrName, builder.getF64FloatAttr(member.error));
      old.getDefiningOp()->erase();
    }
  }
};
} // namespace
