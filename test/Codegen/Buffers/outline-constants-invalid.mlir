// RUN: condense-opt %s --codegen-outline-constants=file=%t.bin --verify-diagnostics --split-input-file
// RUN: not condense-opt %s --codegen-outline-constants=file=/no/such/folder/w.bin 2>&1 | FileCheck %s

// expected-error @below {{has no data of the size that its type 'memref<64xf32>' requires}}
memref.global "private" constant @missing : memref<64xf32> = dense_resource<missing>

// CHECK: error:
