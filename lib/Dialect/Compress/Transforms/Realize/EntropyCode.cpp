// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Codes the leaves of weight expressions by the frequencies of their symbols, without loss: codes,
// bitmaps and positions as they are, floats by the planes of their bytes (DFloat11,
// arXiv:2504.11651). It comes last: what it codes no other technique can rewrite.

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/CodeType.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "condense/Dialect/Compress/IR/WeightExpression.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/IR/HostTensor.h"
#include "condense/IR/TensorConstant.h"
#include "condense/Numerics/EntropyCoding.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/Format.h"

namespace condense::compress {
#define GEN_PASS_DEF_ENTROPYCODEPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

/// What the constants of a stream cost in a file beside their bytes, about.
static constexpr int64_t leastSaved = 96;

namespace {

/// Symbols, coded where that saves something.
struct CodedPlane {
  std::vector<char> symbols; ///< empty if they are coded
  std::optional<numerics::CodedSymbols> coded;
  numerics::CoderChoice choice;
};

/// A leaf and what it becomes: planes of a float, or one "plane" of codes.
struct Leaf {
  EntropyCodeSchemeAttr scheme;
  std::string name; ///< of the constants
  std::vector<CodedPlane> planes;
  int64_t before = 0, after = 0;
  bool isCoded = false;
};

/// A layer that asks for its leaves to be coded.
struct Request {
  Layer layer;
  EntropyCodeSchemeAttr scheme;
  SmallVector<Value> leaves;
  int64_t before;
};

} // namespace

static bool isPlanarFloat(Type type) {
  return isa<FloatType>(type) && (type.getIntOrFloatBitWidth() == 16 || type.getIntOrFloatBitWidth() == 32);
}

/// Whether the elements of a constant or unpack can be coded.
static bool canCode(Value leaf, EntropyCodeSchemeAttr scheme) {
  auto type = dyn_cast<RankedTensorType>(leaf.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() == 0)
    return false;
  return isWeightStorage(type.getElementType()) || (scheme.getFloats() && isPlanarFloat(type.getElementType()));
}

/// The leaves of an expression, in order of first use; codes are seen behind their unpack. What is coded
/// already is none.
static SmallVector<Value> findLeaves(Value weight, EntropyCodeSchemeAttr scheme) {
  llvm::SetVector<Value> leaves;
  SmallVector<Value> pending{weight};
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || isa<EntropyDecodeOp>(op) || !isPure(op))
      continue;
    auto unpack = dyn_cast<UnpackOp>(op);
    if (getTensorConstant(value) || (unpack && getTensorConstant(unpack.getBytes()))) {
      if (canCode(value, scheme))
        leaves.insert(value);
      continue;
    }
    for (Value operand : llvm::reverse(op->getOperands()))
      pending.push_back(operand);
  }
  return leaves.takeVector();
}

static numerics::SymbolCoder getWantedCoder(EntropyCodeSchemeAttr scheme) {
  return static_cast<numerics::SymbolCoder>(scheme.getCoder());
}

static CodedPlane codePlane(std::vector<uint8_t> symbols, unsigned width, EntropyCodeSchemeAttr scheme) {
  CodedPlane plane;
  plane.choice = numerics::chooseCoder(symbols, width, scheme.getBlock(), getWantedCoder(scheme));
  int64_t dense = llvm::divideCeil(symbols.size() * width, 8);
  if (plane.choice.coder != numerics::SymbolCoder::none)
    plane.coded = numerics::encodeSymbols(symbols, plane.choice.coder, plane.choice.blockSymbols);
  if (plane.coded && static_cast<int64_t>(plane.coded->size()) + leastSaved > dense) {
    plane.coded.reset();
    plane.choice.reason = "too little would be saved";
  }
  if (!plane.coded)
    plane.symbols.assign(symbols.begin(), symbols.end());
  return plane;
}

