// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The inputs and outputs of a model module, as its C interface shows them.

#ifndef CONDENSE_TARGET_MODELINTERFACE_H
#define CONDENSE_TARGET_MODELINTERFACE_H

#include "condense/Runtime/Model.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace condense::target {

/// A named tensor; a dynamic dimension is -1.
struct ModelIO {
  std::string name;
  condense_dtype dtype;
  std::vector<int64_t> shape;
};

struct ModelInterface {
  std::vector<ModelIO> inputs, outputs;
};

/// The function that is the model: `main`, else the only public one with a body. Emits an error
/// and returns null if there is none.
mlir::func::FuncOp findEntry(mlir::ModuleOp module);

/// Describes the arguments and results of `entry`: names from `nn.name`, else input0, input1, ...
/// and output0, ... Emits an error if one is not a ranked tensor of a type that the C interface has.
mlir::FailureOr<ModelInterface> describeInterface(mlir::func::FuncOp entry);

} // namespace condense::target

#endif // CONDENSE_TARGET_MODELINTERFACE_H
