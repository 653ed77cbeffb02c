// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interface of compute operations whose weight can be compressed.

#ifndef CONDENSE_INTERFACES_COMPRESSIBLEOPINTERFACE_TD
#define CONDENSE_INTERFACES_COMPRESSIBLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def CompressibleOpInterface : OpInterface<"CompressibleOpInterface"> {
  let cppNamespace = "::condense";
  let description = [{
    A contraction, convolution or table look-up of an activation with a weight.
    Implemented by `nn` operations, and as external models by `linalg` and
    `tosa` operations, so that the same passes compress any of them.
  }];
  let methods = [
    InterfaceMethod<[{
        Whether this operation has the form that the other methods describe. Only
        operations of many forms, such as `linalg.generic`, can say no.
      }], "bool", "isCompressible", (ins), [{}], [{ return true; }]>,
    InterfaceMethod<"The operand that holds the weight; it may also be no constant.",
      "::mlir::OpOperand &", "getWeightOperand">,
    InterfaceMethod<"The operand that holds the activation.",
      "::mlir::OpOperand &", "getActivationOperand">,
    InterfaceMethod<[{
        The dimensions of the weight that are summed over, the channel
        dimension first (linear: in features; convolution: input channels, then
        the kernel's). Empty for a table look-up, whose rows are read unchanged.
      }], "::llvm::SmallVector<int64_t>", "getReductionDims">,
    InterfaceMethod<[{
        The dimensions of the weight that appear in the result: one scale per
        index of these is "per channel". For a table look-up the rows.
      }], "::llvm::SmallVector<int64_t>", "getOutputChannelDims">
  ];
}

#endif // CONDENSE_INTERFACES_COMPRESSIBLEOPINTERFACE_TD
