// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs a module and prints its results where MLIR's libraries are not. The buffers of the tests are contiguous.

#include <stdint.h>
#include <stdio.h>

typedef struct {
  void *allocated, *aligned;
  int64_t offset, sizes[];
} descriptor;

#define PRINT(name, type, format)                                                                                      \
  void name(int64_t rank, const descriptor *buffer) {                                                                  \
    int64_t count = 1;                                                                                                 \
    printf("sizes");                                                                                                   \
    for (int64_t dim = 0; dim < rank; count *= buffer->sizes[dim++])                                                   \
      printf(" %lld", (long long)buffer->sizes[dim]);                                                                  \
    printf(":");                                                                                                       \
    for (int64_t i = 0; i < count; ++i)                                                                                \
      printf(" " format, ((const type *)buffer->aligned)[buffer->offset + i]);                                         \
    printf("\n");                                                                                                      \
  }

PRINT(printMemrefF32, float, "%.9g")
PRINT(printMemrefI32, int32_t, "%d")

extern void run_module(void);

int main(void) {
  run_module();
  return 0;
}
