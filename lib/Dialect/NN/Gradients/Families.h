// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The families of operations, each in the file of its name.

#ifndef CONDENSE_LIB_DIALECT_NN_GRADIENTS_FAMILIES_H
#define CONDENSE_LIB_DIALECT_NN_GRADIENTS_FAMILIES_H

#include "condense/Dialect/NN/Gradients/AdjointBuilder.h"

namespace condense::nn::gradients {

void attachUnary(mlir::MLIRContext *context);
void attachBinary(mlir::MLIRContext *context);
void attachLinearAlgebra(mlir::MLIRContext *context);
void attachConvolution(mlir::MLIRContext *context);
void attachPooling(mlir::MLIRContext *context);
void attachNormalisation(mlir::MLIRContext *context);
void attachReduction(mlir::MLIRContext *context);
void attachGathering(mlir::MLIRContext *context);
void attachAttention(mlir::MLIRContext *context);
void attachShapes(mlir::MLIRContext *context);

} // namespace condense::nn::gradients

#endif // CONDENSE_LIB_DIALECT_NN_GRADIENTS_FAMILIES_H
