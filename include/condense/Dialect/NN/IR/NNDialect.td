// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `nn` dialect: definition, attributes and type constraints.

#ifndef CONDENSE_DIALECT_NN_IR_NNDIALECT_TD
#define CONDENSE_DIALECT_NN_IR_NNDIALECT_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::condense::nn";
  let summary = "The tensor graph of a neural network";
  let description = [{
    Coarse operations with the field's usual names on ranked tensors, free of
    destinations and side effects. Every operation infers its result type, has
    a reference lowering to `linalg`, and keeps dynamic dimensions. The name of
    a layer is its location.

    Integer tensors: signless `iN` is signed, `uiN` is unsigned, `i1` is boolean.
    Function arguments and results carry their names in the attribute `nn.name`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let extraClassDeclaration = [{
    /// The attribute of function arguments and results that holds their name.
    static constexpr ::llvm::StringLiteral kNameAttrName = "nn.name";
  }];
  let hasConstantMaterializer = 1;
  // nn.name is the only discardable attribute, and only on functions' arguments and results.
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
}

def NN_Tensor : RankedTensorOf<[AnyFloat, AnyInteger]>;
def NN_FloatTensor : RankedTensorOf<[AnyFloat]>;
def NN_IntTensor : RankedTensorOf<[AnyInteger]>;
def NN_BoolTensor : RankedTensorOf<[I1]>;

/// Where the channels of an image tensor and of its filter are.
def NN_Layout : I32EnumAttr<"Layout", "order of the dimensions of images and filters", [
    I32EnumAttrCase<"NCHW", 0, "nchw">, // filters [out, in / groups, kh, kw]
    I32EnumAttrCase<"NHWC", 1, "nhwc">  // filters [out, kh, kw, in / groups]
  ]> {
  let cppNamespace = "::condense::nn";
  let genSpecializedAttr = 0;
}
def NN_LayoutAttr : EnumAttr<NN_Dialect, NN_Layout, "layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_PadMode : I32EnumAttr<"PadMode", "what lies outside of a padded tensor", [
    I32EnumAttrCase<"Constant", 0, "constant">, I32EnumAttrCase<"Reflect", 1, "reflect">,
    I32EnumAttrCase<"Edge", 2, "edge">, I32EnumAttrCase<"Wrap", 3, "wrap">
  ]> {
  let cppNamespace = "::condense::nn";
  let genSpecializedAttr = 0;
}
def NN_PadModeAttr : EnumAttr<NN_Dialect, NN_PadMode, "pad_mode"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_Comparison : I32EnumAttr<"Comparison", "kind of comparison", [
    I32EnumAttrCase<"EQ", 0, "eq">, I32EnumAttrCase<"NE", 1, "ne">,
    I32EnumAttrCase<"LT", 2, "lt">, I32EnumAttrCase<"LE", 3, "le">,
    I32EnumAttrCase<"GT", 4, "gt">, I32EnumAttrCase<"GE", 5, "ge">
  ]> {
  let cppNamespace = "::condense::nn";
  let genSpecializedAttr = 0;
}
def NN_ComparisonAttr : EnumAttr<NN_Dialect, NN_Comparison, "comparison">;

#endif // CONDENSE_DIALECT_NN_IR_NNDIALECT_TD
