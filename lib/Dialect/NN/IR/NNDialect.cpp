// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the `nn` dialect, its attributes and operations.

#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace condense::nn;

#include "condense/Dialect/NN/IR/NNDialect.cpp.inc"
#include "condense/Dialect/NN/IR/NNEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "condense/Dialect/NN/IR/NNAttrs.cpp.inc"

void NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "condense/Dialect/NN/IR/NNAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "condense/Dialect/NN/IR/NNOps.cpp.inc"
      >();
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

LogicalResult NNDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  return op->emitError() << "attribute '" << attribute.getName().getValue()
                         << "' belongs on an argument or result of a function";
}

/// The only attribute there is: a name.
static LogicalResult verifyName(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != NNDialect::kNameAttrName)
    return op->emitError() << "unknown attribute '" << attribute.getName().getValue() << "', expected '"
                           << NNDialect::kNameAttrName << "'";
  if (!isa<FunctionOpInterface>(op))
    return op->emitError() << "attribute '" << attribute.getName().getValue()
                           << "' belongs on an argument or result of a function";
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitError() << "attribute '" << attribute.getName().getValue() << "' must be a string, found "
                           << attribute.getValue();
  return success();
}

LogicalResult NNDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult NNDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyName(op, attribute);
}
