// RUN: condense-opt %s --codegen-expand-pads --split-input-file | FileCheck %s
// RUN: condense-opt %s --codegen-expand-pads --codegen-expand-pads --split-input-file | FileCheck %s

// Each part of the border is filled once; rows that are padded above and below only on their inside.
// CHECK-LABEL: @image
// CHECK-SAME:    %[[X:.*]]: tensor<5x6x16xf32>
// CHECK:         %[[E:.*]] = bufferization.alloc_tensor() : tensor<8x8x16xf32>
// CHECK:         tensor.extract_slice %[[E]][0, 0, 0] [1, 8, 16] [1, 1, 1]
// CHECK:         linalg.fill
// CHECK:         tensor.extract_slice %{{.*}}[6, 0, 0] [2, 8, 16] [1, 1, 1]
// CHECK:         tensor.extract_slice %{{.*}}[1, 0, 0] [5, 2, 16] [1, 1, 1]
// CHECK:         %[[BORDER:.*]] = tensor.insert_slice
// CHECK-NOT:     linalg.fill
// CHECK:         %[[R:.*]] = tensor.insert_slice %[[X]] into %[[BORDER]][1, 2, 0] [5, 6, 16] [1, 1, 1]
// CHECK:         return %[[R]]
func.func @image(%x: tensor<5x6x16xf32>) -> tensor<8x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[1, 2, 0] high[2, 0, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : f32
  } : tensor<5x6x16xf32> to tensor<8x8x16xf32>
  return %0 : tensor<8x8x16xf32>
}

// -----

// Channels are padded too: one fill of everything.
// CHECK-LABEL: @innermost
// CHECK:         tensor.extract_slice %{{.*}}[0, 0] [7, 4] [1, 1]
// CHECK:         linalg.fill
// CHECK-NOT:     linalg.fill
// CHECK:         tensor.insert_slice %arg0 into %{{.*}}[1, 0] [5, 3] [1, 1]
func.func @innermost(%x: tensor<5x3xi8>) -> tensor<7x4xi8> {
  %zero = arith.constant -128 : i8
  %0 = tensor.pad %x low[1, 0] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : i8
  } : tensor<5x3xi8> to tensor<7x4xi8>
  return %0 : tensor<7x4xi8>
}

// -----

// Sizes may be dynamic.
// CHECK-LABEL: @dynamic
// CHECK:         %[[N:.*]] = tensor.dim %arg0
// CHECK:         %[[M:.*]] = affine.apply {{.*}}(){{.*}}[%[[N]], %arg1]
// CHECK:         bufferization.alloc_tensor(%[[M]]) : tensor<?x8xf32>
// CHECK:         linalg.fill
// CHECK:         tensor.insert_slice %arg0 into %{{.*}}[%arg1, 0] [%[[N]], 8] [1, 1]
func.func @dynamic(%x: tensor<?x8xf32>, %low: index) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[%low, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x8xf32> to tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// Padding that depends on the place stays.
// CHECK-LABEL: @computed
// CHECK:         tensor.pad
func.func @computed(%x: tensor<5x8xindex>) -> tensor<6x8xindex> {
  %0 = tensor.pad %x low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %j : index
  } : tensor<5x8xindex> to tensor<6x8xindex>
  return %0 : tensor<6x8xindex>
}

// -----

// The source is read in the result, so that it need not be stored twice.
// CHECK-LABEL: @read_twice
// CHECK:         %[[X:.*]] = linalg.generic
// CHECK:         %[[P:.*]] = tensor.insert_slice %[[X]] into %{{.*}}[1, 0] [5, 8] [1, 1]
// CHECK:         %[[R:.*]] = tensor.extract_slice %[[P]][1, 0] [5, 8] [1, 1]
// CHECK:         linalg.generic {{.*}} ins(%[[R]] : tensor<5x8xf32>)
#id = affine_map<(i, j) -> (i, j)>
func.func @read_twice(%a: tensor<5x8xf32>) -> (tensor<5x8xf32>, tensor<6x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5x8xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<5x8xf32>) outs(%e : tensor<5x8xf32>) {
  ^bb0(%v: f32, %o: f32):
    %y = math.absf %v : f32
    linalg.yield %y : f32
  } -> tensor<5x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x8xf32>) outs(%e : tensor<5x8xf32>) {
  ^bb0(%v: f32, %o: f32):
    %y = math.sqrt %v : f32
    linalg.yield %y : f32
  } -> tensor<5x8xf32>
  %p = tensor.pad %x low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<5x8xf32> to tensor<6x8xf32>
  return %r, %p : tensor<5x8xf32>, tensor<6x8xf32>
}
