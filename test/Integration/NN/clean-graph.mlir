// RUN: %lower_nn %s | %run_main | FileCheck %s
// RUN: condense-opt %s --nn-fold-constants | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --nn-fuse-bias | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --nn-fold-batch-norm | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --nn-channels-last | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --nn-channels-last --nn-fold-batch-norm --nn-fuse-bias --nn-channels-last | %lower_nn | %run_main | FileCheck %s
// RUN: condense-opt %s --condense-import-cleanup | %lower_nn | %run_main | FileCheck %s
// The passes that clean a graph change no value: small integers are exact in every order.

func.func private @printMemrefF32(tensor<*xf32>)

func.func private @network(%x: tensor<?x3x6x5xf32>) -> tensor<?x5xf32> {
  %w = arith.constant dense<[[[[1.0, -3.0, 2.0], [-3.0, -2.0, 3.0], [0.0, 2.0, -3.0]], [[-3.0, -3.0, -2.0], [-1.0,
      -3.0, -2.0], [3.0, 0.0, 2.0]], [[-1.0, 2.0, 3.0], [1.0, -3.0, 1.0], [3.0, -3.0, 2.0]]], [[[-3.0, 2.0, -1.0],
      [-1.0, 1.0, -1.0], [2.0, 3.0, 0.0]], [[2.0, -2.0, 1.0], [1.0, 3.0, 3.0], [2.0, 0.0, -1.0]], [[0.0, -3.0, -1.0],
      [0.0, 2.0, 2.0], [-2.0, -3.0, 1.0]]], [[[2.0, -2.0, 1.0], [1.0, 2.0, 0.0], [-2.0, 2.0, -1.0]], [[0.0, -3.0,
      3.0], [3.0, 0.0, -3.0], [-3.0, 2.0, 3.0]], [[-2.0, 2.0, 0.0], [2.0, -2.0, 2.0], [1.0, -3.0, 3.0]]], [[[3.0,
      3.0, -3.0], [-1.0, -1.0, 3.0], [-2.0, 1.0, 0.0]], [[-1.0, -2.0, 3.0], [-2.0, 0.0, 1.0], [0.0, -2.0, 2.0]],
      [[0.0, 3.0, 1.0], [3.0, -3.0, -1.0], [3.0, 1.0, 2.0]]]]> : tensor<4x3x3x3xf32>
  %b = arith.constant dense<[-2.0, 2.0, -3.0, 2.0]> : tensor<4xf32>
  %scale = arith.constant dense<[2.0, -1.0, 4.0, 1.0]> : tensor<4xf32>
  %shift = arith.constant dense<[-1.0, 3.0, -1.0, -2.0]> : tensor<4xf32>
  %mean = arith.constant dense<[-3.0, -3.0, -2.0, 2.0]> : tensor<4xf32>
  %variance = arith.constant dense<[4.0, 1.0, 16.0, 0.25]> : tensor<4xf32>
  %dw = arith.constant dense<[[[[-3.0, -3.0], [3.0, 1.0]]], [[[-1.0, 1.0], [-2.0, 3.0]]], [[[0.0, -3.0], [3.0,
      -1.0]]], [[[2.0, 2.0], [-3.0, -1.0]]]]> : tensor<4x1x2x2xf32>
  %k = arith.constant dense<[[[1.0]], [[-1.0]], [[3.0]], [[-2.0]]]> : tensor<4x1x1xf32>
  %matrix_t = arith.constant dense<[[1.0, -3.0, 2.0, 3.0, -1.0, -1.0, -3.0, -2.0, 1.0, -3.0, -2.0, 3.0], [-3.0, -2.0,
      -1.0, 2.0, 1.0, 3.0, 0.0, 1.0, -1.0, -2.0, -2.0, 1.0], [-3.0, 0.0, -3.0, -2.0, -2.0, -2.0, -3.0, 3.0, 3.0, 3.0,
      3.0, 2.0], [0.0, 0.0, 1.0, -2.0, 0.0, 0.0, 3.0, 2.0, 1.0, 3.0, 2.0, 2.0], [1.0, 2.0, 2.0, 1.0, -3.0, -1.0,
      -1.0, 2.0, 2.0, 0.0, -3.0, 3.0]]> : tensor<5x12xf32>
  %mb = arith.constant dense<[-3.0, -2.0, 0.0, 0.0, 3.0]> : tensor<5xf32>
  %0 = nn.conv2d %x, %w, %b {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nchw>}
      : (tensor<?x3x6x5xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<?x4x6x5xf32>
  %1 = nn.batch_norm %0, %scale, %shift, %mean, %variance {axis = 1 : i64, epsilon = 0.0 : f64}
      : (tensor<?x4x6x5xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x6x5xf32>
  %2 = nn.relu %1 : tensor<?x4x6x5xf32>
  %3 = nn.max_pool2d %2 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
      pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nchw>} : tensor<?x4x6x5xf32> -> tensor<?x4x3x2xf32>
  %4 = nn.conv2d %3, %dw {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>,
      groups = 4 : i64, layout = #nn.layout<nchw>} : (tensor<?x4x3x2xf32>, tensor<4x1x2x2xf32>) -> tensor<?x4x3x2xf32>
  %5 = nn.add %4, %k : (tensor<?x4x3x2xf32>, tensor<4x1x1xf32>) -> tensor<?x4x3x2xf32>
  %6 = nn.batch_norm %5, %scale, %shift, %mean, %variance {axis = 1 : i64, epsilon = 0.0 : f64}
      : (tensor<?x4x3x2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x3x2xf32>
  %7 = nn.concat %5, %3, %6 {axis = 1 : i64}
      : (tensor<?x4x3x2xf32>, tensor<?x4x3x2xf32>, tensor<?x4x3x2xf32>) -> tensor<?x12x3x2xf32>
  %8 = nn.pad %7 {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 2>, mode = #nn.pad_mode<constant>,
      value = 1.0 : f32} : tensor<?x12x3x2xf32> -> tensor<?x12x4x4xf32>
  %9 = nn.reduce_sum %8 {axes = array<i64: 2, 3>} : tensor<?x12x4x4xf32> -> tensor<?x12xf32>
  %matrix = nn.transpose %matrix_t {permutation = array<i64: 1, 0>} : tensor<5x12xf32> -> tensor<12x5xf32>
  %10 = nn.matmul %9, %matrix : (tensor<?x12xf32>, tensor<12x5xf32>) -> tensor<?x5xf32>
  %11 = nn.add %10, %mb : (tensor<?x5xf32>, tensor<5xf32>) -> tensor<?x5xf32>
  return %11 : tensor<?x5xf32>
}

// Each element of a permuted constant meets its own number.
func.func private @permuted() -> tensor<2xf32> {
  %c = arith.constant dense<[[[0.0, -3.0, 1.0, 1.0, -2.0, 0.0, 1.0], [-3.0, 0.0, -1.0, -1.0, -2.0, 1.0, -2.0], [-2.0,
      0.0, -1.0, 2.0, 3.0, -1.0, -1.0], [-3.0, -1.0, -3.0, 3.0, -3.0, 3.0, 2.0], [3.0, 2.0, -3.0, -3.0, 2.0, 3.0,
      -2.0]], [[-1.0, 1.0, 1.0, 2.0, 0.0, 2.0, -1.0], [-3.0, -1.0, 1.0, 3.0, -2.0, -3.0, 2.0], [0.0, -2.0, 0.0, -2.0,
      3.0, -1.0, -2.0], [0.0, -1.0, 3.0, 0.0, -2.0, -3.0, 2.0], [3.0, -1.0, 3.0, 3.0, -3.0, 1.0, -2.0]], [[-2.0, 0.0,
      0.0, -2.0, 2.0, 3.0, 2.0], [-1.0, 0.0, -1.0, -1.0, -3.0, 2.0, -2.0], [-3.0, -1.0, 1.0, -1.0, -1.0, 0.0, 1.0],
      [-1.0, -3.0, 3.0, -2.0, -1.0, -1.0, 3.0], [-1.0, -3.0, 3.0, 1.0, 2.0, -1.0, -3.0]]]> : tensor<3x5x7xf32>
  %e = arith.constant dense<[[0.0, -3.0, -2.0, -3.0, 3.0, -1.0, -3.0, 0.0, 0.0, 3.0, -2.0, -1.0, -3.0, -1.0, -1.0],
      [-3.0, 0.0, 0.0, -1.0, 2.0, 1.0, -1.0, -2.0, -1.0, -1.0, 0.0, 0.0, -1.0, -3.0, -3.0], [1.0, -1.0, -1.0, -3.0,
      -3.0, 1.0, 1.0, 0.0, 3.0, 3.0, 0.0, -1.0, 1.0, 3.0, 3.0], [1.0, -1.0, 2.0, 3.0, -3.0, 2.0, 3.0, -2.0, 0.0, 3.0,
      -2.0, -1.0, -1.0, -2.0, 1.0], [-2.0, -2.0, 3.0, -3.0, 2.0, 0.0, -2.0, 3.0, -2.0, -3.0, 2.0, -3.0, -1.0, -1.0,
      2.0], [0.0, 1.0, -1.0, 3.0, 3.0, 2.0, -3.0, -1.0, -3.0, 1.0, 3.0, 2.0, 0.0, -1.0, -1.0], [1.0, -2.0, -1.0, 2.0,
      -2.0, -1.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 1.0, 3.0, -3.0]]> : tensor<7x15xf32>
  %tiles = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0], [9.0, 10.0, 11.0], [12.0, 13.0,
      14.0], [15.0, 16.0, 17.0], [18.0, 19.0, 20.0], [21.0, 22.0, 23.0], [24.0, 25.0, 26.0], [27.0, 28.0, 29.0],
      [30.0, 31.0, 32.0], [33.0, 34.0, 35.0], [36.0, 37.0, 38.0], [39.0, 40.0, 41.0], [42.0, 43.0, 44.0], [45.0,
      46.0, 47.0], [48.0, 49.0, 50.0], [51.0, 52.0, 53.0], [54.0, 55.0, 56.0], [57.0, 58.0, 59.0], [60.0, 61.0,
      62.0], [63.0, 64.0, 65.0], [66.0, 67.0, 68.0], [69.0, 70.0, 71.0], [72.0, 73.0, 74.0], [75.0, 76.0, 77.0],
      [78.0, 79.0, 80.0], [81.0, 82.0, 83.0], [84.0, 85.0, 86.0], [87.0, 88.0, 89.0], [90.0, 91.0, 92.0], [93.0,
      94.0, 95.0], [96.0, 97.0, 98.0], [99.0, 100.0, 101.0], [102.0, 103.0, 104.0], [105.0, 106.0, 107.0], [108.0,
      109.0, 110.0], [111.0, 112.0, 113.0], [114.0, 115.0, 116.0], [117.0, 118.0, 119.0]]> : tensor<40x3xf32>
  %expected = arith.constant dense<[[0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 21.0, 24.0, 27.0, 30.0, 33.0, 36.0, 39.0,
      42.0, 45.0, 48.0, 51.0, 54.0, 57.0, 60.0, 63.0, 66.0, 69.0, 72.0, 75.0, 78.0, 81.0, 84.0, 87.0, 90.0, 93.0,
      96.0, 99.0, 102.0, 105.0, 108.0, 111.0, 114.0, 117.0], [1.0, 4.0, 7.0, 10.0, 13.0, 16.0, 19.0, 22.0, 25.0,
      28.0, 31.0, 34.0, 37.0, 40.0, 43.0, 46.0, 49.0, 52.0, 55.0, 58.0, 61.0, 64.0, 67.0, 70.0, 73.0, 76.0, 79.0,
      82.0, 85.0, 88.0, 91.0, 94.0, 97.0, 100.0, 103.0, 106.0, 109.0, 112.0, 115.0, 118.0], [2.0, 5.0, 8.0, 11.0,
      14.0, 17.0, 20.0, 23.0, 26.0, 29.0, 32.0, 35.0, 38.0, 41.0, 44.0, 47.0, 50.0, 53.0, 56.0, 59.0, 62.0, 65.0,
      68.0, 71.0, 74.0, 77.0, 80.0, 83.0, 86.0, 89.0, 92.0, 95.0, 98.0, 101.0, 104.0, 107.0, 110.0, 113.0, 116.0,
      119.0]]> : tensor<3x40xf32>
  %0 = nn.transpose %c {permutation = array<i64: 2, 0, 1>} : tensor<3x5x7xf32> -> tensor<7x3x5xf32>
  %1 = nn.reshape %0 {shape = array<i64: 7, -1>} : tensor<7x3x5xf32> -> tensor<7x15xf32>
  %2 = nn.sub %1, %e : (tensor<7x15xf32>, tensor<7x15xf32>) -> tensor<7x15xf32>
  %3 = nn.abs %2 : tensor<7x15xf32>
  %4 = nn.reduce_sum %3 {axes = array<i64: 0, 1>} : tensor<7x15xf32> -> tensor<f32>
  %5 = nn.transpose %tiles {permutation = array<i64: 1, 0>} : tensor<40x3xf32> -> tensor<3x40xf32>
  %6 = nn.sub %5, %expected : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
  %7 = nn.abs %6 : tensor<3x40xf32>
  %8 = nn.reduce_max %7 {axes = array<i64: 0, 1>} : tensor<3x40xf32> -> tensor<f32>
  %9 = nn.reshape %4 {shape = array<i64: 1>} : tensor<f32> -> tensor<1xf32>
  %10 = nn.reshape %8 {shape = array<i64: 1>} : tensor<f32> -> tensor<1xf32>
  %11 = nn.concat %9, %10 {axis = 0 : i64} : (tensor<1xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %11 : tensor<2xf32>
}

func.func @main() {
  %x = arith.constant dense<[[[[-3.0, 1.0, -1.0, 1.0, -2.0], [-3.0, 1.0, -3.0, -3.0, 1.0], [1.0, 2.0, 0.0, -2.0,
      -2.0], [-2.0, -3.0, 2.0, 2.0, 0.0], [1.0, -1.0, 2.0, -1.0, 0.0], [-3.0, -2.0, 0.0, -2.0, -1.0]], [[-3.0, -1.0,
      -3.0, 0.0, -1.0], [1.0, -3.0, 1.0, -3.0, 2.0], [-1.0, -3.0, -2.0, 1.0, -1.0], [0.0, 3.0, 2.0, -3.0, 3.0], [0.0,
      -3.0, -2.0, 2.0, 2.0], [-2.0, -2.0, 1.0, 0.0, 2.0]], [[-3.0, 2.0, 1.0, 3.0, -3.0], [1.0, -3.0, 3.0, 2.0, 0.0],
      [-2.0, -2.0, 0.0, -2.0, 0.0], [0.0, 2.0, 2.0, 3.0, 0.0], [-1.0, 1.0, -2.0, -3.0, -1.0], [3.0, 3.0, 0.0, 2.0,
      2.0]]], [[[-3.0, 2.0, -3.0, 2.0, -3.0], [-1.0, 3.0, -3.0, -3.0, 0.0], [1.0, -1.0, -1.0, -1.0, -2.0], [3.0,
      -2.0, -1.0, -2.0, 2.0], [1.0, -2.0, 3.0, 1.0, 0.0], [-1.0, -3.0, -2.0, -3.0, -1.0]], [[-1.0, 3.0, -2.0, 1.0,
      1.0], [0.0, 0.0, 2.0, 3.0, 0.0], [-1.0, -3.0, -1.0, -3.0, 0.0], [2.0, 3.0, 0.0, 2.0, -2.0], [0.0, 3.0, -1.0,
      -2.0, -3.0], [2.0, -2.0, -1.0, 0.0, 2.0]], [[0.0, 0.0, 3.0, -3.0, -3.0], [1.0, 2.0, -1.0, 2.0, 0.0], [3.0, 1.0,
      3.0, 3.0, 3.0], [0.0, -3.0, 1.0, -2.0, 0.0], [2.0, 1.0, 2.0, -2.0, -3.0], [3.0, 0.0, -2.0, -3.0, 1.0]]]]> :
      tensor<2x3x6x5xf32>
  %d = tensor.cast %x : tensor<2x3x6x5xf32> to tensor<?x3x6x5xf32>
  %y = call @network(%d) : (tensor<?x3x6x5xf32>) -> tensor<?x5xf32>
  %u = tensor.cast %y : tensor<?x5xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2, 5] {{.*}} data =
  // CHECK-NEXT: {{\[\[}}-831,  2569,  715,  1782,  -1126],
  // CHECK-NEXT: [-417,  1899,  198,  961,  -374]]

  %p = call @permuted() : () -> tensor<2xf32>
  %q = tensor.cast %p : tensor<2xf32> to tensor<*xf32>
  call @printMemrefF32(%q) : (tensor<*xf32>) -> ()
  // CHECK: sizes = [2] {{.*}} data =
  // CHECK-NEXT: [0, 0]
  return
}
