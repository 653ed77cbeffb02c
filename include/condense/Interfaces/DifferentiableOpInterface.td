// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interface of operations that can be differentiated in reverse mode.

#ifndef CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_TD
#define CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::condense";
  let description = [{
    An operation that states its adjoint as IR: how a small change of a scalar with
    each result becomes its change with each operand. Attached as external models
    (`registerNNGradients`, `registerCompressGradients`), so that a dialect does not
    depend on its derivatives.
  }];
  let methods = [
    InterfaceMethod<[{
        Builds the adjoints of the operands that are `needed`, one entry for each
        operand, at the builder's insertion point, from those of the results. Null
        stands for zero, in `adjoints` (never in all of them) as in `operandAdjoints`,
        which has one null entry for each operand before the call. An adjoint has the
        shape and element type of its operand. Fails with a diagnostic where this form
        of the operation has no adjoint.
      }], "::llvm::LogicalResult", "buildAdjoints",
      (ins "::mlir::OpBuilder &":$builder, "::llvm::ArrayRef<::mlir::Value>":$adjoints,
           "::llvm::ArrayRef<bool>":$needed, "::llvm::MutableArrayRef<::mlir::Value>":$operandAdjoints)>
  ];
}

#endif // CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_TD
