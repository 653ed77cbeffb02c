// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The opt-style tool: every dialect and pass of MLIR and of Condense.

#include "condense/Registration.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  condense::registerDialects(registry);
  condense::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Condense optimizer driver\n", registry));
}
