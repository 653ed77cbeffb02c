/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Memory of compiled models. A model allocates the same buffers in every run, so the blocks of a
 * run are kept for the next one; those that a whole run did not need are freed. Runs in different
 * threads use different memory, so that allocation needs no lock. */

#include "Internal.h"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stands before the bytes of a block; its size keeps them aligned. */
struct condense_block {
  _Alignas(64) condense_block *next;
  condense_block *previous;
  condense_memory *owner; /* NULL: belongs to nobody's run */
  size_t bytes;
  uint64_t last_run; /* the last one that used the block */
};

enum { ALIGNMENT = 64 };

static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static condense_memory *idle;
static _Thread_local condense_memory *current;

/* Present when the model runs with OpenMP. */
extern int omp_in_parallel(void) __attribute__((weak));

static void push(condense_block **list, condense_block *block) {
  block->previous = NULL;
  block->next = *list;
  if (*list)
    (*list)->previous = block;
  *list = block;
}

static void unlink_block(condense_block **list, condense_block *block) {
  if (block->previous)
    block->previous->next = block->next;
  else
    *list = block->next;
  if (block->next)
    block->next->previous = block->previous;
}

/* Frees the blocks of `list` that no run since `run` used. */
static void free_older(condense_block **list, uint64_t run) {
  for (condense_block *block = *list, *next; block; block = next) {
    next = block->next;
    if (block->last_run >= run)
      continue;
    unlink_block(list, block);
    free(block);
  }
}

static condense_block *new_block(size_t bytes) {
  if (bytes > SIZE_MAX / 2)
    return NULL;
  size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  condense_block *block = aligned_alloc(ALIGNMENT, sizeof(condense_block) + rounded);
  if (block) {
    block->owner = NULL;
    block->bytes = rounded;
  }
  return block;
}

/* The smallest unused block that is not more than twice too large. */
static condense_block *reuse_block(condense_memory *memory, size_t bytes) {
  condense_block *best = NULL;
  for (condense_block *b = memory->unused; b; b = b->next)
    if (b->bytes >= bytes && b->bytes / 2 <= bytes && (!best || b->bytes < best->bytes))
      best = b;
  if (best)
    unlink_block(&memory->unused, best);
  return best;
}

condense_memory *condense_memory_begin(void) {
  pthread_mutex_lock(&idle_lock);
  condense_memory *memory = idle;
  if (memory)
    idle = memory->next;
  pthread_mutex_unlock(&idle_lock);
  if (!memory)
    memory = calloc(1, sizeof(*memory));
  if (memory)
    ++memory->runs;
  current = memory;
  return memory;
}

void condense_memory_end(condense_memory *memory) {
  current = NULL;
  while (memory->used) { /* only after an error */
    condense_block *block = memory->used;
    unlink_block(&memory->used, block);
    push(&memory->unused, block);
  }
  free_older(&memory->unused, memory->runs);
  pthread_mutex_lock(&idle_lock);
  memory->next = idle;
  idle = memory;
  pthread_mutex_unlock(&idle_lock);
}

__attribute__((destructor)) static void free_idle(void) {
  while (idle) {
    condense_memory *memory = idle;
    idle = memory->next;
    free_older(&memory->unused, UINT64_MAX);
    free(memory);
  }
}

/* In a parallel region there is no way back to the start of the run. */
static void fail_in_thread(size_t bytes) {
  fprintf(stderr, "condense: out of memory: %zu bytes in a parallel loop\n", bytes);
  abort();
}

/* The three functions that lowered memref.alloc and memref.dealloc call. */
void *_mlir_memref_to_llvm_alloc(size_t bytes) {
  condense_memory *memory = omp_in_parallel && omp_in_parallel() ? NULL : current;
  condense_block *block = memory ? reuse_block(memory, bytes) : NULL;
  if (!block)
    block = new_block(bytes);
  if (!block && memory) {
    condense_fail(CONDENSE_ERROR_MEMORY, "out of memory: a buffer of %zu bytes", bytes);
    longjmp(memory->on_exhaustion, 1);
  }
  if (!block)
    fail_in_thread(bytes);
  block->owner = memory;
  if (memory) {
    block->last_run = memory->runs;
    push(&memory->used, block);
  }
  return block + 1;
}

void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t bytes) {
  (void)alignment; /* every block is aligned to a cache line, the most that is ever asked for */
  return _mlir_memref_to_llvm_alloc(bytes);
}

void _mlir_memref_to_llvm_free(void *data) {
  if (!data)
    return;
  condense_block *block = (condense_block *)data - 1;
  if (!block->owner) {
    free(block);
    return;
  }
  unlink_block(&block->owner->used, block);
  push(&block->owner->unused, block);
}

void *condense_memory_release(condense_memory *memory, void *allocated, const void *data, size_t bytes) {
  for (condense_block *b = memory->used; b; b = b->next) {
    if (b + 1 != allocated || (const void *)(b + 1) != data)
      continue;
    unlink_block(&memory->used, b);
    b->owner = NULL;
    return b + 1;
  }
  condense_block *copy = new_block(bytes);
  if (!copy)
    return NULL;
  memcpy(copy + 1, data, bytes);
  return copy + 1;
}

void condense_memory_free(void *data) {
  if (data)
    free((condense_block *)data - 1);
}
