/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The C interface of a compiled model. A model is one shared library that exports the functions
 * below and depends on nothing but the C library (and on the OpenMP runtime if it was compiled
 * with threads). The header is self-contained: a program may link a model, or open it with
 * dlopen and look the functions up.
 *
 *   condense_tensor in = {pixels, CONDENSE_F32, 4, {1, 32, 32, 3}}, out;
 *   if (condense_model_run(&in, &out) != CONDENSE_OK)
 *     fprintf(stderr, "%s\n", condense_model_last_error());
 *   ... out.data ...
 *   condense_tensor_free(&out);
 *
 * All functions may be called from several threads at once.
 */

#ifndef CONDENSE_RUNTIME_MODEL_H
#define CONDENSE_RUNTIME_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a structure or function below changes incompatibly. */
#define CONDENSE_ABI_VERSION 1
#define CONDENSE_MAX_RANK 8

/* Types of elements. A bool is one byte, 0 or 1. The numbers are part of the interface. */
typedef enum condense_dtype {
  CONDENSE_BOOL = 1,
  CONDENSE_I8 = 2,
  CONDENSE_U8 = 3,
  CONDENSE_I16 = 4,
  CONDENSE_U16 = 5,
  CONDENSE_I32 = 6,
  CONDENSE_U32 = 7,
  CONDENSE_I64 = 8,
  CONDENSE_U64 = 9,
  CONDENSE_F16 = 10,
  CONDENSE_BF16 = 11,
  CONDENSE_F32 = 12,
  CONDENSE_F64 = 13
} condense_dtype;

/* What the functions return. */
typedef enum condense_status {
  CONDENSE_OK = 0,
  CONDENSE_ERROR_CPU = 1,      /* this CPU lacks features that the model was compiled for */
  CONDENSE_ERROR_ARGUMENT = 2, /* an input's data, type, rank or static dimension is wrong */
  CONDENSE_ERROR_MEMORY = 3,   /* memory could not be allocated */
  CONDENSE_ERROR_WEIGHTS = 4   /* the weights that the library stores are damaged */
} condense_status;

/* One input or output of a model. */
typedef struct condense_io {
  const char *name;
  int32_t dtype; /* condense_dtype */
  int32_t rank;
  const int64_t *shape; /* rank dimensions; -1: dynamic */
} condense_io;

typedef struct condense_model_info {
  uint32_t abi_version;          /* CONDENSE_ABI_VERSION of the compiler */
  uint32_t reserved;             /* 0 */
  const char *producer;          /* for example "Condense 0.1.0" */
  const char *target_cpu;        /* for example "x86-64-v3" */
  const char *required_features; /* comma-separated names, for example "avx2,fma" */
  uint64_t weight_bytes;         /* bytes of constants stored in the library */
  uint64_t num_inputs;
  const condense_io *inputs;
  uint64_t num_outputs;
  const condense_io *outputs;
} condense_model_info;

/* A dense row-major tensor. Data must be aligned to its element's size. */
typedef struct condense_tensor {
  void *data;
  int32_t dtype; /* condense_dtype */
  int32_t rank;
  int64_t shape[CONDENSE_MAX_RANK];
} condense_tensor;

/* The description of the model; valid as long as the library is loaded. Works on every CPU. */
const condense_model_info *condense_model_get_info(void);

/* CONDENSE_OK if this CPU can run the model, else CONDENSE_ERROR_CPU. */
int condense_model_check_cpu(void);

/* CONDENSE_OK if the weights could be decoded when the library was loaded (or needed not to be), else
 * CONDENSE_ERROR_WEIGHTS or CONDENSE_ERROR_MEMORY. condense_model_run checks it too. */
int condense_model_check_weights(void);

/* Runs the model on `num_inputs` inputs, which are only read, and fills `num_outputs` outputs.
 * The data of the outputs is allocated by the model: free each with condense_tensor_free.
 * After an error no output holds memory. Returns a condense_status. */
int condense_model_run(const condense_tensor *inputs, condense_tensor *outputs);

/* Frees the data of an output and sets it to NULL. Does nothing if it is NULL already. */
void condense_tensor_free(condense_tensor *tensor);

/* Text of the last error in the calling thread, "" if there was none. */
const char *condense_model_last_error(void);

/* Number of threads for later runs; 0 restores the default (OMP_NUM_THREADS, else all CPUs).
 * Without effect on a model that was compiled for one thread. */
void condense_model_set_threads(int threads);

#ifdef __cplusplus
}
#endif

#endif /* CONDENSE_RUNTIME_MODEL_H */
