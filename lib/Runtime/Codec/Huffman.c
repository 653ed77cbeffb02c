/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Canonical Huffman codes: one look-up of the next 11 bits gives a symbol and the length of its code. */

#include "Internal.h"

enum { BITS = CONDENSE_HUFFMAN_BITS, ENTRIES = 1 << BITS, PER_LOAD = 5 };
/* A load gives at least 57 bits that have not been used. */
_Static_assert(PER_LOAD *BITS <= 57, "symbols of a load");

/* Symbol << 8 | length, by the next BITS bits. */
typedef struct huffman_table {
  uint16_t entries[ENTRIES];
} huffman_table;

static uint32_t reverse(uint32_t code, unsigned length) {
  uint32_t result = 0;
  for (unsigned bit = 0; bit < length; ++bit)
    result |= (code >> bit & 1) << (length - 1 - bit);
  return result;
}

/* A complete code, or that of a single symbol, whose one bit then has no influence. */
static int build_table(const condense_coded_stream *stream, huffman_table *table) {
  const uint8_t *counts = stream->table;
  if (stream->table_bytes <= BITS)
    return CONDENSE_CODEC_TABLE;
  uint64_t num_symbols = stream->table_bytes - BITS, total = 0, space = 0;
  for (unsigned length = 1; length <= BITS; ++length) {
    total += counts[length - 1];
    space += (uint64_t)counts[length - 1] << (BITS - length);
  }
  int is_single = num_symbols == 1 && counts[0] == 1;
  if (total != num_symbols || (space != ENTRIES && !is_single))
    return CONDENSE_CODEC_TABLE;
  const uint8_t *symbol = stream->table + BITS;
  uint32_t code = 0;
  for (unsigned length = 1; length <= BITS; ++length, code <<= 1) {
    for (unsigned i = 0; i < counts[length - 1]; ++i, ++code, ++symbol) {
      if (*symbol >> stream->symbol_bits)
        return CONDENSE_CODEC_TABLE;
      for (uint32_t entry = reverse(code, length); entry < ENTRIES; entry += 1u << length)
        table->entries[entry] = (uint16_t)(*symbol << 8 | length);
    }
  }
  if (is_single)
    for (uint32_t entry = 1; entry < ENTRIES; entry += 2)
      table->entries[entry] = table->entries[0];
  return CONDENSE_CODEC_OK;
}

/* The bits from `position` on; zeros follow the stream. */
static uint64_t load_near_end(const uint8_t *begin, const uint8_t *limit, uint64_t position) {
  uint8_t bytes[8] = {0};
  uint64_t size = (uint64_t)(limit - begin), first = position >> 3;
  if (first < size)
    memcpy(bytes, begin + first, size - first < 8 ? size - first : 8);
  return load_u64(bytes) >> (position & 7);
}

/* The symbols from `done` on, of which the first bit is at `position` of the block. */
static int finish_block(const huffman_table *table, const uint8_t *limit, const condense_coded_block *block,
                        uint64_t done, uint64_t position) {
  uint64_t bits = (uint64_t)(block->end - block->begin) * 8;
  for (uint64_t i = done; i < block->num_symbols && position <= bits; ++i) {
    uint16_t entry = table->entries[load_near_end(block->begin, limit, position) & (ENTRIES - 1)];
    block->symbols[i] = (uint8_t)(entry >> 8);
    position += entry & 0xff;
  }
  /* all bytes are used, and no more */
  return position <= bits && bits - position < 8 ? CONDENSE_CODEC_OK : CONDENSE_CODEC_STREAM;
}

/* Rounds of PER_LOAD symbols for which the loads of one lane stay below `limit`. */
static uint64_t safe_rounds(const uint8_t *begin, const uint8_t *limit, uint64_t position) {
  uint64_t bits = (uint64_t)(limit - begin) * 8, needed = position + 64;
  return bits < needed ? 0 : (bits - needed) / (PER_LOAD * BITS) + 1;
}

