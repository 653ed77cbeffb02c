/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Words from the planes of their bytes. */

#include "Internal.h"

static void join2(const uint8_t *high, const uint8_t *low, uint64_t count, uint8_t *words) {
  for (uint64_t i = 0; i < count; ++i) {
    uint32_t rotated = (uint32_t)high[i] << 8 | low[i];
    uint16_t word = (uint16_t)(rotated >> 1 | rotated << 15);
    memcpy(words + 2 * i, &word, 2);
  }
}

static void join4(const uint8_t *const *planes, uint64_t count, uint8_t *words) {
  const uint8_t *a = planes[0], *b = planes[1], *c = planes[2], *d = planes[3];
  for (uint64_t i = 0; i < count; ++i) {
    uint32_t rotated = (uint32_t)a[i] << 24 | (uint32_t)b[i] << 16 | (uint32_t)c[i] << 8 | d[i];
    uint32_t word = rotated >> 1 | rotated << 31;
    memcpy(words + 4 * i, &word, 4);
  }
}

void condense_join_planes(const uint8_t *const *planes, unsigned word_bytes, uint64_t count, void *words) {
  if (word_bytes == 4) {
    join4(planes, count, words);
  } else if (word_bytes == 2) {
    join2(planes[0], planes[1], count, words);
  } else {
    uint8_t *bytes = words;
    for (uint64_t i = 0; i < count; ++i)
      bytes[i] = (uint8_t)(planes[0][i] >> 1 | planes[0][i] << 7);
  }
}
