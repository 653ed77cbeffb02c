// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that verify the contract of a stage.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyCompressionPass : Pass<"compress-verify"> {
  let summary = "Verify that every request was honoured, leaves are sound and structure is kept";
  let description = [{
    The contract after the realize stage: no `compress.weight` or
    `compress.activation` is left, no `compress.observe` is left, every
    constant scale is finite and not zero, every constant stream decodes, constant indices are
    those of entries of their codebook, and the constant positions of every `compress.scatter`
    are in range, ascending, and those of its values.

    The weight of each layer with a `compress.structure` is evaluated and must have what
    is declared, in its matrix view: at least `zeros` zeros (with `block` in blocks that are
    zero as a whole), at most `n` elements that are not zero of each `m` of a row, at most
    `values` different values. Changes nothing.

    With `requests=false` what is still requested is no error: so the pass checks between
    techniques that one did not destroy what another established.
  }];
  let options = [Option<"requests", "requests", "bool", "true", "Whether a request that is left is an error">];
  let statistics = [
    Statistic<"checked", "checked", "Number of scale tensors checked">,
    Statistic<"structures", "structures", "Number of layers whose structure was checked">
  ];
}

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_VERIFY_PASSES_TD
