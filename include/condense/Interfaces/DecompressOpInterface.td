// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interface of the operations that weight expressions consist of.

#ifndef CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_TD
#define CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def DecompressOpInterface : OpInterface<"DecompressOpInterface"> {
  let cppNamespace = "::condense";
  let description = [{
    A pure operation that rebuilds a larger tensor from smaller ones. Its
    operands are leaves (constants) or decompress operations themselves: a
    weight expression. Meaning is in operands and types only.
  }];
  let methods = [
    InterfaceMethod<"The tensor that is rebuilt.", "::mlir::Value", "getDecompressed",
      (ins), [{}], [{ return $_op->getResult(0); }]>,
    InterfaceMethod<[{
        The operand that carries the values (codes, packed bytes): what a
        further technique rewrites. The others describe it.
      }], "::mlir::OpOperand &", "getValuesOperand",
      (ins), [{}], [{ return $_op->getOpOperand(0); }]>,
    InterfaceMethod<[{
        Builds the reference semantics from linalg, tensor and arith operations
        at the builder's insertion point and returns the rebuilt tensor.
      }], "::mlir::FailureOr<::mlir::Value>", "decompose",
      (ins "::mlir::OpBuilder &":$builder)>,
    InterfaceMethod<[{
        The rebuilt tensor for given operands, bit by bit what the decomposition
        computes. Fails, without a diagnostic, when an operand does not hold what
        the operation requires (an index out of range, a damaged stream).
      }], "::mlir::FailureOr<::condense::HostTensor>", "evaluate",
      (ins "::llvm::ArrayRef<::condense::HostTensor>":$operands)>
  ];
}

#endif // CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_TD
