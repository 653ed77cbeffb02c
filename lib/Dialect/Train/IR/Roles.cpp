// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Roles and names of the arguments and results of training steps.

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"

using namespace mlir;
using namespace condense;
using namespace condense::train;

static std::optional<Role> toRole(RoleAttr attr) { return attr ? std::optional(attr.getValue()) : std::nullopt; }

std::optional<Role> train::getArgRole(func::FuncOp function, unsigned index) {
  return toRole(function.getArgAttrOfType<RoleAttr>(index, TrainDialect::kRoleAttrName));
}

std::optional<Role> train::getResultRole(func::FuncOp function, unsigned index) {
  return toRole(function.getResultAttrOfType<RoleAttr>(index, TrainDialect::kRoleAttrName));
}

SmallVector<unsigned> train::getArgsOfRole(func::FuncOp function, Role role) {
  return llvm::filter_to_vector(llvm::seq<unsigned>(0, function.getNumArguments()),
                                [&](unsigned index) { return getArgRole(function, index) == role; });
}

SmallVector<unsigned> train::getResultsOfRole(func::FuncOp function, Role role) {
  return llvm::filter_to_vector(llvm::seq<unsigned>(0, function.getNumResults()),
                                [&](unsigned index) { return getResultRole(function, index) == role; });
}

static StringRef toName(StringAttr attr) { return attr ? attr.getValue() : StringRef(); }

StringRef train::getArgName(func::FuncOp function, unsigned index) {
  return toName(function.getArgAttrOfType<StringAttr>(index, nn::NNDialect::kNameAttrName));
}

StringRef train::getResultName(func::FuncOp function, unsigned index) {
  return toName(function.getResultAttrOfType<StringAttr>(index, nn::NNDialect::kNameAttrName));
}

DictionaryAttr train::makeRole(MLIRContext *context, Role role, StringRef name) {
  Builder builder(context);
  SmallVector<NamedAttribute> attributes{
      builder.getNamedAttr(TrainDialect::kRoleAttrName, RoleAttr::get(context, role))};
  if (!name.empty())
    attributes.push_back(builder.getNamedAttr(nn::NNDialect::kNameAttrName, builder.getStringAttr(name)));
  return builder.getDictionaryAttr(attributes);
}
