// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "condense/Interfaces/DecompressOpInterface.h"

#include "condense/Interfaces/DecompressOpInterface.cpp.inc"
