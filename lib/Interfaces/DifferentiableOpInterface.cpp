// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "condense/Interfaces/DifferentiableOpInterface.h"

#include "condense/Interfaces/DifferentiableOpInterface.cpp.inc"
