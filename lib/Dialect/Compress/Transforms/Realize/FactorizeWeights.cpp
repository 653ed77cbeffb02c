// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Turns the requests for low-rank weights into products of two factors; a convolution
// becomes two.

#include "FactorizeConvolution.h"
#include "Factors.h"
#include "Residual.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/Threading.h"

namespace condense::compress {
#define GEN_PASS_DEF_FACTORIZEWEIGHTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// One target, read and then decomposed.
struct Job {
  ArrayRef<TargetRequest> requests;
  FactorInput input;
  std::vector<numerics::LowRank> groups;

  FactorizeSchemeAttr getScheme() const { return requests.front().getScheme<FactorizeSchemeAttr>(); }
  bool isWhitened() const { return !input.gram.isEmpty(); }
};

struct FactorizeWeightsPass : public condense::compress::impl::FactorizeWeightsPassBase<FactorizeWeightsPass> {
  using FactorizeWeightsPassBase::FactorizeWeightsPassBase;

  void runOnOperation() override {
    TargetRewriter rewriter("factorize-weights");
    TargetGroups targets = takeRequests(rewriter);
    std::vector<Job> jobs;
    if (failed(collect(rewriter, targets, jobs)) || failed(decompose(jobs)))
      return signalPassFailure();
    for (const Job &job : jobs)
      realize(rewriter, job);
    factorized += rewriter.getNumReplaced();
    leftAlone += rewriter.getNumLeftAlone();
    bytesBefore += rewriter.getBytesBefore();
    bytesAfter += rewriter.getBytesAfter();
  }

private:
  static nn::Conv2DOp getConvolution(const TargetRequest &request) {
    return dyn_cast<nn::Conv2DOp>(static_cast<Operation *>(request.layer.op));
  }

  /// A layer whose residual is to be corrected waits until it was quantized.
  static TargetGroups takeRequests(TargetRewriter &rewriter, Operation *root) {
    SmallVector<std::pair<Operation *, FactorizeSchemeAttr>> waiting;
    for (const Layer &layer : getLayers(root)) {
      auto quantize = getRequest<QuantizeSchemeAttr>(layer.op);
      if (quantize && quantize.getResidual())
        if (auto scheme = takeRequest<FactorizeSchemeAttr>(layer.op))
          waiting.push_back({layer.op, scheme});
    }
    TargetGroups targets = rewriter.takeRequests<FactorizeSchemeAttr>(root);
    for (auto [op, scheme] : waiting)
      setRequest(op, scheme);
    return targets;
  }
  TargetGroups takeRequests(TargetRewriter &rewriter) { return takeRequests(rewriter, getOperation()); }

  static void refuse(TargetRewriter &rewriter, ArrayRef<TargetRequest> requests, const Twine &reason) {
    rewriter.leaveAlone(requests, reason);
    giveUpResidual(requests);
  }

  LogicalResult collect(TargetRewriter &rewriter, const TargetGroups &targets, std::vector<Job> &jobs) {
    std::optional<LayerStatistics> loaded;
    if (failed(loadStatistics(getOperation()->getLoc(), statistics, loaded)))
      return failure();
    for (const auto &[value, requests] : targets) {
      const TargetRequest &first = requests.front();
      bool isConvolution = static_cast<bool>(getConvolution(first));
      if (StringRef obstacle = getFactorObstacle(first, isConvolution); !obstacle.empty()) {
        refuse(rewriter, requests, obstacle);
        continue;
      }
      if (isConvolution && (requests.size() > 1 || !isWholeFilter(first))) {
        refuse(rewriter, requests, "only a filter that is one constant of one layer is factorized");
        continue;
      }
      if (!rewriter.isSoleUse(requests)) {
        giveUpResidual(requests);
        continue;
      }
      FailureOr<FactorInput> input = readFactorInput(requests);
      if (failed(input))
        return failure();
      bool whitened = first.getScheme<FactorizeSchemeAttr>().getAlgorithm() == FactorizeAlgorithm::Whitened;
      if (whitened && isTable(first.layer.op)) {
        refuse(rewriter, requests, "a table is not multiplied with activations: use algorithm = svd");
        continue;
      }
      if (whitened && failed(addGram(*input, requests, loaded, "algorithm = whitened", "algorithm = svd")))
        return failure();
      jobs.push_back({requests, std::move(*input), {}});
    }
    return success();
  }