/// The symbols of codes of `width` bits, whatever their sign.
static std::vector<uint8_t> getSymbols(ArrayRef<uint8_t> codes, unsigned width) {
  std::vector<uint8_t> symbols(codes.begin(), codes.end());
  uint8_t mask = static_cast<uint8_t>((1u << width) - 1);
  for (uint8_t &symbol : symbols)
    symbol &= mask;
  return symbols;
}

static void codeLeaf(Value value, Leaf &leaf) {
  auto type = cast<RankedTensorType>(value.getType());
  unsigned width = type.getElementTypeBitWidth();
  if (isPlanarFloat(type.getElementType())) {
    std::optional<TensorConstant> constant = getTensorConstant(value);
    ArrayRef<uint8_t> bytes = constant->as<uint8_t>();
    for (std::vector<uint8_t> &plane : numerics::splitPlanes({bytes.data(), bytes.size()}, width / 8))
      leaf.planes.push_back(codePlane(std::move(plane), 8, leaf.scheme));
  } else if (FailureOr<std::vector<uint8_t>> codes = evaluateCodes(value); succeeded(codes)) {
    leaf.planes.push_back(codePlane(getSymbols(*codes, width), width, leaf.scheme));
  }
  leaf.before = getDenseBytes(type);
  for (const CodedPlane &plane : leaf.planes) {
    leaf.after += plane.coded ? plane.coded->size() : plane.symbols.size();
    leaf.isCoded |= plane.coded.has_value();
  }
}

template <typename T>
static Value createVector(OpBuilder &builder, Location loc, ArrayRef<T> elements, StringRef name) {
  auto type = RankedTensorType::get(elements.size(), builder.getIntegerType(8 * sizeof(T)));
  return createTensorConstant<T>(builder, loc, type, elements, name);
}

static Value buildDecode(OpBuilder &builder, Location loc, RankedTensorType type, const numerics::CodedSymbols &coded,
                         const Twine &name) {
  Value stream = createVector<uint8_t>(builder, loc, coded.bytes, (name + ".stream").str());
  Value offsets = createVector<uint32_t>(builder, loc, coded.offsets, (name + ".offsets").str());
  Value table = createVector<uint8_t>(builder, loc, coded.table, (name + ".table").str());
  return EntropyDecodeOp::create(builder, loc, type, stream, offsets, table, static_cast<Coder>(coded.coder),
                                 coded.blockSymbols);
}

/// The name of the constant behind a leaf, or one after the layer.
static std::string getLeafName(Value value, const Layer &layer) {
  if (auto unpack = value.getDefiningOp<UnpackOp>())
    value = unpack.getBytes();
  std::string name = getTensorConstant(value)->getName().str();
  return name.empty() ? layer.name + ".weight" : name;
}

static Value buildExpression(Value value, Leaf &leaf) {
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  auto type = cast<RankedTensorType>(value.getType());
  if (!isPlanarFloat(type.getElementType()))
    return buildDecode(builder, value.getLoc(), type, *leaf.planes[0].coded, leaf.name);
  RankedTensorType planeType = type.clone(builder.getI8Type());
  SmallVector<Value> planes;
  for (auto [index, plane] : llvm::enumerate(leaf.planes)) {
    std::string planeName = leaf.name + ".plane" + std::to_string(index);
    planes.push_back(
        plane.coded ? buildDecode(builder, value.getLoc(), planeType, *plane.coded, planeName)
                    : createTensorConstant(builder, value.getLoc(), planeType, std::move(plane.symbols), planeName));
  }
  auto join = JoinPlanesOp::create(builder, value.getLoc(), type, planes);
  join->setAttr(CompressDialect::kRelativeErrorAttrName, builder.getF64FloatAttr(0));
  return join;
}

