/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Arrays of a container: reads what describes them, decodes some blocks of all their streams at a time, and
 * makes words of the symbols. */

#include "Internal.h"
#include <stdlib.h>

/* Symbols of a stream that are decoded before they become words. */
static const uint64_t group_symbols = 1 << 18;
/* Bytes between two releases while the checksum is computed. */
static const uint64_t checksum_bytes = 1 << 22;
enum { MAX_STREAMS = 4 };

/* The bytes that have not been read yet. */
typedef struct cursor {
  const uint8_t *next, *end;
} cursor;

typedef struct coded_array {
  uint64_t first, bytes, transform, word_bytes, num_streams, block_symbols;
  uint32_t palette[CONDENSE_MAX_PALETTE];
  condense_coded_stream streams[MAX_STREAMS];
} coded_array;

/* `count` elements of `size` bytes; null if there are not as many. */
static const uint8_t *take(cursor *from, uint64_t count, uint64_t size) {
  const uint8_t *bytes = from->next;
  if (count > (uint64_t)(from->end - bytes) / size)
    return NULL;
  from->next += count * size;
  return bytes;
}

static int take_numbers(cursor *from, uint64_t *numbers, int count) {
  const uint8_t *bytes = take(from, count, 8);
  for (int i = 0; bytes && i < count; ++i)
    numbers[i] = load_u64(bytes + 8 * i);
  return bytes != NULL;
}

static int take_stream(cursor *from, coded_array *array, condense_coded_stream *stream) {
  uint64_t numbers[6]; /* coder, bits, symbols of a block, bytes of the table, blocks, bytes */
  if (!take_numbers(from, numbers, 6) || numbers[0] > CONDENSE_CODER_RUN_LENGTH || numbers[1] > 8)
    return CONDENSE_CODEC_CONTAINER;
  stream->coder = (int32_t)numbers[0];
  stream->symbol_bits = (int32_t)numbers[1];
  stream->block_symbols = numbers[2];
  stream->table = take(from, stream->table_bytes = numbers[3], 1);
  stream->offsets = stream->table ? take(from, stream->num_blocks = numbers[4], 4) : NULL;
  stream->bytes = stream->offsets ? take(from, stream->num_bytes = numbers[5], 1) : NULL;
  stream->num_symbols = array->bytes / array->word_bytes;
  if (!stream->bytes)
    return CONDENSE_CODEC_CONTAINER;
  if (!stream->coder)
    return stream->num_bytes == stream->num_symbols ? CONDENSE_CODEC_OK : CONDENSE_CODEC_CONTAINER;
  /* the streams of an array are decoded in step */
  if (array->block_symbols && array->block_symbols != stream->block_symbols)
    return CONDENSE_CODEC_CONTAINER;
  array->block_symbols = stream->block_symbols;
  return condense_check_stream(stream);
}

static int has_valid_form(const coded_array *array, uint64_t palette_words) {
  uint64_t word = array->word_bytes;
  if ((word != 1 && word != 2 && word != 4) || array->bytes % word)
    return 0;
  switch (array->transform) {
  case CONDENSE_TRANSFORM_BYTES:
    return word == 1 && array->num_streams == 1 && !palette_words;
  case CONDENSE_TRANSFORM_PLANES:
    return array->num_streams == word && !palette_words;
  case CONDENSE_TRANSFORM_PALETTE:
    return array->num_streams == 1 && palette_words <= CONDENSE_MAX_PALETTE;
  default:
    return 0;
  }
}

static int take_array(cursor *from, uint64_t memory_bytes, coded_array *array) {
  uint64_t numbers[6]; /* first byte, bytes, transform, bytes of a word, words of the palette, streams */
  if (!take_numbers(from, numbers, 6))
    return CONDENSE_CODEC_CONTAINER;
  memset(array, 0, sizeof(*array));
  array->first = numbers[0], array->bytes = numbers[1];
  array->transform = numbers[2], array->word_bytes = numbers[3], array->num_streams = numbers[5];
  if (array->first > memory_bytes || array->bytes > memory_bytes - array->first || !has_valid_form(array, numbers[4]))
    return CONDENSE_CODEC_CONTAINER;
  const uint8_t *words = take(from, numbers[4], array->word_bytes);
  if (!words)
    return CONDENSE_CODEC_CONTAINER;
  for (uint64_t i = 0; i < numbers[4]; ++i)
    memcpy(&array->palette[i], words + i * array->word_bytes, array->word_bytes);
  int status = CONDENSE_CODEC_OK;
  for (uint64_t i = 0; i < array->num_streams && !status; ++i)
    status = take_stream(from, array, &array->streams[i]);
  return status;
}

