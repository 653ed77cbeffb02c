// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Speed of the decoders that compiled models load with (and of the encoders), in bytes of symbols per second on one
// core, and the coded bits per symbol beside the entropy.
//
//   ninja -C build CodecBenchmark && build/bin/CodecBenchmark

#include "condense/Numerics/CodedArrays.h"
#include "condense/Numerics/EntropyCoding.h"
#include "condense/Runtime/Codec.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstring>
#include <random>

using namespace condense::numerics;

static constexpr size_t count = 8 << 20;

/// Codes of a weight quantized to `bits`.
static std::vector<uint8_t> makeCodes(unsigned bits, double deviation) {
  std::mt19937 random(1);
  std::normal_distribution<double> bell(0, deviation);
  int high = (1 << (bits - 1)) - 1;
  std::vector<uint8_t> symbols(count);
  for (uint8_t &symbol : symbols)
    symbol = static_cast<uint8_t>(std::clamp<int>(std::lround(bell(random)), -high, high)) & ((1u << bits) - 1);
  return symbols;
}

/// Exponents of bf16 weights.
static std::vector<uint8_t> makeExponents() {
  std::mt19937 random(2);
  std::normal_distribution<float> bell(0, 0.05f);
  std::vector<uint8_t> symbols(count);
  for (uint8_t &symbol : symbols) {
    float value = bell(random);
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    symbol = static_cast<uint8_t>(bits >> 23);
  }
  return symbols;
}

/// Indices of a pruned and clustered weight.
static std::vector<uint8_t> makeSparse(double share) {
  std::mt19937 random(3);
  std::vector<uint8_t> symbols(count);
  for (uint8_t &symbol : symbols)
    symbol = random() < share * 4294967296.0 ? 1 + random() % 15 : 0;
  return symbols;
}

static void decode(benchmark::State &state, const std::vector<uint8_t> &symbols, SymbolCoder coder) {
  CoderChoice choice = chooseCoder(symbols, 8, 0, coder);
  std::optional<CodedSymbols> coded = encodeSymbols(symbols, coder, choice.blockSymbols);
  std::vector<uint8_t> decoded(symbols.size());
  for (auto _ : state) {
    if (!decodeSymbols(*coded, 8, decoded).empty())
      state.SkipWithError("the stream does not decode");
    benchmark::DoNotOptimize(decoded.data());
    benchmark::ClobberMemory();
  }
  if (decoded != symbols)
    state.SkipWithError("other symbols were decoded");
  state.SetBytesProcessed(state.iterations() * symbols.size());
  state.counters["bits"] = 8.0 * coded->size() / symbols.size();
  state.counters["entropy"] = choice.entropyBits;
}

BENCHMARK_CAPTURE(decode, huffman_codes4, makeCodes(4, 2.5), SymbolCoder::huffman);
BENCHMARK_CAPTURE(decode, huffman_codes8, makeCodes(8, 30.0), SymbolCoder::huffman);
BENCHMARK_CAPTURE(decode, huffman_exponents, makeExponents(), SymbolCoder::huffman);
BENCHMARK_CAPTURE(decode, rans_codes4, makeCodes(4, 2.5), SymbolCoder::rans);
BENCHMARK_CAPTURE(decode, rans_exponents, makeExponents(), SymbolCoder::rans);
BENCHMARK_CAPTURE(decode, rans_sparse10, makeSparse(0.1), SymbolCoder::rans);
BENCHMARK_CAPTURE(decode, rans_sparse2, makeSparse(0.02), SymbolCoder::rans);
BENCHMARK_CAPTURE(decode, run_length_sparse2, makeSparse(0.02), SymbolCoder::runLength);

static void encode(benchmark::State &state, const std::vector<uint8_t> &symbols) {
  for (auto _ : state) {
    CoderChoice choice = chooseCoder(symbols, 8);
    benchmark::DoNotOptimize(encodeSymbols(symbols, choice.coder, choice.blockSymbols));
  }
  state.SetBytesProcessed(state.iterations() * symbols.size());
}

BENCHMARK_CAPTURE(encode, huffman_codes4, makeCodes(4, 2.5));
BENCHMARK_CAPTURE(encode, rans_sparse10, makeSparse(0.1));

static void joinPlanes(benchmark::State &state) {
  std::vector<uint8_t> high = makeExponents(), low = makeCodes(8, 60.0), words(2 * count);
  const uint8_t *planes[] = {high.data(), low.data()};
  for (auto _ : state) {
    condense_join_planes(planes, 2, count, words.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * words.size());
}
BENCHMARK(joinPlanes);

/// What a compiled model does when it is loaded, in bytes of weights per second.
static void load(benchmark::State &state, const std::vector<float> &weights) {
  std::vector<uint8_t> bytes(weights.size() * 4), memory(bytes.size());
  std::memcpy(bytes.data(), weights.data(), bytes.size());
  CodedArrayContainer container;
  container.add(0, *codeArray(bytes, 4, 0));
  const std::vector<uint8_t> &stored = container.finish();
  for (auto _ : state)
    if (condense_decode_arrays(stored.data(), stored.size(), memory.data(), memory.size(), nullptr))
      state.SkipWithError("the container does not decode");
  if (memory != bytes)
    state.SkipWithError("other bytes were decoded");
  state.SetBytesProcessed(state.iterations() * bytes.size());
  state.counters["share"] = double(stored.size()) / bytes.size();
}

static std::vector<float> makeWeights() {
  std::mt19937 random(2);
  std::normal_distribution<float> bell(0, 0.05f);
  std::vector<float> weights(count);
  for (float &weight : weights)
    weight = bell(random);
  return weights;
}

/// Pruned, and of 16 values.
static std::vector<float> makeClusteredWeights() {
  std::vector<float> weights = makeWeights(), levels(weights.begin(), weights.begin() + 16);
  std::vector<uint8_t> indices = makeSparse(0.1);
  for (size_t i = 0; i < count; ++i)
    weights[i] = indices[i] ? levels[indices[i]] : 0;
  return weights;
}
BENCHMARK_CAPTURE(load, f32, makeWeights());
BENCHMARK_CAPTURE(load, pruned_clustered_f32, makeClusteredWeights());

static void checksum(benchmark::State &state) {
  std::vector<uint8_t> bytes = makeExponents();
  for (auto _ : state)
    benchmark::DoNotOptimize(condense_crc32(0, bytes.data(), bytes.size()));
  state.SetBytesProcessed(state.iterations() * bytes.size());
}
BENCHMARK(checksum);

BENCHMARK_MAIN();
