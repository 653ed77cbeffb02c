// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Derives the C interface of a model from the function that is its entry.

#include "condense/Target/ModelInterface.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::target;

func::FuncOp condense::target::findEntry(ModuleOp module) {
  if (auto main = module.lookupSymbol<func::FuncOp>("main"); main && !main.isDeclaration())
    return main;
  SmallVector<func::FuncOp> candidates;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isDeclaration())
      candidates.push_back(function);
  if (candidates.size() == 1)
    return candidates.front();
  std::string names =
      llvm::join(llvm::map_range(candidates, [](func::FuncOp f) { return f.getSymName().str(); }), ", ");
  module.emitError("a model is the function @main or the only public function of a module; found ")
      << (candidates.empty() ? "none" : names);
  return nullptr;
}

static std::optional<condense_dtype> integerType(IntegerType type) {
  bool isUnsigned = type.isUnsigned();
  switch (type.getWidth()) {
  case 1:
    return CONDENSE_BOOL;
  case 8:
    return isUnsigned ? CONDENSE_U8 : CONDENSE_I8;
  case 16:
    return isUnsigned ? CONDENSE_U16 : CONDENSE_I16;
  case 32:
    return isUnsigned ? CONDENSE_U32 : CONDENSE_I32;
  case 64:
    return isUnsigned ? CONDENSE_U64 : CONDENSE_I64;
  default:
    return std::nullopt;
  }
}

static std::optional<condense_dtype> elementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integerType(integer);
  if (type.isIndex())
    return CONDENSE_I64;
  if (type.isF16())
    return CONDENSE_F16;
  if (type.isBF16())
    return CONDENSE_BF16;
  if (type.isF32())
    return CONDENSE_F32;
  if (type.isF64())
    return CONDENSE_F64;
  return std::nullopt;
}

static FailureOr<ModelIO> describe(func::FuncOp entry, Type type, Attribute name, const std::string &fallback) {
  ModelIO io;
  auto given = dyn_cast_or_null<StringAttr>(name);
  io.name = given ? given.str() : fallback;
  auto tensor = dyn_cast<RankedTensorType>(type);
  std::optional<condense_dtype> dtype = tensor ? elementType(tensor.getElementType()) : std::nullopt;
  if (!dtype)
    return entry.emitError("'") << io.name << "' has type " << type
                                << "; a model takes and returns ranked tensors of i1, i8 to i64, "
                                   "ui8 to ui64, f16, bf16, f32 or f64";
  if (tensor.getRank() > CONDENSE_MAX_RANK)
    return entry.emitError("'") << io.name << "' has rank " << tensor.getRank()
                                << "; inputs and outputs of a model have at most rank " << CONDENSE_MAX_RANK;
  io.dtype = *dtype;
  for (int64_t size : tensor.getShape())
    io.shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  return io;
}

FailureOr<ModelInterface> condense::target::describeInterface(func::FuncOp entry) {
  ModelInterface interface;
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
    FailureOr<ModelIO> io =
        describe(entry, type, entry.getArgAttr(i, nn::NNDialect::kNameAttrName), "input" + std::to_string(i));
    if (failed(io))
      return failure();
    interface.inputs.push_back(std::move(*io));
  }
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes())) {
    FailureOr<ModelIO> io =
        describe(entry, type, entry.getResultAttr(i, nn::NNDialect::kNameAttrName), "output" + std::to_string(i));
    if (failed(io))
      return failure();
    interface.outputs.push_back(std::move(*io));
  }
  return interface;
}
