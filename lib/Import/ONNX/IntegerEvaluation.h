//===- IntegerEvaluation.h - Shapes computed at import ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_INTEGEREVALUATION_H
#define CONDENSE_LIB_IMPORT_ONNX_INTEGEREVALUATION_H

#include "NodeImporter.h"

namespace condense::onnx {

/// `number` as a value of the integer type wraps to.
int64_t wrapInteger(int64_t number, DataType type);

/// Elementwise operators with broadcasting.
bool evaluateArithmetic(NodeImporter &importer);

/// Operators that move elements.
bool evaluateMovement(NodeImporter &importer);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_INTEGEREVALUATION_H
