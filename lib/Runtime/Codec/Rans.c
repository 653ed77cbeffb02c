/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Asymmetric numeral systems (Duda, arXiv:1311.2540), range variant: the low 12 bits of the state choose the symbol,
 * the state shrinks by the symbol's probability and takes in 16 bits when it falls below 2^16. */

#include "Internal.h"

enum { BITS = CONDENSE_RANS_BITS, ENTRIES = 1 << BITS };

/* By the low bits of the state: symbol | (frequency - 1) << 8 | (low bits - first low bits) << 20. */
typedef struct rans_table {
  uint32_t entries[ENTRIES];
} rans_table;

static int build_table(const condense_coded_stream *stream, rans_table *table) {
  if (stream->table_bytes % 3)
    return CONDENSE_CODEC_TABLE;
  uint32_t start = 0;
  int before = -1;
  for (uint64_t i = 0; i < stream->table_bytes; i += 3) {
    const uint8_t *entry = stream->table + i;
    uint32_t frequency = load_u16(entry + 1);
    if (*entry <= before || *entry >> stream->symbol_bits || !frequency || frequency > ENTRIES - start)
      return CONDENSE_CODEC_TABLE;
    for (uint32_t k = 0; k < frequency; ++k)
      table->entries[start + k] = *entry | (frequency - 1) << 8 | k << 20;
    start += frequency;
    before = *entry;
  }
  return start == ENTRIES ? CONDENSE_CODEC_OK : CONDENSE_CODEC_TABLE;
}

static inline uint32_t step(uint32_t state, uint32_t entry) {
  return ((entry >> 8 & (ENTRIES - 1)) + 1) * (state >> BITS) + (entry >> 20);
}

/* The symbols from `done` on. */
static int finish_block(const rans_table *table, const condense_coded_block *block, uint64_t done, uint32_t state,
                        const uint8_t *next) {
  for (uint64_t i = done; i < block->num_symbols; ++i) {
    uint32_t entry = table->entries[state & (ENTRIES - 1)];
    block->symbols[i] = (uint8_t)entry;
    state = step(state, entry);
    if (state >> 16)
      continue;
    if (next > block->end || block->end - next < 2)
      return CONDENSE_CODEC_STREAM;
    state = state << 16 | load_u16(next);
    next += 2;
  }
  return next == block->end && state == 1u << 16 ? CONDENSE_CODEC_OK : CONDENSE_CODEC_STREAM;
}

static int decode_one(const void *table, const uint8_t *limit, const condense_coded_block *block) {
  (void)limit;
  if (block->end - block->begin < 4)
    return CONDENSE_CODEC_STREAM;
  return finish_block(table, block, 0, load_u32(block->begin), block->begin + 4);
}

/* A symbol of one lane; reads 2 bytes at `next` whether they are needed or not. */
static inline uint8_t advance(const rans_table *table, uint32_t *state, const uint8_t **next) {
  uint32_t entry = table->entries[*state & (ENTRIES - 1)];
  uint32_t after = step(*state, entry);
  uint32_t filled = after << 16 | load_u16(*next);
  int is_low = !(after >> 16);
  *state = is_low ? filled : after;
  *next += 2 * is_low;
  return (uint8_t)entry;
}

/* A symbol of each lane, `rounds` times. */
static void decode_rounds(const rans_table *table, const condense_coded_block *blocks, uint64_t done, uint64_t rounds,
                          uint32_t *states, const uint8_t **next) {
  uint32_t x0 = states[0], x1 = states[1], x2 = states[2], x3 = states[3];
  const uint8_t *n0 = next[0], *n1 = next[1], *n2 = next[2], *n3 = next[3];
  uint64_t stride = blocks[0].num_symbols;
  uint8_t *out = blocks[0].symbols + done;
  for (; rounds; --rounds, ++out) {
    out[0] = advance(table, &x0, &n0);
    out[stride] = advance(table, &x1, &n1);
    out[2 * stride] = advance(table, &x2, &n2);
    out[3 * stride] = advance(table, &x3, &n3);
  }
  states[0] = x0, states[1] = x1, states[2] = x2, states[3] = x3;
  next[0] = n0, next[1] = n1, next[2] = n2, next[3] = n3;
}

static int decode_lanes(const void *table, const uint8_t *limit, const condense_coded_block *blocks) {
  uint32_t states[CONDENSE_LANES];
  const uint8_t *next[CONDENSE_LANES];
  for (int lane = 0; lane < CONDENSE_LANES; ++lane) {
    if (blocks[lane].end - blocks[lane].begin < 4)
      return CONDENSE_CODEC_STREAM;
    states[lane] = load_u32(blocks[lane].begin);
    next[lane] = blocks[lane].begin + 4;
  }
  uint64_t done = 0;
  for (;;) {
    uint64_t rounds = blocks[0].num_symbols - done;
    for (int lane = 0; lane < CONDENSE_LANES; ++lane) {
      uint64_t safe = (uint64_t)(limit - next[lane]) / 2;
      rounds = safe < rounds ? safe : rounds;
    }
    if (!rounds)
      break;
    decode_rounds(table, blocks, done, rounds, states, next);
    done += rounds;
  }
  int status = CONDENSE_CODEC_OK;
  for (int lane = 0; lane < CONDENSE_LANES && !status; ++lane)
    status = finish_block(table, &blocks[lane], done, states[lane], next[lane]);
  return status;
}

int condense_decode_rans(const condense_block_range *range) {
  rans_table table;
  int status = build_table(range->stream, &table);
  return status ? status : condense_for_each_block(range, &table, decode_lanes, decode_one);
}
