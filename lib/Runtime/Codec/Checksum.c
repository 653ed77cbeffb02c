/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The checksum of coded arrays. */

#include "Internal.h"

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
