// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random numbers without state.

#include "condense/Numerics/CounterRandom.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

using namespace condense::numerics;

static constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

CounterRandom::CounterRandom(uint64_t seed, uint64_t stream) : key(mix(mix(seed + kGolden) + stream * kGolden + 1)) {}

uint64_t CounterRandom::bits(uint64_t counter) const { return mix(mix(key + counter * kGolden) + key); }

double CounterRandom::uniform(uint64_t counter) const { return ((bits(counter) >> 12) + 0.5) * 0x1p-52; }

uint64_t CounterRandom::below(uint64_t counter, uint64_t bound) const {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(counter)) * bound) >> 64);
}

double CounterRandom::normal(uint64_t counter) const {
  double radius = std::sqrt(-2 * std::log(uniform(2 * counter)));
  return radius * std::cos(2 * std::numbers::pi * uniform(2 * counter + 1));
}

void CounterRandom::fillNormal(std::span<float> values, double deviation) const {
  for (size_t i = 0; i != values.size(); ++i)
    values[i] = static_cast<float>(deviation * normal(i));
}

void CounterRandom::fillUniform(std::span<float> values, double limit) const {
  for (size_t i = 0; i != values.size(); ++i)
    values[i] = static_cast<float>(limit * (2 * uniform(i) - 1));
}

std::vector<int64_t> CounterRandom::permutation(int64_t count) const {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t(0));
  for (int64_t i = count - 1; i > 0; --i)
    std::swap(order[i], order[below(i, i + 1)]);
  return order;
}
