# Finds LLVM and MLIR 22 through llvm-config and brings in their CMake functions.
#
# LLVM_CONFIG  cache variable: the llvm-config program of the LLVM to build with

find_program(LLVM_CONFIG NAMES llvm-config-22 llvm-config DOC "llvm-config of LLVM 22")
if(NOT LLVM_CONFIG)
  message(FATAL_ERROR "llvm-config-22 not found: install llvm-22-dev and libmlir-22-dev, or set LLVM_CONFIG")
endif()
execute_process(COMMAND ${LLVM_CONFIG} --prefix OUTPUT_VARIABLE LLVM_PREFIX
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# The exported configuration omits that the tools link the shared library; without this
# the static archives would be pulled in beside it: two registries, wrong TypeIDs.
set(MLIR_LINK_MLIR_DYLIB ON)
find_package(MLIR REQUIRED CONFIG PATHS ${LLVM_PREFIX}/lib/cmake/mlir NO_DEFAULT_PATH)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "${LLVM_CONFIG} is of LLVM ${LLVM_VERSION}; Condense needs LLVM 22")
endif()
list(APPEND CMAKE_MODULE_PATH ${LLVM_CMAKE_DIR} ${MLIR_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
add_definitions(${LLVM_DEFINITIONS})

# The lit named by the package does not exist; the real one lies beside FileCheck.
set(CONDENSE_LIT ${LLVM_PREFIX}/bin/lit CACHE FILEPATH "lit of LLVM 22")
