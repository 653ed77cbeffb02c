// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_H
#define CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "condense/Interfaces/DifferentiableOpInterface.h.inc"

#endif // CONDENSE_INTERFACES_DIFFERENTIABLEOPINTERFACE_H