  /// A filter that is read through transposes only, or what its quantization lost.
  static bool isWholeFilter(const TargetRequest &request) {
    if (isResidual(request))
      return request.target.path.size() == 2 && request.target.path.front()->get().hasOneUse();
    return llvm::all_of(ArrayRef(request.target.path).drop_front(),
                        [](OpOperand *use) { return getPermutation(use->getOwner()).has_value(); });
  }

  LogicalResult decompose(std::vector<Job> &jobs) {
    LogicalResult result = failableParallelForEach(&getContext(), jobs, [&](Job &job) -> LogicalResult {
      for (int64_t group = 0; group < job.input.matrix.getGroups(); ++group) {
        std::optional<numerics::LowRank> lowRank = decomposeGroup(job, group);
        if (!lowRank)
          return failure();
        job.groups.push_back(std::move(*lowRank));
      }
      return success();
    });
    for (const Job &job : jobs)
      if (static_cast<int64_t>(job.groups.size()) != job.input.matrix.getGroups())
        return job.requests.front().layer.op->emitOpError()
               << "layer '" << job.requests.front().layer.name << "': the decomposition of the weight failed";
    return result;
  }

  static std::optional<numerics::LowRank> decomposeGroup(const Job &job, int64_t group) {
    const FactorInput &input = job.input;
    if (auto convolution = getConvolution(job.requests.front()))
      return decomposeFilter(convolution, job.getScheme().getConv(), input, group);
    return numerics::LowRank::compute(input.matrix.getRows(), input.matrix.getColumns(), input.getWeight(group),
                                      input.getGram(group));
  }

  void realize(TargetRewriter &rewriter, const Job &job) {
    if (getConvolution(job.requests.front()))
      return realizeConvolution(rewriter, job);
    int64_t rows = job.input.matrix.getRows(), columns = job.input.matrix.getColumns();
    int64_t size = rows * columns, perRank = rows + columns;
    int64_t rank = chooseRank(job.getScheme(), job.groups, {size, perRank, size, perRank});
    if (rank < 1)
      return refuse(rewriter, job.requests, "no rank fits the budget");
    const TargetRequest &first = job.requests.front();
    numerics::LowRankFactors factors = job.groups.front().cut(rank);
    double norm = getWeightNorm(first, job.input.weight);
    double error = std::sqrt(getSquaredError(job.input.weight, columns, factors));
    std::string name = getTargetName(first);
    OpBuilder builder(first.target.value.getContext());
    builder.setInsertionPointAfterValue(first.target.value);
    FactorOperands operands{createLeft(builder, first, job.input.matrix, factors.left, name + ".up"),
                            createRight(builder, first, job.input.matrix, factors.right, name + ".down")};
    Value product = createProduct(builder, first, job.input.matrix, operands);
    if (!rewriter.replace(job.requests, product, norm > 0 ? error / norm : 0,
                          describeFactors(job.groups, rank, job.isWhitened())))
      giveUpResidual(job.requests);
  }

  void realizeConvolution(TargetRewriter &rewriter, const Job &job) {
    const TargetRequest &request = job.requests.front();
    ConvolutionFactorizer factorizer(request, job.input, job.groups);
    FactorCost cost = factorizer.getCost();
    int64_t rank = chooseRank(job.getScheme(), job.groups, cost);
    if (rank < 1)
      return refuse(rewriter, job.requests, "no rank fits the budget");
    if (!factorizer.isCheaper(rank))
      return refuse(rewriter, job.requests, "rank " + Twine(rank) + " would be larger or slower");
    double error = factorizer.getRelativeError(rank);
    if (rewriter.exceedsBound(job.requests, error))
      return giveUpResidual(job.requests);
    std::string details = describeFactors(job.groups, rank, job.isWhitened());
    rewriter.report(job.requests, factorizer.getBytes(cost.size), factorizer.getBytes(rank * cost.sizePerRank), error,
                    details);
    factorizer.rewrite(rank);
  }
};
} // namespace