static void apply_palette(const coded_array *array, const uint8_t *symbols, uint64_t count, uint8_t *words) {
  if (array->word_bytes == 4) {
    for (uint64_t i = 0; i < count; ++i)
      memcpy(words + 4 * i, &array->palette[symbols[i]], 4);
  } else {
    for (uint64_t i = 0; i < count; ++i)
      memcpy(words + array->word_bytes * i, &array->palette[symbols[i]], array->word_bytes);
  }
}

/* The blocks [first, first + count) of all streams. `scratch` has room for their symbols. */
static int decode_group(const coded_array *array, uint64_t first, uint64_t count, uint8_t *scratch, uint8_t *words) {
  const condense_coded_stream *streams = array->streams;
  uint64_t before = first * array->block_symbols, num_symbols = count * array->block_symbols;
  if (num_symbols > streams->num_symbols - before)
    num_symbols = streams->num_symbols - before;
  if (array->transform == CONDENSE_TRANSFORM_BYTES)
    return condense_decode_range(streams, first, count, words + before);
  const uint8_t *planes[MAX_STREAMS];
  int status = CONDENSE_CODEC_OK;
  for (uint64_t i = 0; i < array->num_streams && !status; ++i, scratch += num_symbols) {
    planes[i] = streams[i].coder ? scratch : streams[i].bytes + before;
    if (streams[i].coder)
      status = condense_decode_range(&streams[i], first, count, scratch);
  }
  words += before * array->word_bytes;
  if (!status && array->transform == CONDENSE_TRANSFORM_PALETTE)
    apply_palette(array, planes[0], num_symbols, words);
  else if (!status)
    condense_join_planes(planes, (unsigned)array->word_bytes, num_symbols, words);
  return status;
}

static int decode_array(coded_array *array, uint8_t *memory) {
  uint64_t num_symbols = array->bytes / array->word_bytes;
  if (!num_symbols)
    return CONDENSE_CODEC_OK;
  if (!array->block_symbols) /* nothing is coded */
    array->block_symbols = group_symbols;
  uint64_t blocks = num_symbols / array->block_symbols + (num_symbols % array->block_symbols != 0);
  uint64_t group = group_symbols / array->block_symbols;
  if (group < CONDENSE_LANES)
    group = CONDENSE_LANES;
  if (group > blocks)
    group = blocks;
  /* block_symbols may be anything: the product must not overflow */
  uint64_t room = blocks <= group ? num_symbols : group * array->block_symbols;
  uint8_t *scratch = NULL;
  if (array->transform != CONDENSE_TRANSFORM_BYTES && !(scratch = malloc(room * array->num_streams)))
    return CONDENSE_CODEC_MEMORY;
  int status = CONDENSE_CODEC_OK;
  for (uint64_t first = 0; first < blocks && !status; first += group)
    status = decode_group(array, first, blocks - first < group ? blocks - first : group, scratch, memory);
  free(scratch);
  return status;
}

/* The checksum of all that has not been read yet. */
static uint32_t checksum(const cursor *from, condense_release release) {
  uint32_t crc = 0;
  for (uint64_t done = 0, count = (uint64_t)(from->end - from->next); done < count;) {
    uint64_t part = count - done < checksum_bytes ? count - done : checksum_bytes;
    crc = condense_crc32(crc, from->next + done, part);
    if (release)
      release(from->next + done, part);
    done += part;
  }
  return crc;
}

int condense_decode_arrays(const void *container, uint64_t container_bytes, void *memory, uint64_t memory_bytes,
                           condense_release release) {
  cursor from = {container, (const uint8_t *)container + container_bytes};
  uint64_t header[5]; /* name, version, checksum, bytes, arrays */
  if (!take_numbers(&from, header, 5) || memcmp(container, "CNDARRAY", 8) || header[1] != CONDENSE_CONTAINER_VERSION ||
      header[3] != container_bytes)
    return CONDENSE_CODEC_CONTAINER;
  if (checksum(&from, release) != header[2])
    return CONDENSE_CODEC_CHECKSUM;
  coded_array array;
  for (uint64_t i = 0; i < header[4]; ++i) {
    const uint8_t *begin = from.next;
    int status = take_array(&from, memory_bytes, &array);
    if (!status)
      status = decode_array(&array, (uint8_t *)memory + array.first);
    if (release)
      release(begin, (uint64_t)(from.next - begin));
    if (status)
      return status;
  }
  return from.next == from.end ? CONDENSE_CODEC_OK : CONDENSE_CODEC_CONTAINER;
}