/// Which coder a leaf got and why; several planes are told apart.
static void describe(llvm::raw_ostream &os, Value value, const Leaf &leaf) {
  auto type = cast<RankedTensorType>(value.getType());
  for (auto [index, plane] : llvm::enumerate(leaf.planes)) {
    if (!plane.coded)
      continue;
    double bits = 8.0 * plane.coded->size() / type.getNumElements();
    os << (os.tell() ? "; " : "") << type.getElementType();
    if (leaf.planes.size() > 1)
      os << " plane " << index;
    os << ": " << numerics::getName(plane.coded->coder) << ", " << llvm::format("%.2f", bits)
       << " bits per symbol, entropy " << llvm::format("%.2f", plane.choice.entropyBits) << " (" << plane.choice.reason
       << ")";
  }
}

static remark::RemarkOpts getRemark(const Layer &layer) {
  return remark::RemarkOpts::name("entropy-code").category("compress").function(layer.name);
}

namespace {
struct EntropyCodePass : public condense::compress::impl::EntropyCodePassBase<EntropyCodePass> {
  void runOnOperation() override {
    std::vector<Request> requests;
    llvm::MapVector<Value, Leaf> leaves;
    for (const Layer &layer : getLayers(getOperation()))
      if (auto scheme = takeRequest<EntropyCodeSchemeAttr>(layer.op))
        requests.push_back(makeRequest(layer, scheme));
    // A leaf that several layers use is coded once, as the first of them asks.
    for (const Request &request : requests)
      for (Value leaf : request.leaves)
        leaves.insert({leaf, Leaf{request.scheme, getLeafName(leaf, request.layer), {}}});
    parallelForEach(&getContext(), leaves, [](auto &entry) { codeLeaf(entry.first, entry.second); });

    SmallVector<std::string> details;
    for (const Request &request : requests)
      details.push_back(explain(request, leaves));
    for (auto &[value, leaf] : leaves)
      if (leaf.isCoded)
        replace(value, leaf);
    for (auto [request, text] : llvm::zip_equal(requests, details))
      report(request, text);
  }

private:
  static Request makeRequest(const Layer &layer, EntropyCodeSchemeAttr scheme) {
    CompressibleOpInterface op = layer.op;
    Value weight = op.getWeightOperand().get();
    return {layer, scheme, findLeaves(weight, scheme), getStoredBytes(weight).value_or(0)};
  }

  /// What is done for a layer, or "" and a remark if nothing is.
  std::string explain(const Request &request, llvm::MapVector<Value, Leaf> &leaves) {
    std::string text, reason = "no leaf of codes or floats that could be coded";
    llvm::raw_string_ostream os(text);
    int64_t largest = 0;
    for (Value value : request.leaves) {
      const Leaf &leaf = leaves[value];
      if (leaf.isCoded)
        describe(os, value, leaf);
      if (leaf.before > largest && !leaf.planes.empty()) {
        largest = leaf.before;
        reason = leaf.planes[0].choice.reason;
      }
    }
    if (!text.empty())
      return text;
    remark::missed(request.layer.op->getLoc(), getRemark(request.layer)) << remark::reason("{0}", reason);
    ++leftAlone;
    return "";
  }

  void replace(Value value, Leaf &leaf) {
    Value expression = buildExpression(value, leaf);
    value.replaceAllUsesWith(expression);
    Operation *op = value.getDefiningOp();
    Value bytes = isa<UnpackOp>(op) ? op->getOperand(0) : Value();
    op->erase();
    if (bytes && bytes.use_empty())
      bytes.getDefiningOp()->erase();
    bytesBefore += leaf.before;
    bytesAfter += leaf.after;
    ++coded;
  }

  static void report(const Request &request, StringRef details) {
    if (details.empty())
      return;
    CompressibleOpInterface op = request.layer.op;
    std::string scheme;
    llvm::raw_string_ostream(scheme) << request.scheme;
    int64_t after = getStoredBytes(op.getWeightOperand().get()).value_or(0);
    remark::passed(op->getLoc(), getRemark(request.layer))
        << remark::metric("Scheme", scheme) << remark::metric("BytesBefore", request.before)
        << remark::metric("BytesAfter", after) << remark::metric("RelativeError", 0.0)
        << remark::metric("Details", details);
  }
};
} // namespace
