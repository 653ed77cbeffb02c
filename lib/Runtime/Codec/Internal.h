/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * What the decoders share: checked block bounds and unaligned little-endian loads. */

#ifndef CONDENSE_LIB_RUNTIME_CODEC_INTERNAL_H
#define CONDENSE_LIB_RUNTIME_CODEC_INTERNAL_H

#include "condense/Runtime/Codec.h"
#include <string.h>

/* Blocks that are decoded at once. */
enum { CONDENSE_LANES = 4 };

/* One block: its bytes begin[0] ... end[-1], and where its symbols belong. */
typedef struct condense_coded_block {
  const uint8_t *begin, *end;
  uint8_t *symbols;
  uint64_t num_symbols;
} condense_coded_block;

/* Decoders of a coder: of one block, and of CONDENSE_LANES blocks with equally many symbols. `limit` is the
 * end of the stream: reading ahead of a block is safe up to there. `table` is what the coder has built. */
typedef int (*condense_decode_block)(const void *table, const uint8_t *limit, const condense_coded_block *block);

/* Whether coder and offsets can be those of the stream. */
int condense_check_stream(const condense_coded_stream *stream);

/* Decodes `count` blocks from block `first` on, the first symbol going to symbols[0]. The stream was checked. */
int condense_decode_range(const condense_coded_stream *stream, uint64_t first, uint64_t count, uint8_t *symbols);

/* A part of a stream and where its symbols belong. */
typedef struct condense_block_range {
  const condense_coded_stream *stream;
  uint64_t first, count;
  uint8_t *symbols;
} condense_block_range;

int condense_decode_huffman(const condense_block_range *range);
int condense_decode_rans(const condense_block_range *range);
int condense_decode_run_length(const condense_block_range *range);

/* Calls `lanes` for each group of CONDENSE_LANES full blocks and `one` for each other block. `lanes` may be null. */
int condense_for_each_block(const condense_block_range *range, const void *table, condense_decode_block lanes,
                            condense_decode_block one);

static inline uint32_t load_u16(const uint8_t *bytes) { return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8; }

static inline uint32_t load_u32(const uint8_t *bytes) { return load_u16(bytes) | load_u16(bytes + 2) << 16; }

/* One instruction on little-endian machines. */
static inline uint64_t load_u64(const uint8_t *bytes) { return load_u32(bytes) | (uint64_t)load_u32(bytes + 4) << 32; }

#endif
