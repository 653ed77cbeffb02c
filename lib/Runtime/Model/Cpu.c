/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Compares the features that a model was compiled for with those of this CPU, so that a model is
 * refused with a list of what is missing instead of dying of an illegal instruction. */

#include "Internal.h"
#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

enum { EAX, EBX, ECX, EDX };

/* Bits of XCR0 that the operating system sets when it saves the registers. */
enum { STATE_NONE = 0, STATE_AVX = 0x6, STATE_AVX512 = 0xe6, STATE_AMX = 0x60000 };

typedef struct cpu_feature {
  const char *name;
  unsigned leaf, subleaf, reg, bit, state;
} cpu_feature;

static const cpu_feature features[] = {
#define CONDENSE_CPU_FEATURE(name, leaf, subleaf, reg, bit, state) {name, leaf, subleaf, reg, bit, STATE_##state},
#include "condense/Runtime/CpuFeatures.def"
};

static unsigned enabled_state(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
    return 0;
  __asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  return eax;
}

static int has_feature(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); ++i) {
    const cpu_feature *f = &features[i];
    if (strlen(f->name) != length || memcmp(f->name, name, length))
      continue;
    unsigned regs[4];
    if (!__get_cpuid_count(f->leaf, f->subleaf, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]))
      return 0;
    return (regs[f->reg] >> f->bit & 1) && (enabled_state() & f->state) == f->state;
  }
  return 0; /* made by a newer compiler: better refused than an illegal instruction */
}

#else

static int has_feature(const char *name, size_t length) {
  (void)name;
  (void)length;
  return 1; /* the list of required features is empty on other architectures */
}

#endif

__attribute__((visibility("default"))) int condense_model_check_cpu(void) {
  /* cpuid takes microseconds, in a virtual machine many: ask once */
  static atomic_bool is_supported;
  if (atomic_load_explicit(&is_supported, memory_order_relaxed))
    return CONDENSE_OK;
  char missing[256];
  size_t used = 0;
  for (const char *name = condense_model_description.required_features; *name;) {
    size_t length = strcspn(name, ",");
    if (!has_feature(name, length) && used + length + 3 < sizeof(missing)) {
      if (used)
        used = (size_t)(stpcpy(missing + used, ", ") - missing);
      memcpy(missing + used, name, length);
      used += length;
    }
    name += length + (name[length] == ',');
  }
  missing[used] = 0;
  if (!used) {
    atomic_store_explicit(&is_supported, 1, memory_order_relaxed);
    return CONDENSE_OK;
  }
  return condense_fail(CONDENSE_ERROR_CPU,
                       "the model was compiled for %s and needs features that this CPU lacks: %s; "
                       "compile it with a --target that this CPU supports",
                       condense_model_description.target_cpu, missing);
}
