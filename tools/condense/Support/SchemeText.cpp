// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weight expressions in words: from the outermost operation inwards, each adds what it
// is about.

#include "SchemeText.h"

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace condense;
using namespace condense::compress;
using namespace mlir;

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static std::string join(ArrayRef<std::string> parts) { return llvm::join(parts, ", "); }

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// "per tensor", "per channel" or "block 1x32", as the shapes say.
static std::string describeBlock(ArrayRef<int64_t> codes, ArrayRef<int64_t> scales) {
  SmallVector<std::string> block;
  int64_t scaled = 0, whole = 0, rank = codes.size();
  for (auto [size, count] : llvm::zip(codes, scales)) {
    block.push_back(std::to_string(count ? size / count : 0));
    scaled += count == size && size > 1;
    whole += count == 1;
  }
  if (whole == rank)
    return "per tensor";
  if (scaled == 1 && whole == rank - 1)
    return "per channel";
  return "block " + llvm::join(block, "x");
}

static std::string describePositions(ScatterOp scatter) {
  PositionsAttr layout = scatter.getLayout();
  if (layout.getFormat() == PositionFormat::NM)
    return llvm::formatv("{0}:{1} sparse", layout.getN(), layout.getM()).str();
  double kept = 100.0 * getType(scatter.getValues()).getNumElements() / getType(scatter.getOutput()).getNumElements();
  return llvm::formatv("{0:F1} % kept ({1})", kept, stringifyPositionFormat(layout.getFormat())).str();
}

static std::string describe(Value value);

static std::string describe(DequantizeOp op) {
  std::string block = describeBlock(getType(op.getCodes()).getShape(), getType(op.getScales()).getShape());
  SmallVector<std::string> parts{describe(op.getCodes()) + " " + block, "scale " + describe(op.getScales())};
  // what the codes are is said first, how they are stored last
  if (auto scatter = op.getCodes().getDefiningOp<ScatterOp>())
    parts = {describe(scatter.getValues()) + " " + block, parts[1], describePositions(scatter)};
  return join(parts);
}

static std::string describe(LookupOp op) {
  RankedTensorType codebook = getType(op.getCodebook());
  std::string text =
      "codebook of " + std::to_string(codebook.getShape().back()) + " " + print(codebook.getElementType());
  if (op.getIndices().getDefiningOp<EntropyDecodeOp>())
    text += " (" + describe(op.getIndices()) + ")";
  return text;
}

static std::string describe(nn::MatmulOp op) {
  std::string lhs = describe(op.getLhs()), rhs = describe(op.getRhs());
  return "rank " + std::to_string(getType(op.getLhs()).getShape().back()) + " (" +
         (lhs == rhs ? lhs : lhs + "; " + rhs) + ")";
}

static std::string describe(Value value) {
  Operation *op = value.getDefiningOp();
  std::string element = print(getElementTypeOrSelf(value.getType()));
  if (!op)
    return element;
  if (getPermutation(op))
    return describe(op->getOperand(0));
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case<DequantizeOp, LookupOp, nn::MatmulOp>([](auto matched) { return describe(matched); })
      .Case([](ScatterOp scatter) { return describe(scatter.getValues()) + ", " + describePositions(scatter); })
      .Case([&](EntropyDecodeOp decode) { return element + " " + stringifyCoder(decode.getCoder()).str(); })
      .Case([&](JoinPlanesOp planes) {
        bool isCoded =
            llvm::any_of(planes.getPlanes(), [](Value plane) { return plane.getDefiningOp<EntropyDecodeOp>(); });
        return element + (isCoded ? " with coded exponents" : " in planes");
      })
      .Case<nn::AddOp, nn::SubOp>([](auto sum) { return describe(sum.getLhs()) + " + " + describe(sum.getRhs()); })
      .Default([&](Operation *) { return element; });
}

std::string condense::tool::describeScheme(CompressibleOpInterface layer) {
  std::string scheme = describe(layer.getWeightOperand().get());
  auto activation = layer.getActivationOperand().get().getDefiningOp<DequantizeOp>();
  if (activation && activation.getCodes().getDefiningOp<QuantizeOp>())
    scheme += ", input " + print(getElementTypeOrSelf(activation.getCodes().getType()));
  return scheme;
}
