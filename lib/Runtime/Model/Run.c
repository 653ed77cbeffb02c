/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The exported functions of a compiled model: checks the inputs, describes them as memrefs, calls
 * the model and hands its outputs over. */

#include "Internal.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* Present when the model runs with OpenMP. */
extern void omp_set_num_threads(int) __attribute__((weak));
extern int omp_get_max_threads(void) __attribute__((weak));

static _Thread_local char last_error[512];
static atomic_int wanted_threads;

/* More bytes than any machine can address: keeps sizes from overflowing in generated code. */
static const uint64_t max_bytes = (uint64_t)1 << 47;

static const struct {
  const char *name;
  size_t bytes;
} dtypes[] = {[CONDENSE_BOOL] = {"bool", 1},   [CONDENSE_I8] = {"int8", 1},       [CONDENSE_U8] = {"uint8", 1},
              [CONDENSE_I16] = {"int16", 2},   [CONDENSE_U16] = {"uint16", 2},    [CONDENSE_I32] = {"int32", 4},
              [CONDENSE_U32] = {"uint32", 4},  [CONDENSE_I64] = {"int64", 8},     [CONDENSE_U64] = {"uint64", 8},
              [CONDENSE_F16] = {"float16", 2}, [CONDENSE_BF16] = {"bfloat16", 2}, [CONDENSE_F32] = {"float32", 4},
              [CONDENSE_F64] = {"float64", 8}};

int condense_fail(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last_error, sizeof(last_error), format, arguments);
  va_end(arguments);
  return status;
}

EXPORT const char *condense_model_last_error(void) { return last_error; }

EXPORT const condense_model_info *condense_model_get_info(void) { return &condense_model_description; }

EXPORT void condense_model_set_threads(int threads) { atomic_store(&wanted_threads, threads > 0 ? threads : 0); }

EXPORT void condense_tensor_free(condense_tensor *tensor) {
  condense_memory_free(tensor->data);
  tensor->data = NULL;
}

static const char *dtype_name(int32_t dtype) {
  return dtype >= CONDENSE_BOOL && dtype <= CONDENSE_F64 ? dtypes[dtype].name : "unknown";
}

static int check_shape(const condense_tensor *tensor, const condense_io *io, size_t index) {
  uint64_t bytes = dtypes[io->dtype].bytes;
  for (int32_t d = 0; d < io->rank; ++d) {
    int64_t size = tensor->shape[d];
    if (size < 0 || (io->shape[d] >= 0 && io->shape[d] != size))
      return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): dimension %d is %lld, expected %s%lld", index,
                           io->name, (int)d, (long long)size, io->shape[d] < 0 ? "at least " : "",
                           (long long)(io->shape[d] < 0 ? 0 : io->shape[d]));
    if (__builtin_mul_overflow(bytes, (uint64_t)(size ? size : 1), &bytes) || bytes > max_bytes)
      return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): the shape is too large", index, io->name);
  }
  return CONDENSE_OK;
}

static int is_empty(const condense_tensor *tensor) {
  for (int32_t d = 0; d < tensor->rank; ++d)
    if (tensor->shape[d] == 0)
      return 1;
  return 0;
}

static int check_input(const condense_tensor *tensor, const condense_io *io, size_t index) {
  if (tensor->dtype != io->dtype)
    return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): type %s, expected %s", index, io->name,
                         dtype_name(tensor->dtype), dtype_name(io->dtype));
  if (tensor->rank != io->rank)
    return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): rank %d, expected %d", index, io->name,
                         (int)tensor->rank, (int)io->rank);
  int status = check_shape(tensor, io, index);
  if (status)
    return status;
  if (!tensor->data && !is_empty(tensor))
    return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): no data", index, io->name);
  if ((uintptr_t)tensor->data % dtypes[io->dtype].bytes)
    return condense_fail(CONDENSE_ERROR_ARGUMENT, "input %zu (%s): data must be aligned to %zu bytes", index, io->name,
                         dtypes[io->dtype].bytes);
  return CONDENSE_OK;
}

static size_t descriptor_words(const condense_io *io) { return 3 + 2 * (size_t)io->rank; }

