// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prefix codes of limited length. Package-merge (Larmore and Hirschberg, "A fast algorithm for optimal
// length-limited Huffman codes", 1990) is optimal, and for 256 symbols takes microseconds.

#include "EntropyCoders.h"
#include "condense/Runtime/Codec.h"
#include <algorithm>
#include <cassert>
#include <tuple>

using namespace condense::numerics;

namespace {

/// A symbol, or a package of two nodes of the level below.
struct Node {
  uint64_t weight;
  int left, right; ///< indices of nodes; left < 0: the symbol `right`
};

} // namespace

/// The symbols that occur, rarest first.
static std::vector<Node> makeLeaves(const SymbolCounts &symbols) {
  std::vector<Node> leaves;
  for (int symbol = 0; symbol < 256; ++symbol)
    if (symbols.counts[symbol])
      leaves.push_back({symbols.counts[symbol], -1, symbol});
  std::sort(leaves.begin(), leaves.end(),
            [](const Node &a, const Node &b) { return std::tie(a.weight, a.right) < std::tie(b.weight, b.right); });
  return leaves;
}

/// One more bit for each symbol of the node.
static void lengthen(const std::vector<Node> &nodes, int index, std::array<uint8_t, 256> &lengths) {
  const Node &node = nodes[index];
  if (node.left < 0) {
    ++lengths[node.right];
    return;
  }
  lengthen(nodes, node.left, lengths);
  lengthen(nodes, node.right, lengths);
}

std::array<uint8_t, 256> condense::numerics::computeCodeLengths(const SymbolCounts &symbols, unsigned limit) {
  std::array<uint8_t, 256> lengths{};
  std::vector<Node> nodes = makeLeaves(symbols);
  int numLeaves = nodes.size();
  assert((1u << limit) >= nodes.size() && "more symbols than codes");
  if (numLeaves <= 1) {
    for (const Node &leaf : nodes)
      lengths[leaf.right] = 1;
    return lengths;
  }
  // the nodes of the present level, lightest first; the first numLeaves nodes are those of every level
  std::vector<int> level(numLeaves), merged;
  for (int i = 0; i < numLeaves; ++i)
    level[i] = i;
  for (unsigned bit = 1; bit < limit; ++bit) {
    int firstPackage = nodes.size();
    for (size_t i = 0; i + 1 < level.size(); i += 2)
      nodes.push_back({nodes[level[i]].weight + nodes[level[i + 1]].weight, level[i], level[i + 1]});
    merged.clear();
    for (int leaf = 0, package = firstPackage, end = nodes.size(); leaf < numLeaves || package < end;) {
      bool isLeaf = package == end || (leaf < numLeaves && nodes[leaf].weight <= nodes[package].weight);
      merged.push_back(isLeaf ? leaf++ : package++);
    }
    level.swap(merged);
  }
  for (int i = 0; i < 2 * numLeaves - 2; ++i)
    lengthen(nodes, level[i], lengths);
  return lengths;
}

namespace {

class HuffmanEncoder : public BlockEncoder {
public:
  explicit HuffmanEncoder(const std::array<uint8_t, 256> &lengths) : lengths(lengths) {
    for (unsigned length = 1; length <= CONDENSE_HUFFMAN_BITS; ++length)
      for (unsigned symbol = 0; symbol < 256; ++symbol)
        if (lengths[symbol] == length)
          order.push_back(symbol);
    uint32_t code = 0;
    unsigned length = 1;
    for (uint8_t symbol : order) {
      code <<= lengths[symbol] - length;
      length = lengths[symbol];
      for (unsigned bit = 0; bit < length; ++bit) // the first bit of the code is the lowest
        codes[symbol] |= (code >> bit & 1) << (length - 1 - bit);
      ++code;
    }
  }

  std::vector<uint8_t> getTable() const override {
    std::vector<uint8_t> table(CONDENSE_HUFFMAN_BITS);
    for (uint8_t symbol : order)
      ++table[lengths[symbol] - 1];
    table.insert(table.end(), order.begin(), order.end());
    return table;
  }

  void encode(std::span<const uint8_t> symbols, std::vector<uint8_t> &bytes) const override {
    uint64_t word = 0;
    unsigned used = 0;
    for (uint8_t symbol : symbols) {
      word |= static_cast<uint64_t>(codes[symbol]) << used;
      used += lengths[symbol];
      for (; used >= 8; used -= 8, word >>= 8)
        bytes.push_back(static_cast<uint8_t>(word));
    }
    if (used)
      bytes.push_back(static_cast<uint8_t>(word));
  }

private:
  std::array<uint8_t, 256> lengths;
  std::array<uint32_t, 256> codes{};
  std::vector<uint8_t> order; ///< by length, then by symbol
};

} // namespace

std::unique_ptr<BlockEncoder> condense::numerics::createHuffmanEncoder(const SymbolCounts &symbols) {
  std::array<uint8_t, 256> lengths = computeCodeLengths(symbols, CONDENSE_HUFFMAN_BITS);
  if (std::all_of(lengths.begin(), lengths.end(), [](uint8_t length) { return length == 8; }))
    return nullptr; // the table counts to 255, and nothing would be saved
  return std::make_unique<HuffmanEncoder>(lengths);
}
