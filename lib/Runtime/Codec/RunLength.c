/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Runs of zeros: for symbols that are nearly all zero, in long stretches. */

#include "Internal.h"

enum { LONGEST_RUN = 255 };

static int decode_one(const void *table, const uint8_t *limit, const condense_coded_block *block) {
  int symbol_bits = *(const int32_t *)table;
  (void)limit;
  const uint8_t *next = block->begin;
  uint64_t done = 0;
  while (done < block->num_symbols) {
    if (next == block->end || *next > block->num_symbols - done)
      return CONDENSE_CODEC_STREAM;
    unsigned run = *next++;
    memset(block->symbols + done, 0, run);
    done += run;
    if (run == LONGEST_RUN || done == block->num_symbols)
      continue;
    if (next == block->end || *next >> symbol_bits)
      return CONDENSE_CODEC_STREAM;
    block->symbols[done++] = *next++;
  }
  return next == block->end ? CONDENSE_CODEC_OK : CONDENSE_CODEC_STREAM;
}

int condense_decode_run_length(const condense_block_range *range) {
  if (range->stream->table_bytes)
    return CONDENSE_CODEC_TABLE;
  return condense_for_each_block(range, &range->stream->symbol_bits, /*lanes=*/NULL, decode_one);
}
