// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Embeds the runtime and its header into the compiler, so that there is nothing to look for on
// the machine that compiles models.

#include <cstddef>

#define CONDENSE_EMBED(symbol, path)                                                                                   \
  __asm__(".pushsection .rodata\n"                                                                                     \
          ".balign 16\n"                                                                                               \
          ".hidden " #symbol "_begin\n.globl " #symbol "_begin\n" #symbol "_begin:\n"                                  \
          ".incbin \"" path "\"\n"                                                                                     \
          ".hidden " #symbol "_end\n.globl " #symbol "_end\n" #symbol "_end:\n"                                        \
          ".byte 0\n"                                                                                                  \
          ".popsection\n")

CONDENSE_EMBED(condense_embedded_archive, CONDENSE_RUNTIME_ARCHIVE);
CONDENSE_EMBED(condense_embedded_header, CONDENSE_MODEL_HEADER);
