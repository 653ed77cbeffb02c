// Convolutions and pooling: strides, dilation, depthwise, channels first, sizes that divide nothing.
//
// RUN: %lower_plain %s | %execute > %t.plain
// RUN: FileCheck %s < %t.plain
// RUN: %lower_avx512 %s | %execute | diff %t.plain -
// RUN: %lower_avx2 %s | %execute | diff %t.plain -

func.func private @printMemrefF32(tensor<*xf32>)

// Element i of n is (5 * i + seed) mod 7 - 3.
func.func @data(%n: index, %seed: index) -> tensor<?xf32> {
  %factor = arith.constant 5 : index
  %modulus = arith.constant 7 : index
  %middle = arith.constant 3 : index
  %empty = tensor.empty(%n) : tensor<?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%empty : tensor<?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %scaled = arith.muli %factor, %i : index
    %sum = arith.addi %scaled, %seed : index
    %rest = arith.remui %sum, %modulus : index
    %centred = arith.subi %rest, %middle : index
    %integer = arith.index_cast %centred : index to i32
    %value = arith.sitofp %integer : i32 to f32
    linalg.yield %value : f32
  } -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// 3x3, stride 2, on a padded 11x13 image; residual and activation follow.
func.func @strided(%x: tensor<2x11x13x5xf32>, %w: tensor<3x3x5x17xf32>, %r: tensor<2x5x6x17xf32>) -> tensor<2x5x6x17xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x5x6x17xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x5x6x17xf32>) -> tensor<2x5x6x17xf32>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %w : tensor<2x11x13x5xf32>, tensor<3x3x5x17xf32>) outs(%init : tensor<2x5x6x17xf32>) -> tensor<2x5x6x17xf32>
  %result = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r, %y : tensor<2x5x6x17xf32>, tensor<2x5x6x17xf32>) outs(%empty : tensor<2x5x6x17xf32>) {
  ^bb0(%residual: f32, %value: f32, %out: f32):
    %sum = arith.addf %value, %residual : f32
    %relu = arith.maximumf %sum, %zero : f32
    linalg.yield %relu : f32
  } -> tensor<2x5x6x17xf32>
  return %result : tensor<2x5x6x17xf32>
}

// Dilation 2, 10 output channels.
func.func @dilated(%x: tensor<1x9x10x3xf32>, %w: tensor<3x2x3x10xf32>) -> tensor<1x5x8x10xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x5x8x10xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x5x8x10xf32>) -> tensor<1x5x8x10xf32>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<2> : tensor<2xi64>}
    ins(%x, %w : tensor<1x9x10x3xf32>, tensor<3x2x3x10xf32>) outs(%init : tensor<1x5x8x10xf32>) -> tensor<1x5x8x10xf32>
  return %y : tensor<1x5x8x10xf32>
}

func.func @channelsFirst(%x: tensor<1x3x7x35xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<1x5x5x33xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x5x5x33xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x5x5x33xf32>) -> tensor<1x5x5x33xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %w : tensor<1x3x7x35xf32>, tensor<5x3x3x3xf32>) outs(%init : tensor<1x5x5x33xf32>) -> tensor<1x5x5x33xf32>
  return %y : tensor<1x5x5x33xf32>
}

func.func @depthwise(%x: tensor<1x7x9x19xf32>, %w: tensor<3x3x19xf32>) -> tensor<1x3x4x19xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x3x4x19xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x3x4x19xf32>) -> tensor<1x3x4x19xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %w : tensor<1x7x9x19xf32>, tensor<3x3x19xf32>) outs(%init : tensor<1x3x4x19xf32>) -> tensor<1x3x4x19xf32>
  return %y : tensor<1x3x4x19xf32>
}

func.func @pool(%x: tensor<1x7x9x19xf32>) -> tensor<1x3x4x19xf32> {
  %lowest = arith.constant 0xFF800000 : f32
  %window = tensor.empty() : tensor<3x3xf32>
  %empty = tensor.empty() : tensor<1x3x4x19xf32>
  %init = linalg.fill ins(%lowest : f32) outs(%empty : tensor<1x3x4x19xf32>) -> tensor<1x3x4x19xf32>
  %y = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
    ins(%x, %window : tensor<1x7x9x19xf32>, tensor<3x3xf32>) outs(%init : tensor<1x3x4x19xf32>) -> tensor<1x3x4x19xf32>
  return %y : tensor<1x3x4x19xf32>
}

