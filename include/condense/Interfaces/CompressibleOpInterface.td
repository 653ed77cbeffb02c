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
      }], "::llvm::SmallVector<int64_t>", "getOutputChannelDims">,
    InterfaceMethod<[{
        The groups of a grouped or depthwise convolution: the output channels are
        divided into as many runs, each of which sums over inputs of its own.
      }], "int64_t", "getNumGroups", (ins), [{}], [{ return 1; }]>,
    InterfaceMethod<[{
        Builds, at the builder's insertion point, the rows of the activation that the
        weight multiplies: a tensor `[groups, rows, columns]`, columns being the reduced
        dimensions of the weight, row-major in ascending order of its dimensions (for a
        convolution the windows, im2col). Fails, without a diagnostic, where that is
        not supported.
      }], "::mlir::FailureOr<::mlir::Value>", "buildActivationMatrix",
      (ins "::mlir::OpBuilder &":$builder), [{}], [{ return ::mlir::failure(); }]>
  ];
}

#endif // CONDENSE_INTERFACES_COMPRESSIBLEOPINTERFACE_TD
