// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The `train` dialect: definition, and the roles of what a training step takes and returns.

#ifndef CONDENSE_DIALECT_TRAIN_IR_TRAINDIALECT_TD
#define CONDENSE_DIALECT_TRAIN_IR_TRAINDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Train_Dialect : Dialect {
  let name = "train";
  let cppNamespace = "::condense::train";
  let summary = "The training step of a network";
  let description = [{
    A training step is a pure function that passes make from the network's own graph:

    ```mlir
    func.func private @step(%x: tensor<32x4xf32> {train.role = #train.role<input>},
                    %w: tensor<2x4xf32> {train.role = #train.role<parameter>, nn.name = "fc.weight"},
                    %y: tensor<32xi32> {train.role = #train.role<label>},
                    %step: tensor<i64> {train.role = #train.role<step>})
        -> (tensor<2x4xf32> {train.role = #train.role<parameter>, nn.name = "fc.weight"},
            tensor<f32> {train.role = #train.role<loss>, nn.name = "loss"})
    ```

    `train.role` says what an argument or result is. What is trained are *leaves of weight
    expressions*, outlined to arguments; a technique transforms the graph or the loss before it is
    differentiated. Afterwards the leaves are written back, and the model is what it was.

    On parameters only: `train.no_decay` (weight decay leaves it alone) and `train.rate`, a factor
    for its learning rate.
  }];
  let dependentDialects = ["::condense::compress::CompressDialect"];
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kRoleAttrName = "train.role";
    static constexpr ::llvm::StringLiteral kNoDecayAttrName = "train.no_decay";
    static constexpr ::llvm::StringLiteral kRateAttrName = "train.rate";
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
}

def Train_Role : I32EnumAttr<"Role", "what an argument or result of a training step is", [
    I32EnumAttrCase<"Parameter", 0, "parameter">, // what is trained
    I32EnumAttrCase<"State", 1, "state">,         // computed along the way: running statistics
    I32EnumAttrCase<"Moment", 2, "moment">,       // the optimizer's
    I32EnumAttrCase<"Input", 3, "input">,         // of the network: a batch of samples
    I32EnumAttrCase<"Label", 4, "label">,         // what the outputs should be
    I32EnumAttrCase<"Step", 5, "step">,           // number of the step, from 0
    I32EnumAttrCase<"Output", 6, "output">,       // of the network, or of its teacher
    I32EnumAttrCase<"Loss", 7, "loss">,
    I32EnumAttrCase<"Metric", 8, "metric">,       // of the batch, to be shown: a term of the loss, accuracy
    I32EnumAttrCase<"Gradient", 9, "gradient">    // of the loss with respect to a parameter
  ]> {
  let cppNamespace = "::condense::train";
  let genSpecializedAttr = 0;
}
def Train_RoleAttr : EnumAttr<Train_Dialect, Train_Role, "role"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // CONDENSE_DIALECT_TRAIN_IR_TRAINDIALECT_TD
