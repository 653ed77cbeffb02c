/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * What the files of the runtime share, and what a compiled model defines for it. */

#ifndef CONDENSE_LIB_RUNTIME_INTERNAL_H
#define CONDENSE_LIB_RUNTIME_INTERNAL_H

#include "condense/Runtime/Model.h"
#include <setjmp.h>
#include <stddef.h>

/* Defined by the compiled model: its description, and its entry. The arguments of the entry are
 * a pointer to the descriptors of all outputs, one after the other (absent without outputs), and a
 * pointer to the descriptor of each input. A descriptor is that of a memref of MLIR: allocated
 * pointer, aligned pointer, offset, sizes, strides. */
extern const condense_model_info condense_model_description;
extern void condense_model_entry(void **arguments);

/* Defined by the compiled model too: weights that are decoded when the library is loaded. */
typedef struct condense_coded_weights_info {
  const void *coded;    /* a container of condense/Runtime/Codec.h */
  uint64_t coded_bytes; /* 0: there are none */
  void *decoded;
  uint64_t decoded_bytes;
} condense_coded_weights_info;
extern const condense_coded_weights_info condense_model_coded_weights;

/* Sets the text of the last error of this thread and returns `status`. */
int condense_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory of one run: its blocks in use, and blocks of earlier runs that can be used again. */
typedef struct condense_block condense_block;
typedef struct condense_memory {
  condense_block *used;
  condense_block *unused;
  struct condense_memory *next;
  uint64_t runs;         /* number of the present run */
  jmp_buf on_exhaustion; /* where an allocation that fails continues */
} condense_memory;

/* Memory for a run of the calling thread; NULL if even that is exhausted. */
condense_memory *condense_memory_begin(void);
/* Ends the run: everything that it still holds can be used by a later run. */
void condense_memory_end(condense_memory *memory);
/* Hands a block of the run over to the caller, or a copy of the bytes if `allocated` is not a
 * block of the run. NULL if memory is exhausted. */
void *condense_memory_release(condense_memory *memory, void *allocated, const void *data, size_t bytes);
/* Frees what condense_memory_release returned. */
void condense_memory_free(void *data);

#endif
