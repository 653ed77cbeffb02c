// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that turn requests into weight expressions, and expressions into others.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

class Realize_Pass<string name> : Pass<name> {
  let dependentDialects = ["::condense::compress::CompressDialect", "::mlir::arith::ArithDialect"];
}

def IntegerArithmeticPass : Realize_Pass<"compress-integer-arithmetic"> {
  let summary = "Compute quantized layers in integers";
  let description = [{
    A dense layer or convolution of a quantized activation, one scale `sx` and zero
    point `zx` for the tensor, with a weight of 8-bit signed codes, one scale `sw[n]`
    per output channel and no zero point, is computed on the codes:

        y[n] = sum_k sx (qx[k] - zx) sw[n] qw[n,k] + b[n]
             = sx sw[n] (sum_k qx[k] qw[n,k] - zx sum_k qw[n,k]) + b[n]

    The second sum is folded into an i32 bias; the padding of a convolution is done
    first, with `zx`, which stands for 0. The integer sum is exact: the pass proves from
    the codes that it fits i32, and otherwise leaves the layer in floating point with a
    remark. Numeric effect: only the roundings of the f32 sum disappear.

    ```mlir
    %y = nn.linear %x, %w, %b : (tensor<?x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    // on %x = dequantize %qx, %sx, %zx and %w = dequantize %qw, %sw becomes
    %acc = nn.linear %qx, %qw, %bias : (tensor<?x4xui8>, tensor<2x4xi8>, tensor<2xi32>) -> tensor<?x2xi32>
    // followed by nn.cast, nn.mul (sx * sw) and nn.add (b)
    ```
  }];
  let dependentDialects = ["::condense::nn::NNDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numInteger", "integer", "layers computed in integers">,
                    Statistic<"numOverflow", "overflow", "layers whose sum might not fit i32">];
}

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_REALIZE_PASSES_TD