static void describe(const condense_tensor *tensor, intptr_t *words) {
  words[0] = words[1] = (intptr_t)tensor->data;
  words[2] = 0;
  int64_t stride = 1;
  for (int32_t d = tensor->rank; d-- > 0;) {
    words[3 + d] = tensor->shape[d];
    words[3 + tensor->rank + d] = stride;
    stride *= tensor->shape[d];
  }
}

/* One allocation that holds the arguments of the entry and all descriptors. */
static void **make_arguments(const condense_model_info *info, const condense_tensor *inputs, intptr_t **results) {
  size_t words = 0;
  for (size_t i = 0; i < info->num_inputs; ++i)
    words += descriptor_words(&info->inputs[i]);
  for (size_t i = 0; i < info->num_outputs; ++i)
    words += descriptor_words(&info->outputs[i]);
  size_t pointers = info->num_inputs + 1;
  void **arguments = calloc(pointers + words, sizeof(void *));
  if (!arguments)
    return NULL;
  void **next = arguments;
  intptr_t *descriptor = (intptr_t *)(arguments + pointers);
  *results = descriptor;
  if (info->num_outputs)
    *next++ = descriptor;
  for (size_t i = 0; i < info->num_outputs; ++i)
    descriptor += descriptor_words(&info->outputs[i]);
  for (size_t i = 0; i < info->num_inputs; ++i) {
    describe(&inputs[i], descriptor);
    *next++ = descriptor;
    descriptor += descriptor_words(&info->inputs[i]);
  }
  return arguments;
}

static int take_output(condense_memory *memory, const condense_io *io, const intptr_t *words, condense_tensor *output) {
  size_t element = dtypes[io->dtype].bytes, bytes = element;
  output->dtype = io->dtype;
  output->rank = io->rank;
  for (int32_t d = 0; d < io->rank; ++d) {
    output->shape[d] = words[3 + d];
    bytes *= (size_t)words[3 + d];
  }
  const char *data = (const char *)words[1] + (size_t)words[2] * element;
  output->data = condense_memory_release(memory, (void *)words[0], data, bytes);
  if (!output->data)
    return condense_fail(CONDENSE_ERROR_MEMORY, "out of memory: output %s of %zu bytes", io->name, bytes);
  return CONDENSE_OK;
}

static int take_outputs(condense_memory *memory, const condense_model_info *info, const intptr_t *words,
                        condense_tensor *outputs) {
  for (size_t i = 0; i < info->num_outputs; ++i) {
    int status = take_output(memory, &info->outputs[i], words, &outputs[i]);
    if (status) {
      for (size_t j = 0; j < i; ++j)
        condense_tensor_free(&outputs[j]);
      return status;
    }
    words += descriptor_words(&info->outputs[i]);
  }
  return CONDENSE_OK;
}

static void call_entry(void **arguments) {
  int threads = atomic_load(&wanted_threads);
  int set = threads && omp_set_num_threads && omp_get_max_threads;
  int before = set ? omp_get_max_threads() : 0;
  if (set)
    omp_set_num_threads(threads);
  condense_model_entry(arguments);
  if (set)
    omp_set_num_threads(before);
}

/* A separate function: what longjmp returns to must not keep changed variables in registers. */
static int run_in(condense_memory *memory, void **arguments, const intptr_t *results, condense_tensor *outputs) {
  if (setjmp(memory->on_exhaustion))
    return CONDENSE_ERROR_MEMORY;
  call_entry(arguments);
  return take_outputs(memory, &condense_model_description, results, outputs);
}

EXPORT int condense_model_run(const condense_tensor *inputs, condense_tensor *outputs) {
  const condense_model_info *info = &condense_model_description;
  last_error[0] = 0;
  for (size_t i = 0; i < info->num_outputs; ++i)
    memset(&outputs[i], 0, sizeof(outputs[i]));
  int status = condense_model_check_cpu();
  if (!status)
    status = condense_model_check_weights();
  for (size_t i = 0; i < info->num_inputs && !status; ++i)
    status = check_input(&inputs[i], &info->inputs[i], i);
  if (status)
    return status;
  intptr_t *results;
  void **arguments = make_arguments(info, inputs, &results);
  condense_memory *memory = arguments ? condense_memory_begin() : NULL;
  if (!memory) {
    free(arguments);
    return condense_fail(CONDENSE_ERROR_MEMORY, "out of memory");
  }
  status = run_in(memory, arguments, results, outputs);
  condense_memory_end(memory);
  free(arguments);
  return status;
}
