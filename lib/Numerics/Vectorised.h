// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One version of a loop per vector width, chosen when the program is loaded. The
// loops are written so that every version computes the same bits.

#ifndef CONDENSE_LIB_NUMERICS_VECTORISED_H
#define CONDENSE_LIB_NUMERICS_VECTORISED_H

#if defined(__x86_64__) && defined(__clang__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define CONDENSE_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CONDENSE_VECTORISED
#endif

#endif // CONDENSE_LIB_NUMERICS_VECTORISED_H
