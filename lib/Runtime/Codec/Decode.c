/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Checks what all coders have in common and hands the blocks to the coder. */

#include "Internal.h"

static uint32_t offset_of(const condense_coded_stream *stream, uint64_t block) {
  return load_u32((const uint8_t *)stream->offsets + 4 * block);
}

/* Offsets ascend from 0 and lie in the stream; there is one for each block. */
static int check_offsets(const condense_coded_stream *stream) {
  uint64_t blocks = stream->num_symbols / stream->block_symbols + (stream->num_symbols % stream->block_symbols != 0);
  if (blocks != stream->num_blocks || (!blocks && stream->num_bytes))
    return CONDENSE_CODEC_OFFSETS;
  uint64_t before = 0;
  for (uint64_t i = 0; i < blocks; ++i) {
    uint64_t offset = offset_of(stream, i);
    if ((i == 0 && offset != 0) || offset < before || offset > stream->num_bytes)
      return CONDENSE_CODEC_OFFSETS;
    before = offset;
  }
  return CONDENSE_CODEC_OK;
}

static condense_coded_block block_at(const condense_block_range *range, uint64_t index) {
  const condense_coded_stream *stream = range->stream;
  uint64_t rest = stream->num_symbols - index * stream->block_symbols;
  uint64_t end = index + 1 < stream->num_blocks ? offset_of(stream, index + 1) : stream->num_bytes;
  condense_coded_block block = {stream->bytes + offset_of(stream, index), stream->bytes + end,
                                range->symbols + (index - range->first) * stream->block_symbols,
                                rest < stream->block_symbols ? rest : stream->block_symbols};
  return block;
}

int condense_for_each_block(const condense_block_range *range, const void *table, condense_decode_block lanes,
                            condense_decode_block one) {
  const condense_coded_stream *stream = range->stream;
  const uint8_t *limit = stream->bytes + stream->num_bytes;
  uint64_t index = range->first, end = index + range->count;
  uint64_t full = stream->num_symbols / stream->block_symbols;
  int status = CONDENSE_CODEC_OK;
  for (; lanes && index + CONDENSE_LANES <= (end < full ? end : full) && !status; index += CONDENSE_LANES) {
    condense_coded_block group[CONDENSE_LANES];
    for (int lane = 0; lane < CONDENSE_LANES; ++lane)
      group[lane] = block_at(range, index + lane);
    status = lanes(table, limit, group);
  }
  for (; index < end && !status; ++index) {
    condense_coded_block block = block_at(range, index);
    status = one(table, limit, &block);
  }
  return status;
}

int condense_check_stream(const condense_coded_stream *stream) {
  if (!stream->block_symbols || stream->symbol_bits < 1 || stream->symbol_bits > 8)
    return CONDENSE_CODEC_CODER;
  return check_offsets(stream);
}

int condense_decode_range(const condense_coded_stream *stream, uint64_t first, uint64_t count, uint8_t *symbols) {
  condense_block_range range = {stream, first, count, symbols};
  switch (stream->coder) {
  case CONDENSE_CODER_HUFFMAN:
    return condense_decode_huffman(&range);
  case CONDENSE_CODER_RANS:
    return condense_decode_rans(&range);
  case CONDENSE_CODER_RUN_LENGTH:
    return condense_decode_run_length(&range);
  default:
    return CONDENSE_CODEC_CODER;
  }
}

int condense_decode_symbols(const condense_coded_stream *stream, uint8_t *symbols) {
  int status = condense_check_stream(stream);
  if (status || !stream->num_symbols)
    return status;
  return condense_decode_range(stream, 0, stream->num_blocks, symbols);
}

const char *condense_codec_message(int status) {
  switch (status) {
  case CONDENSE_CODEC_OK:
    return "no error";
  case CONDENSE_CODEC_CODER:
    return "the coder is unknown";
  case CONDENSE_CODEC_TABLE:
    return "the table describes no code";
  case CONDENSE_CODEC_OFFSETS:
    return "the offsets are not those of the blocks, in order";
  case CONDENSE_CODEC_STREAM:
    return "a block is shorter or longer than its symbols";
  case CONDENSE_CODEC_CHECKSUM:
    return "the checksum does not match";
  case CONDENSE_CODEC_MEMORY:
    return "memory is exhausted";
  default:
    return "the container is of another version, or inconsistent";
  }
}
