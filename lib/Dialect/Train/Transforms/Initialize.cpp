// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random values for training from scratch.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/Dialect/Train/Transforms/Passes.h"
#include "condense/Numerics/CounterRandom.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace condense::train {
#define GEN_PASS_DEF_INITIALIZEPASS
#include "condense/Dialect/Train/Transforms/Passes.h.inc"
} // namespace condense::train

using namespace mlir;
using namespace condense;
using namespace condense::train;

/// Whether what a layer computes goes through a rectifier (or one of its smooth kin) next.
static bool isRectified(Operation *layer) {
  for (Operation *op = layer; op->hasOneUse();) {
    op = *op->user_begin();
    if (isa<nn::ReluOp, nn::LeakyReluOp, nn::PReluOp, nn::EluOp, nn::CeluOp, nn::SeluOp, nn::GeluOp, nn::SiluOp,
            nn::MishOp, nn::HardSwishOp, nn::ClampOp, nn::ThresholdedReluOp>(op))
      return true;
    if (!isa<nn::BatchNormOp, nn::AddOp, nn::MulOp, nn::MaxPool2DOp, nn::AvgPool2DOp, nn::TransposeOp, nn::ReshapeOp>(
            op))
      return false;
  }
  return false;
}

namespace {
/// The numbers of elements that an element of the input or output of a layer is connected with.
struct Fans {
  double in = 1, out = 1;
};
} // namespace

static Fans getFans(CompressibleOpInterface layer) {
  auto type = cast<RankedTensorType>(layer.getWeightOperand().get().getType());
  SmallVector<int64_t> reduced = layer.getReductionDims();
  Fans fans;
  for (int64_t dim : reduced)
    fans.in *= type.getDimSize(dim);
  for (int64_t dim : layer.getOutputChannelDims())
    fans.out *= type.getDimSize(dim);
  // a convolution's output is connected with one group's channels at every position of the kernel
  if (!reduced.empty())
    fans.out *= fans.in / type.getDimSize(reduced.front()) / layer.getNumGroups();
  return fans;
}

static std::vector<float> drawWeight(const Leaf &leaf, const numerics::CounterRandom &random) {
  std::vector<float> values(leaf.getType().getNumElements());
  auto layer = cast<CompressibleOpInterface>(leaf.layer);
  Fans fans = getFans(layer);
  int64_t columns = leaf.getType().getRank() ? leaf.getType().getShape().back() : 1;
  if (layer.getReductionDims().empty())
    random.fillNormal(values, 1 / std::sqrt(double(columns)));
  // the other factor has the variance of the whole weight
  else if (leaf.factors > 1 && StringRef(leaf.name).contains(".left"))
    random.fillNormal(values, 1 / std::sqrt(double(columns)));
  else if (isRectified(leaf.layer))
    random.fillNormal(values, std::sqrt(2 / fans.in));
  else
    random.fillUniform(values, std::sqrt(6 / (fans.in + fans.out)));
  return values;
}

/// Nothing for what keeps its value.
static std::optional<std::vector<float>> draw(const Leaf &leaf, const numerics::CounterRandom &random) {
  std::vector<float> values(leaf.getType().getNumElements());
  switch (leaf.kind) {
  case LeafKind::Weight:
    return drawWeight(leaf, random);
  case LeafKind::Bias:
  case LeafKind::Mean:
    return values;
  case LeafKind::Scale:
  case LeafKind::Variance:
    return std::vector<float>(values.size(), 1.0f);
  case LeafKind::Slope:
    return std::vector<float>(values.size(), 0.25f);
  case LeafKind::Code:
    return std::nullopt;
  }
  return std::nullopt;
}

static std::vector<char> toBytes(ArrayRef<float> values, bool isDouble) {
  if (!isDouble) {
    auto *data = reinterpret_cast<const char *>(values.data());
    return {data, data + values.size() * sizeof(float)};
  }
  std::vector<double> wide(values.begin(), values.end());
  auto *data = reinterpret_cast<const char *>(wide.data());
  return {data, data + wide.size() * sizeof(double)};
}

namespace {
struct InitializePass : train::impl::InitializePassBase<InitializePass> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp network = findFunction(getOperation(), function);
    if (!network)
      return signalPassFailure();
    std::vector<Leaf> chosen;
    std::vector<std::vector<char>> values;
    for (const auto &[index, leaf] : llvm::enumerate(findLeaves(network))) {
      std::optional<std::vector<float>> drawn = draw(leaf, numerics::CounterRandom(seed, index));
      if (!drawn)
        continue;
      values.push_back(toBytes(*drawn, leaf.getType().getElementType().isF64()));
      chosen.push_back(leaf);
      ++numInitialized;
    }
    writeLeaves(chosen, values);
  }
};
} // namespace
