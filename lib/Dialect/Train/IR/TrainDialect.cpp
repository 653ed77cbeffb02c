// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the `train` dialect, and what its attributes may be put on.

#include "condense/Dialect/Train/IR/Train.h"

#include "condense/Dialect/Compress/IR/Compress.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense::train;

#include "condense/Dialect/Train/IR/TrainDialect.cpp.inc"
#include "condense/Dialect/Train/IR/TrainEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/Train/IR/TrainAttrs.cpp.inc"

void TrainDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "condense/Dialect/Train/IR/TrainAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "condense/Dialect/Train/IR/TrainOps.cpp.inc"
      >();
}

LogicalResult TrainDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  return op->emitError() << "attribute '" << attribute.getName().getValue()
                         << "' belongs on an argument or result of a function";
}

/// What a role asks of the type.
static LogicalResult verifyType(Operation *op, Role role, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  bool isScalar = tensor && tensor.getRank() == 0;
  bool isFloat = tensor && isa<FloatType>(tensor.getElementType());
  StringRef problem;
  switch (role) {
  case Role::Parameter:
  case Role::State:
  case Role::Moment:
  case Role::Gradient:
    if (!isFloat || !tensor.hasStaticShape())
      problem = "a tensor of floats of static shape";
    break;
  case Role::Loss:
  case Role::Metric:
    if (!isFloat || !isScalar)
      problem = "a float tensor of rank 0";
    break;
  case Role::Step:
    if (!isScalar || !tensor.getElementType().isSignlessInteger(64))
      problem = "tensor<i64>";
    break;
  case Role::Input:
  case Role::Label:
  case Role::Output:
    if (!tensor)
      problem = "a ranked tensor";
    break;
  }
  if (problem.empty())
    return success();
  return op->emitError() << "train.role '" << stringifyRole(role) << "' requires " << problem << ", found " << type;
}

static bool isOfArguments(Role role) {
  return !llvm::is_contained({Role::Output, Role::Loss, Role::Metric, Role::Gradient}, role);
}
static bool isOfResults(Role role) { return !llvm::is_contained({Role::Input, Role::Label, Role::Step}, role); }

static LogicalResult verifyRole(Operation *op, NamedAttribute attribute, Type type, bool isArgument) {
  auto role = dyn_cast<RoleAttr>(attribute.getValue());
  if (!role)
    return op->emitError() << "attribute 'train.role' must be a #train.role, found " << attribute.getValue();
  if (isArgument ? !isOfArguments(role.getValue()) : !isOfResults(role.getValue()))
    return op->emitError() << "train.role '" << stringifyRole(role.getValue()) << "' cannot be that of "
                           << (isArgument ? "an argument" : "a result");
  return verifyType(op, role.getValue(), type);
}

static LogicalResult verifySignature(Operation *op, NamedAttribute attribute, unsigned index, bool isArgument) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return op->emitError() << "attribute '" << attribute.getName().getValue()
                           << "' belongs on an argument or result of a function";
  if (attribute.getName() == TrainDialect::kRoleAttrName)
    return verifyRole(op, attribute, isArgument ? function.getArgumentTypes()[index] : function.getResultTypes()[index],
                      isArgument);
  bool isDecay = attribute.getName() == TrainDialect::kNoDecayAttrName;
  if (!isDecay && attribute.getName() != TrainDialect::kRateAttrName)
    return op->emitError() << "unknown attribute '" << attribute.getName().getValue() << "'";
  RoleAttr role;
  if (isArgument)
    role = function.getArgAttrOfType<RoleAttr>(index, TrainDialect::kRoleAttrName);
  if (!role || role.getValue() != Role::Parameter)
    return op->emitError() << "attribute '" << attribute.getName().getValue()
                           << "' belongs on an argument with the role parameter";
  if (isDecay && !isa<UnitAttr>(attribute.getValue()))
    return op->emitError() << "attribute 'train.no_decay' takes no value";
  auto rate = dyn_cast<FloatAttr>(attribute.getValue());
  if (!isDecay && (!rate || !rate.getType().isF64() || !(rate.getValueAsDouble() >= 0)))
    return op->emitError() << "attribute 'train.rate' must be an f64 that is not negative, found "
                           << attribute.getValue();
  return success();
}

LogicalResult TrainDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned index,
                                                     NamedAttribute attribute) {
  return verifySignature(op, attribute, index, /*isArgument=*/true);
}

LogicalResult TrainDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned index,
                                                        NamedAttribute attribute) {
  return verifySignature(op, attribute, index, /*isArgument=*/false);
}
