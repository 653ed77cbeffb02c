//===- Value.h - What the importer knows about an ONNX value ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX computes shapes with the same operators as data. The importer therefore
// carries small integer tensors along as numbers, element by element: those
// derived from a dynamic dimension remember which one.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_VALUE_H
#define CONDENSE_LIB_IMPORT_ONNX_VALUE_H

#include "condense/Import/ONNX/Model.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <optional>

namespace condense::onnx {

/// An integer: a number, or size `dim` of the tensor `source`, or unknown.
struct Integer {
  std::optional<int64_t> number;
  mlir::Value source;
  int64_t dim = 0;

  Integer() = default;
  Integer(int64_t number) : number(number) {}
  Integer(mlir::Value source, int64_t dim) : source(source), dim(dim) {}
};

/// A small tensor of integers (or booleans) of rank 0 and up.
struct IntTensor {
  DataType type = DataType::Int64;
  llvm::SmallVector<int64_t> dims;
  llvm::SmallVector<Integer> elements;

  /// All elements as numbers, or nothing.
  std::optional<llvm::SmallVector<int64_t>> getNumbers() const;
};

/// Tensors with more elements are data, not shapes.
constexpr int64_t maxIntTensorElements = 4096;

/// A value of the graph in up to three forms. An imported one has at least one
/// of them; `value` is made from the others when an operation needs it.
struct Imported {
  mlir::Value value;
  std::shared_ptr<const Tensor> constant;
  std::shared_ptr<const IntTensor> integers;
};

/// The numbers of an integer tensor that is small enough.
std::shared_ptr<const IntTensor> decodeIntegers(const Tensor &tensor);

/// The numbers of a real tensor of at most `maxIntTensorElements`.
std::optional<llvm::SmallVector<double>> decodeReals(const Tensor &tensor);

/// The MLIR type for an ONNX element type; null if there is none (strings,
/// complex numbers). Signed integers are signless, unsigned ones are not.
mlir::Type convertType(mlir::MLIRContext *context, DataType type);

/// The inverse of convertType; Undefined for other types.
DataType convertType(mlir::Type type);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_VALUE_H
