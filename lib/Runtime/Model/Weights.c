/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Decodes the weights that are stored entropy-coded, once, when the library is loaded: into anonymous memory that
 * the library reserves, which is made read-only; the pages of the coded bytes are given back. The loader's lock
 * makes this happen before any function of the model can be called. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* madvise */
#endif
#include "Internal.h"
#include "condense/Runtime/Codec.h"
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_int decoding_status;

/* Applies to the whole pages of an array. */
static void shrink_to_pages(uintptr_t *begin, uintptr_t *end) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  *begin = (*begin + page - 1) / page * page;
  *end = *end / page * page;
}

static void protect(const void *bytes, uint64_t count) {
  uintptr_t begin = (uintptr_t)bytes, end = begin + count;
  shrink_to_pages(&begin, &end);
  if (begin < end)
    mprotect((void *)begin, end - begin, PROT_READ); /* a safeguard: the model works without */
}

static void release(const void *bytes, uint64_t count) {
  uintptr_t begin = (uintptr_t)bytes, end = begin + count;
  shrink_to_pages(&begin, &end);
  if (begin < end)
    madvise((void *)begin, end - begin, MADV_DONTNEED);
}

__attribute__((constructor)) static void decode_weights(void) {
  const condense_coded_weights_info *weights = &condense_model_coded_weights;
  if (!weights->coded_bytes)
    return;
  int status =
      condense_decode_arrays(weights->coded, weights->coded_bytes, weights->decoded, weights->decoded_bytes, release);
  atomic_store(&decoding_status, status);
  release(weights->coded, weights->coded_bytes);
  if (!status)
    protect(weights->decoded, weights->decoded_bytes);
}

__attribute__((visibility("default"))) int condense_model_check_weights(void) {
  int status = atomic_load_explicit(&decoding_status, memory_order_relaxed);
  if (!status)
    return CONDENSE_OK;
  if (status == CONDENSE_CODEC_MEMORY)
    return condense_fail(CONDENSE_ERROR_MEMORY,
                         "out of memory: the weights could not be decoded when the model was loaded");
  return condense_fail(CONDENSE_ERROR_WEIGHTS,
                       "the weights of the library are damaged (%s); copy the file again, or compile the model again",
                       condense_codec_message(status));
}
