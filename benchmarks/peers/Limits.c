// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What this CPU can do at most, measured on the spot, and loops that time a compiled model without the cost of a
// call from Python. Built as a shared library that benchmarks/compare.py loads.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "condense/Runtime/Model.h"
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static clockid_t usedClock = CLOCK_MONOTONIC;

/// Whether time is the CPU time of this process from now on.
void condense_bench_use_cpu_time(int yes) { usedClock = yes ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC; }

static double now(void) {
  struct timespec t;
  clock_gettime(usedClock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* 16 independent accumulators: more than latency times throughput of any of these instructions. */
#define SIXTEEN(OP)                                                                                                    \
  OP(0) OP(1) OP(2) OP(3) OP(4) OP(5) OP(6) OP(7) OP(8) OP(9) OP(10) OP(11) OP(12) OP(13) OP(14) OP(15)
#define FMA512(i) "vfmadd231ps %%zmm30,%%zmm31,%%zmm" #i "\n"
#define DOT512(i) "vpdpbusd %%zmm30,%%zmm31,%%zmm" #i "\n"
#define FMA256(i) "vfmadd231ps %%ymm0,%%ymm0,%%ymm" #i "\n"
#define CLOBBERED                                                                                                      \
  "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
      "xmm13", "xmm14", "xmm15"

/* Instructions per second of `BODY`, 16 instructions, in about 2 ms. */
#define RATE(NAME, TARGET, PREPARE, BODY, ...)                                                                         \
  __attribute__((target(TARGET))) static double NAME(void) {                                                           \
    long count = 200000, n = count;                                                                                    \
    double start = now();                                                                                              \
    __asm__ volatile(PREPARE "1:\n" BODY "dec %0\njnz 1b\n" : "+r"(n) : : CLOBBERED, ##__VA_ARGS__);                   \
    return 16.0 * (double)count / (now() - start);                                                                     \
  }

RATE(rateOfFMA512, "avx512f", "vpxorq %%zmm30,%%zmm30,%%zmm30\nvpxorq %%zmm31,%%zmm31,%%zmm31\n", SIXTEEN(FMA512),
     "xmm30", "xmm31")
RATE(rateOfDot512, "avx512f,avx512vnni", "vpxorq %%zmm30,%%zmm30,%%zmm30\nvpxorq %%zmm31,%%zmm31,%%zmm31\n",
     SIXTEEN(DOT512), "xmm30", "xmm31")
RATE(rateOfFMA256, "avx2,fma", "vpxor %%ymm0,%%ymm0,%%ymm0\n", SIXTEEN(FMA256))

/// Floating-point operations per second of one core, 0 if unknown.
double condense_bench_f32_peak(void) {
  if (__builtin_cpu_supports("avx512f"))
    return 32 * rateOfFMA512();
  return __builtin_cpu_supports("fma") ? 16 * rateOfFMA256() : 0;
}

/// 8-bit operations (multiplications and additions) per second of one core, 0 without AVX-512 VNNI.
double condense_bench_i8_peak(void) { return __builtin_cpu_supports("avx512vnni") ? 128 * rateOfDot512() : 0; }

/* Four loads of a vector each, into accumulators of their own; `data` is aligned to 64 bytes. */
#define READ(NAME, TARGET, VECTOR, LOAD, XOR)                                                                          \
  __attribute__((target(TARGET), noinline)) static double NAME(const char *data, size_t size, long count) {            \
    VECTOR a = {0}, b = {0}, c = {0}, d = {0};                                                                         \
    double start = now();                                                                                              \
    for (long n = 0; n < count; ++n) {                                                                                 \
      for (const VECTOR *at = (const VECTOR *)data, *end = (const VECTOR *)(data + size); at != end; at += 4) {        \
        a = XOR(a, LOAD(at)), b = XOR(b, LOAD(at + 1)), c = XOR(c, LOAD(at + 2)), d = XOR(d, LOAD(at + 3));            \
      }                                                                                                                \
      __asm__ volatile("" : : : "memory");                                                                             \
    }                                                                                                                  \
    double seconds = now() - start;                                                                                    \
    VECTOR all = XOR(XOR(a, b), XOR(c, d));                                                                            \
    __asm__ volatile("" : : "m"(all));                                                                                 \
    return seconds;                                                                                                    \
  }

READ(readAll512, "avx512f", __m512i, _mm512_load_si512, _mm512_xor_si512)
READ(readAll256, "avx2", __m256i, _mm256_load_si256, _mm256_xor_si256)

static double readAll(const char *data, size_t size, long count) {
  return __builtin_cpu_supports("avx512f") ? readAll512(data, size, count) : readAll256(data, size, count);
}

/// Memory of `size` bytes that is resident, in huge pages where possible; NULL if there is none.
char *condense_bench_allocate(size_t size) {
  char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    return NULL;
  madvise(data, size, MADV_HUGEPAGE);
  for (size_t at = 0; at < size; at += 64)
    data[at] = (char)at;
  return data;
}

void condense_bench_free(char *data, size_t size) { munmap(data, size); }

/// Bytes per second that one core reads from an array of `size` bytes that is read again and again.
double condense_bench_read_bandwidth(const char *data, size_t size, double least_seconds) {
  size &= ~(size_t)255;
  if (size == 0 || !__builtin_cpu_supports("avx2"))
    return 0;
  double once = readAll(data, size, 1);
  long count = 1 + (long)(least_seconds / (once + 1e-9));
  return (double)size * (double)count / readAll(data, size, count);
}

/// Mean seconds of `count` runs of a compiled model, its outputs freed after each; negative after an error.
double condense_bench_model(int (*run)(const condense_tensor *, condense_tensor *), void (*release)(condense_tensor *),
                            const condense_tensor *inputs, condense_tensor *outputs, int num_outputs, long count) {
  double start = now();
  for (long n = 0; n < count; ++n) {
    if (run(inputs, outputs) != CONDENSE_OK)
      return -1;
    for (int i = 0; i < num_outputs; ++i)
      release(outputs + i);
  }
  return (now() - start) / (double)count;
}
