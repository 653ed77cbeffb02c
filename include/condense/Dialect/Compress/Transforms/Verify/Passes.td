// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that verify the contract of a stage.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyCompressionPass : Pass<"compress-verify"> {
  let summary = "Verify that every request was honoured and every scale is sound";
  let description = [{
    The contract after the realize stage: no `compress.weight` or
    `compress.activation` is left, no `compress.observe` is left, and every
    constant scale is finite and not zero. Changes nothing.
  }];
  let statistics = [Statistic<"checked", "checked", "Number of scale tensors checked">];
}

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD
