// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random numbers without state: number `counter` of stream `stream` of `seed` is a function of these three, so that
// work that is interrupted continues with the same numbers, and threads need no order.

#ifndef CONDENSE_NUMERICS_COUNTERRANDOM_H
#define CONDENSE_NUMERICS_COUNTERRANDOM_H

#include <cstdint>
#include <span>
#include <vector>

namespace condense::numerics {

class CounterRandom {
public:
  CounterRandom(uint64_t seed, uint64_t stream);

  /// 64 random bits: the finalizer of SplitMix64 (Steele et al., 2014), twice.
  uint64_t bits(uint64_t counter) const;
  /// Above 0 and below 1.
  double uniform(uint64_t counter) const;
  /// From [0, bound), without bias that could be noticed (bound < 2^40).
  uint64_t below(uint64_t counter, uint64_t bound) const;
  /// Of mean 0 and variance 1 (Box and Muller).
  double normal(uint64_t counter) const;

  void fillNormal(std::span<float> values, double deviation) const;
  void fillUniform(std::span<float> values, double limit) const;

  /// The numbers from 0 to count - 1 in random order (Fisher and Yates).
  std::vector<int64_t> permutation(int64_t count) const;

private:
  uint64_t key;
};

} // namespace condense::numerics

#endif // CONDENSE_NUMERICS_COUNTERRANDOM_H
