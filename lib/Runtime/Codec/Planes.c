/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Words from the planes of their bytes, and the checksum of coded models. */

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

enum { SLICES = 8 };

/* tables[k][b]: the remainder of byte b with k zero bytes behind it. */
static void build_crc_tables(uint32_t tables[SLICES][256]) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    tables[0][byte] = crc;
  }
  for (int k = 1; k < SLICES; ++k)
    for (uint32_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = tables[k - 1][byte] >> 8 ^ tables[0][tables[k - 1][byte] & 0xff];
}

/* Eight bytes at a time (Kounavis and Berry, "Novel table lookup-based algorithms for high-performance CRC
 * generation", 2008). The tables are built in microseconds, and so need no lock. */
uint32_t condense_crc32(uint32_t crc, const void *data, uint64_t count) {
  uint32_t tables[SLICES][256];
  build_crc_tables(tables);
  const uint8_t *bytes = data;
  crc = ~crc;
  for (; count >= 8; count -= 8, bytes += 8) {
    uint32_t low = load_u32(bytes) ^ crc, high = load_u32(bytes + 4);
    crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24] ^
          tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^ tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
  }
  for (; count; --count, ++bytes)
    crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}
