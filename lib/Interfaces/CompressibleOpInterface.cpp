// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "condense/Interfaces/CompressibleOpInterface.h"

#include "condense/Interfaces/CompressibleOpInterface.cpp.inc"
