// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores constants of equal content once, also where one is a transpose of another.
//
// A hash that does not depend on the order of elements brings candidates together;
// then elements are compared, so a collision costs time and never correctness.

#include "condense/Dialect/Compress/IR/Compress.h"
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"

namespace condense::compress {
#define GEN_PASS_DEF_SHARECONSTANTSPASS
#include "condense/Dialect/Compress/Transforms/Realize/Passes.h.inc"
} // namespace condense::compress

using namespace mlir;
using namespace condense;
using namespace condense::compress;

namespace {

/// A constant of the model.
struct Candidate {
  Operation *op;
  ElementsAttr elements;
  TensorConstant constant;
  uint64_t hash = 0;

  RankedTensorType getType() const { return constant.getType(); }
  ArrayRef<char> getBytes() const { return constant.getBytes(); }
};

/// Where one constant is found in another: dimension `i` is its dimension `permutation[i]`.
struct Match {
  const Candidate *leader;
  SmallVector<int64_t> permutation; // empty: the same bytes
};

} // namespace

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 29);
}

/// The sum of the mixed elements: the same for any order.
template <typename T> static uint64_t hashElements(ArrayRef<char> bytes) {
  uint64_t sum = 0;
  for (T element : ArrayRef(reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T)))
    sum += mix(static_cast<uint64_t>(element) + 0x9e3779b97f4a7c15);
  return sum;
}

static uint64_t hashConstant(const TensorConstant &constant) {
  switch (getElementBytes(constant.getType().getElementType())) {
  case 1:
    return hashElements<uint8_t>(constant.getBytes());
  case 2:
    return hashElements<uint16_t>(constant.getBytes());
  case 4:
    return hashElements<uint32_t>(constant.getBytes());
  default:
    return hashElements<uint64_t>(constant.getBytes());
  }
}

/// Whether `constant[i...]` is `leader` at the permuted index for every element.
static bool isPermuted(const TensorConstant &constant, const TensorConstant &leader, ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> shape = constant.getType().getShape(), from = leader.getType().getShape();
  int64_t rank = shape.size(), size = getElementBytes(constant.getType().getElementType());
  SmallVector<int64_t> strides(rank, size), steps(rank), index(rank, 0);
  for (int64_t dim = rank - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * from[dim + 1];
  for (int64_t dim = 0; dim < rank; ++dim)
    steps[dim] = strides[permutation[dim]];
  const char *element = constant.getBytes().data(), *other = leader.getBytes().data();
  for (int64_t count = constant.getType().getNumElements(); count > 0; --count, element += size) {
    if (std::memcmp(element, other, size) != 0)
      return false;
    for (int64_t dim = rank - 1; dim >= 0; --dim) {
      other += steps[dim];
      if (++index[dim] < shape[dim])
        break;
      other -= steps[dim] * shape[dim];
      index[dim] = 0;
    }
  }
  return true;
}

/// The first permutation, in lexicographic order, under which the constants are equal.
static std::optional<SmallVector<int64_t>> findPermutation(const TensorConstant &constant,
                                                           const TensorConstant &leader) {
  ArrayRef<int64_t> shape = constant.getType().getShape(), from = leader.getType().getShape();
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  do {
    bool fits = llvm::all_of(llvm::zip_equal(shape, permutation),
                             [&](auto pair) { return std::get<0>(pair) == from[std::get<1>(pair)]; });
    if (fits && isPermuted(constant, leader, permutation))
      return permutation;
  } while (std::next_permutation(permutation.begin(), permutation.end()));
  return std::nullopt;
}

namespace {
struct ShareConstantsPass : public condense::compress::impl::ShareConstantsPassBase<ShareConstantsPass> {
  using ShareConstantsPassBase::ShareConstantsPassBase;

  void runOnOperation() override {
    std::vector<Candidate> candidates = collect();
    parallelFor(&getContext(), 0, candidates.size(),
                [&](size_t i) { candidates[i].hash = hashConstant(candidates[i].constant); });
    // Constants that are stored, by what all of their copies have in common.
    using Key = std::pair<uint64_t, std::pair<Type, int64_t>>;
    llvm::MapVector<Key, SmallVector<const Candidate *>> leaders;
    for (const Candidate &candidate : candidates) {
      RankedTensorType type = candidate.getType();
      auto &group = leaders[{candidate.hash, {type.getElementType(), type.getNumElements()}}];
      if (std::optional<Match> match = findMatch(candidate, group))
        replace(candidate, *match);
      else
        group.push_back(&candidate);
    }
  }

private:
  std::vector<Candidate> collect() {
    std::vector<Candidate> candidates;
    getOperation()->walk([&](Operation *op) {
      Attribute attr;
      if (op->getNumResults() != 1 || !matchPattern(op, m_Constant(&attr)))
        return;
      auto elements = dyn_cast<ElementsAttr>(attr);
      // A splat is stored as one element.
      if (!elements || elements.isSplat())
        return;
      std::optional<TensorConstant> constant = TensorConstant::get(elements);
      if (constant && static_cast<int64_t>(constant->getBytes().size()) >= minBytes)
        candidates.push_back({op, elements, std::move(*constant)});
    });
    return candidates;
  }

  std::optional<Match> findMatch(const Candidate &candidate, ArrayRef<const Candidate *> leaders) {
    for (const Candidate *leader : leaders)
      if (leader->getType() == candidate.getType() && leader->getBytes() == candidate.getBytes())
        return Match{leader, {}};
    int64_t rank = candidate.getType().getRank();
    if (!transposes || rank < 2 || rank > 4)
      return std::nullopt;
    for (const Candidate *leader : leaders)
      if (leader->getType().getRank() == rank)
        if (auto permutation = findPermutation(candidate.constant, leader->constant))
          return Match{leader, *permutation};
    return std::nullopt;
  }

  /// The leader's constant where `op` can use it. Functions share no values, but
  /// constants of equal attributes are stored once.
  Value getLeader(Operation *op, const Candidate &leader) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    if (leader.op->getParentOfType<FunctionOpInterface>() == function) {
      Operation *start = function ? &function.getFunctionBody().front().front() : &op->getBlock()->front();
      if (leader.op != start && leader.op->getBlock() == start->getBlock())
        leader.op->moveBefore(start);
      if (leader.op->getBlock() == start->getBlock())
        return leader.op->getResult(0);
    }
    OpBuilder builder(op);
    return arith::ConstantOp::create(builder, leader.op->getLoc(), cast<TypedAttr>(leader.elements));
  }

  void replace(const Candidate &candidate, const Match &match) {
    bool stored = candidate.elements != match.leader->elements;
    int64_t bytes = candidate.getBytes().size();
    StringRef name = candidate.constant.getName(), leaderName = match.leader->constant.getName();
    Value value = getLeader(candidate.op, *match.leader);
    if (!match.permutation.empty()) {
      OpBuilder builder(candidate.op);
      value = nn::TransposeOp::create(builder, candidate.op->getLoc(), candidate.getType(), value, match.permutation);
      ++transposed;
    }
    if (stored) {
      remark::passed(candidate.op->getLoc(),
                     remark::RemarkOpts::name("share-constants").category("compress").function(name))
          << remark::metric("SharedWith", leaderName) << remark::metric("Transposed", !match.permutation.empty())
          << remark::metric("BytesBefore", bytes) << remark::metric("BytesAfter", 0);
      bytesSaved += bytes;
      ++shared;
    }
    candidate.op->getResult(0).replaceAllUsesWith(value);
    candidate.op->erase();
  }
};
} // namespace
