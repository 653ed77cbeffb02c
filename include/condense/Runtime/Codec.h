/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Decoders of entropy-coded bytes: the only ones, used by compiled models when they load and by the
 * compiler. They are safe on hostile bytes: every read and write stays in the given arrays, and what is not a
 * well-formed stream is an error.
 *
 * A stream codes symbols of up to 8 bits in blocks of `block_symbols` (the last one may be shorter) that can
 * be decoded independently: block `i` is the bytes from `offsets[i]` to the next offset, or to the end. The
 * decoder works on several blocks at once, so that their chains of dependent operations overlap.
 *
 *   huffman     Canonical codes of at most 11 bits, bits taken from the lowest of each byte, first bits of a
 *               code first (as in DEFLATE, RFC 1951). Table: 11 bytes, the number of codes of each length from
 *               1, then the symbols in the order of their codes. A single symbol has the code 0.
 *   rans        Range variant of asymmetric numeral systems (Duda, arXiv:1311.2540) with a state of 32 bits and
 *               frequencies that sum to 4096. Table: per symbol, ascending, the symbol and its frequency (2 bytes).
 *               Block: the state (4 bytes), then words of 2 bytes; the final state is 65536.
 *   run_length  Number of zeros (a byte), then, if it was below 255 and the block is not full, a symbol. No table.
 *
 * All numbers are little-endian.
 */

#ifndef CONDENSE_RUNTIME_CODEC_H
#define CONDENSE_RUNTIME_CODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CONDENSE_HUFFMAN_BITS = 11, /* longest code */
  CONDENSE_RANS_BITS = 12     /* logarithm of the sum of frequencies */
};

/* The numbers are part of the format of compiled models. */
typedef enum condense_coder {
  CONDENSE_CODER_HUFFMAN = 1,
  CONDENSE_CODER_RANS = 2,
  CONDENSE_CODER_RUN_LENGTH = 3
} condense_coder;

typedef enum condense_codec_status {
  CONDENSE_CODEC_OK = 0,
  CONDENSE_CODEC_CODER = 1,     /* unknown coder, or no symbols per block */
  CONDENSE_CODEC_TABLE = 2,     /* the table describes no code */
  CONDENSE_CODEC_OFFSETS = 3,   /* the offsets are not those of the blocks, in order */
  CONDENSE_CODEC_STREAM = 4,    /* a block is shorter or longer than its symbols */
  CONDENSE_CODEC_CHECKSUM = 5,  /* the bytes of a container are not those that were written */
  CONDENSE_CODEC_CONTAINER = 6, /* a container is of another version, or inconsistent */
  CONDENSE_CODEC_MEMORY = 7     /* memory for decoding could not be allocated */
} condense_codec_status;

typedef struct condense_coded_stream {
  const uint8_t *bytes;
  uint64_t num_bytes;
  const void *offsets; /* num_blocks numbers of 32 bits, of any alignment */
  uint64_t num_blocks;
  const uint8_t *table;
  uint64_t table_bytes;
  uint64_t num_symbols;
  uint64_t block_symbols;
  int32_t coder;       /* condense_coder */
  int32_t symbol_bits; /* 1 to 8: every symbol is below 2^symbol_bits */
} condense_coded_stream;

/* Decodes all symbols of `stream` to `symbols`, one byte each. After an error the contents of `symbols`
 * are unspecified. Returns a condense_codec_status. */
int condense_decode_symbols(const condense_coded_stream *stream, uint8_t *symbols);

/* How the bytes of an array were made symbols. */
typedef enum condense_transform {
  CONDENSE_TRANSFORM_BYTES = 1,  /* each byte is a symbol */
  CONDENSE_TRANSFORM_PLANES = 2, /* a stream for each plane of condense_join_planes */
  CONDENSE_TRANSFORM_PALETTE = 3 /* each word is an index into at most 256 distinct ones */
} condense_transform;

/* A container holds coded arrays that belong into one range of memory. All numbers are u64 unless said otherwise:
 *
 *   header   "CNDARRAY", version (1), CRC-32 of everything behind the header, bytes of the container, arrays
 *   array    first byte in the memory, bytes, transform, bytes of a word (1, 2, 4), words of the palette,
 *            streams (a palette and bytes have one, planes one for each byte of a word);
 *            the palette's words; then for each stream
 *   stream   coder (0: the symbols themselves), bits of a symbol, symbols of a block, bytes of the table, blocks,
 *            bytes; then table, offsets (u32), bytes
 */
enum { CONDENSE_CONTAINER_VERSION = 1, CONDENSE_CONTAINER_HEADER = 40, CONDENSE_MAX_PALETTE = 256 };

/* Decodes all arrays of a container into `memory`, which has `memory_bytes`. Bytes of which the container
 * says nothing stay as they are. Needs some megabytes of memory for the time of the call. `release`, unless null, is
 * called for parts of the container that have been read: memory need not hold them and what they became. They
 * may be read once more, first for the checksum and then for the arrays. */
typedef void (*condense_release)(const void *bytes, uint64_t count);
int condense_decode_arrays(const void *container, uint64_t container_bytes, void *memory, uint64_t memory_bytes,
                           condense_release release);

/* Text of a status, for messages. */
const char *condense_codec_message(int status);

/* Joins `word_bytes` (1, 2, 4) planes of `count` bytes: plane `i` holds byte `i`, most significant first, of
 * each word rotated left by one bit, so that the exponent of a bf16 or f32 is a plane. `words` has no alignment. */
void condense_join_planes(const uint8_t *const *planes, unsigned word_bytes, uint64_t count, void *words);

/* CRC-32 (ISO 3309, as in zlib) of `count` bytes, continued from that of the bytes before (0 at first). */
uint32_t condense_crc32(uint32_t crc, const void *bytes, uint64_t count);

#ifdef __cplusplus
}
#endif

#endif /* CONDENSE_RUNTIME_CODEC_H */
