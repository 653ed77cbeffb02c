// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_H
#define CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_H

#include "condense/IR/HostTensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "condense/Interfaces/DecompressOpInterface.h.inc"

#endif // CONDENSE_INTERFACES_DECOMPRESSOPINTERFACE_H