// CHECK: sizes = [2, 5, 6, 17]
// CHECK: sizes = [1, 5, 8, 10]
// CHECK: sizes = [1, 5, 5, 33]
// CHECK: sizes = [1, 3, 4, 19]
// CHECK: sizes = [1, 3, 4, 19]
func.func @main() {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %n0 = arith.constant 1430 : index
  %x0 = func.call @data(%n0, %c1) : (index, index) -> tensor<?xf32>
  %n1 = arith.constant 765 : index
  %w1 = func.call @data(%n1, %c2) : (index, index) -> tensor<?xf32>
  %n2 = arith.constant 1020 : index
  %r2 = func.call @data(%n2, %c3) : (index, index) -> tensor<?xf32>
  %x0s = tensor.cast %x0 : tensor<?xf32> to tensor<1430xf32>
  %w1s = tensor.cast %w1 : tensor<?xf32> to tensor<765xf32>
  %r2s = tensor.cast %r2 : tensor<?xf32> to tensor<1020xf32>
  %xs = tensor.expand_shape %x0s [[0, 1, 2, 3]] output_shape [2, 11, 13, 5] : tensor<1430xf32> into tensor<2x11x13x5xf32>
  %ws = tensor.expand_shape %w1s [[0, 1, 2, 3]] output_shape [3, 3, 5, 17] : tensor<765xf32> into tensor<3x3x5x17xf32>
  %rs = tensor.expand_shape %r2s [[0, 1, 2, 3]] output_shape [2, 5, 6, 17] : tensor<1020xf32> into tensor<2x5x6x17xf32>
  %strided = func.call @strided(%xs, %ws, %rs) : (tensor<2x11x13x5xf32>, tensor<3x3x5x17xf32>, tensor<2x5x6x17xf32>) -> tensor<2x5x6x17xf32>
  %print0 = tensor.cast %strided : tensor<2x5x6x17xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print0) : (tensor<*xf32>) -> ()

  %x1f = tensor.extract_slice %x0s[0] [270] [1] : tensor<1430xf32> to tensor<270xf32>
  %x1 = tensor.expand_shape %x1f [[0, 1, 2, 3]] output_shape [1, 9, 10, 3] : tensor<270xf32> into tensor<1x9x10x3xf32>
  %w2f = tensor.extract_slice %w1s[0] [180] [1] : tensor<765xf32> to tensor<180xf32>
  %w2 = tensor.expand_shape %w2f [[0, 1, 2, 3]] output_shape [3, 2, 3, 10] : tensor<180xf32> into tensor<3x2x3x10xf32>
  %dilated = func.call @dilated(%x1, %w2) : (tensor<1x9x10x3xf32>, tensor<3x2x3x10xf32>) -> tensor<1x5x8x10xf32>
  %print1 = tensor.cast %dilated : tensor<1x5x8x10xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print1) : (tensor<*xf32>) -> ()

  %x3f = tensor.extract_slice %x0s[0] [735] [1] : tensor<1430xf32> to tensor<735xf32>
  %x3 = tensor.expand_shape %x3f [[0, 1, 2, 3]] output_shape [1, 3, 7, 35] : tensor<735xf32> into tensor<1x3x7x35xf32>
  %w3f = tensor.extract_slice %w1s[3] [135] [1] : tensor<765xf32> to tensor<135xf32>
  %w3 = tensor.expand_shape %w3f [[0, 1, 2, 3]] output_shape [5, 3, 3, 3] : tensor<135xf32> into tensor<5x3x3x3xf32>
  %nchw = func.call @channelsFirst(%x3, %w3) : (tensor<1x3x7x35xf32>, tensor<5x3x3x3xf32>) -> tensor<1x5x5x33xf32>
  %print3 = tensor.cast %nchw : tensor<1x5x5x33xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print3) : (tensor<*xf32>) -> ()

  %x4f = tensor.extract_slice %x0s[0] [1197] [1] : tensor<1430xf32> to tensor<1197xf32>
  %x4 = tensor.expand_shape %x4f [[0, 1, 2, 3]] output_shape [1, 7, 9, 19] : tensor<1197xf32> into tensor<1x7x9x19xf32>
  %w4f = tensor.extract_slice %w1s[0] [171] [1] : tensor<765xf32> to tensor<171xf32>
  %w4 = tensor.expand_shape %w4f [[0, 1, 2]] output_shape [3, 3, 19] : tensor<171xf32> into tensor<3x3x19xf32>
  %dw = func.call @depthwise(%x4, %w4) : (tensor<1x7x9x19xf32>, tensor<3x3x19xf32>) -> tensor<1x3x4x19xf32>
  %print4 = tensor.cast %dw : tensor<1x3x4x19xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print4) : (tensor<*xf32>) -> ()
  %pool = func.call @pool(%x4) : (tensor<1x7x9x19xf32>) -> tensor<1x3x4x19xf32>
  %print5 = tensor.cast %pool : tensor<1x3x4x19xf32> to tensor<*xf32>
  func.call @printMemrefF32(%print5) : (tensor<*xf32>) -> ()
  return
}