static int decode_one(const void *opaque, const uint8_t *limit, const condense_coded_block *block) {
  const huffman_table *table = opaque;
  uint64_t done = 0, position = 0;
  for (uint64_t rounds; (rounds = safe_rounds(block->begin, limit, position));) {
    uint64_t wanted = (block->num_symbols - done) / PER_LOAD;
    if (!wanted)
      break;
    for (uint64_t round = rounds < wanted ? rounds : wanted; round; --round, done += PER_LOAD) {
      uint64_t word = load_u64(block->begin + (position >> 3)) >> (position & 7);
      for (int k = 0; k < PER_LOAD; ++k) {
        uint16_t entry = table->entries[word & (ENTRIES - 1)];
        block->symbols[done + k] = (uint8_t)(entry >> 8);
        word >>= entry & 0xff;
        position += entry & 0xff;
      }
    }
  }
  return finish_block(table, limit, block, done, position);
}

/* PER_LOAD symbols of each lane, `rounds` times. The lanes are written out so that all state is in registers. */
static void decode_rounds(const huffman_table *table, const condense_coded_block *blocks, uint64_t done,
                          uint64_t rounds, uint64_t *positions) {
  const uint8_t *begin = blocks[0].begin;
  uint64_t p0 = positions[0], p1 = positions[1], p2 = positions[2], p3 = positions[3];
  uint64_t stride = blocks[0].num_symbols;
  /* positions from the first lane's bytes: one base for all */
  p1 += (uint64_t)(blocks[1].begin - begin) * 8;
  p2 += (uint64_t)(blocks[2].begin - begin) * 8;
  p3 += (uint64_t)(blocks[3].begin - begin) * 8;
  uint64_t s1 = p1, s2 = p2, s3 = p3;
  uint8_t *out = blocks[0].symbols + done;
  for (; rounds; --rounds, out += PER_LOAD) {
    uint64_t w0 = load_u64(begin + (p0 >> 3)) >> (p0 & 7), w1 = load_u64(begin + (p1 >> 3)) >> (p1 & 7);
    uint64_t w2 = load_u64(begin + (p2 >> 3)) >> (p2 & 7), w3 = load_u64(begin + (p3 >> 3)) >> (p3 & 7);
#pragma clang loop unroll(full)
    for (int k = 0; k < PER_LOAD; ++k) {
      uint32_t e0 = table->entries[w0 & (ENTRIES - 1)], e1 = table->entries[w1 & (ENTRIES - 1)];
      uint32_t e2 = table->entries[w2 & (ENTRIES - 1)], e3 = table->entries[w3 & (ENTRIES - 1)];
      out[k] = (uint8_t)(e0 >> 8);
      out[k + stride] = (uint8_t)(e1 >> 8);
      out[k + 2 * stride] = (uint8_t)(e2 >> 8);
      out[k + 3 * stride] = (uint8_t)(e3 >> 8);
      w0 >>= e0 & 0xff, p0 += e0 & 0xff;
      w1 >>= e1 & 0xff, p1 += e1 & 0xff;
      w2 >>= e2 & 0xff, p2 += e2 & 0xff;
      w3 >>= e3 & 0xff, p3 += e3 & 0xff;
    }
  }
  positions[0] = p0;
  positions[1] += p1 - s1;
  positions[2] += p2 - s2;
  positions[3] += p3 - s3;
}

static int decode_lanes(const void *opaque, const uint8_t *limit, const condense_coded_block *blocks) {
  const huffman_table *table = opaque;
  uint64_t positions[CONDENSE_LANES] = {0}, done = 0;
  for (;;) {
    uint64_t rounds = (blocks[0].num_symbols - done) / PER_LOAD;
    for (int lane = 0; lane < CONDENSE_LANES; ++lane) {
      uint64_t safe = safe_rounds(blocks[lane].begin, limit, positions[lane]);
      rounds = safe < rounds ? safe : rounds;
    }
    if (!rounds)
      break;
    decode_rounds(table, blocks, done, rounds, positions);
    done += rounds * PER_LOAD;
  }
  int status = CONDENSE_CODEC_OK;
  for (int lane = 0; lane < CONDENSE_LANES && !status; ++lane)
    status = finish_block(table, limit, &blocks[lane], done, positions[lane]);
  return status;
}

int condense_decode_huffman(const condense_block_range *range) {
  huffman_table table;
  int status = build_table(range->stream, &table);
  return status ? status : condense_for_each_block(range, &table, decode_lanes, decode_one);
}
