// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loads the dialects and passes of Condense into a stock mlir-opt:
//   mlir-opt --load-dialect-plugin=libCondensePlugin.so --load-pass-plugin=libCondensePlugin.so
//            --pass-pipeline='builtin.module(...)'

#include "condense/Registration.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"

extern "C" LLVM_ATTRIBUTE_WEAK __attribute__((visibility("default"))) mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Condense", LLVM_VERSION_STRING, [](mlir::DialectRegistry *registry) {
            condense::registerDialects(*registry);
            condense::registerPasses();
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK __attribute__((visibility("default"))) mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Condense", LLVM_VERSION_STRING, [] { condense::registerPasses(); }};
}
