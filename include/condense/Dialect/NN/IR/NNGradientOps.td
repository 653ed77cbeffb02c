// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The operations of `nn` that adjoints need and forward graphs do not have.
// Part of NNOps.td, which defines the classes.

#ifndef CONDENSE_DIALECT_NN_IR_NNGRADIENTOPS_TD
#define CONDENSE_DIALECT_NN_IR_NNGRADIENTOPS_TD

//===----------------------------------------------------------------------===//
// The shape of another tensor
//===----------------------------------------------------------------------===//

/// The result has the shape of `like`, whose elements are not read: adjoints of tensors
/// with dynamic dimensions take their shapes from the tensors.
class NN_LikeOp<string mnemonic> : NN_InferredOp<mnemonic> {
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$like);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "$input `,` $like attr-dict `:` functional-type(operands, results)";
}

def NN_BroadcastLikeOp : NN_LikeOp<"broadcast_like"> {
  let inference = "inferBroadcastLike(inference, adaptor.getInput(), adaptor.getLike())";
  let summary = "Broadcast to the shape of another tensor";
  let description = [{
    The input, whose shape broadcasts as in NumPy to that of `like`.

    ```mlir
    %y = nn.broadcast_like %x, %like : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    ```
  }];
}

def NN_SumLikeOp : NN_LikeOp<"sum_like"> {
  let inference = "inferSumLike(inference, adaptor.getInput(), adaptor.getLike())";
  let summary = "Sum over the dimensions along which another tensor is broadcast";
  let description = [{
    The adjoint of a broadcast: sums over the dimensions that `like` lacks or has with
    size 1 (found out at run time where its size is dynamic).

    ```mlir
    %y = nn.sum_like %x, %like : (tensor<?x8x4xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
    ```
  }];
}

def NN_ReshapeLikeOp : NN_LikeOp<"reshape_like"> {
  let inference = "inferReshapeLike(inference, adaptor.getInput(), adaptor.getLike())";
  let summary = "The same elements in the shape of another tensor";
  let description = [{
    Row-major order is kept. The numbers of elements must be equal.

    ```mlir
    %y = nn.reshape_like %x, %like : (tensor<?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Convolution and pooling
//===----------------------------------------------------------------------===//

class NN_Conv2DGradientOp<string mnemonic> : NN_InferredOp<mnemonic> {
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_Conv2DInputGradientOp : NN_Conv2DGradientOp<"conv2d_input_gradient"> {
  let inference = "inferConv2DGradient(inference, adaptor, /*like=*/adaptor.getInput())";
  let summary = "Adjoint of the image of a convolution";
  let description = [{
    `output[n, ih, iw, i] = sum adjoint[n, oh, ow, o] * filter[o, kh, kw, i]` over all
    positions at which `nn.conv2d` with the same attributes multiplies them. Of `input`
    only the shape is used.

    ```mlir
    %dx = nn.conv2d_input_gradient %dy, %w, %x {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
        pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
        : (tensor<?x16x16x8xf32>, tensor<8x3x3x4xf32>, tensor<?x32x32x4xf32>) -> tensor<?x32x32x4xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_FloatTensor:$filter, NN_FloatTensor:$input,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
      I64Attr:$groups, NN_LayoutAttr:$layout);
}

def NN_Conv2DFilterGradientOp : NN_Conv2DGradientOp<"conv2d_filter_gradient"> {
  let inference = "inferConv2DGradient(inference, adaptor, /*like=*/adaptor.getFilter())";
  let summary = "Adjoint of the filter of a convolution";
  let description = [{
    `output[o, kh, kw, i] = sum adjoint[n, oh, ow, o] * input[n, ih, iw, i]` over all
    positions at which `nn.conv2d` with the same attributes reads that element of the
    filter. Of `filter` only the shape is used.

    ```mlir
    %dw = nn.conv2d_filter_gradient %dy, %x, %w {strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>,
        pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64, layout = #nn.layout<nhwc>}
        : (tensor<?x16x16x8xf32>, tensor<?x32x32x4xf32>, tensor<8x3x3x4xf32>) -> tensor<8x3x3x4xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_FloatTensor:$input, NN_FloatTensor:$filter,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
      I64Attr:$groups, NN_LayoutAttr:$layout);
}

def NN_MaxPool2DGradientOp : NN_InferredOp<"max_pool2d_gradient"> {
  let inference = "inferMaxPool2DGradient(inference, adaptor)";
  let summary = "Adjoint of the image of maximum pooling";
  let description = [{
    Each element of `adjoint` is added to the first element of its window (row-major)
    that equals the window's maximum in `pooled`, the result of `nn.max_pool2d`.

    ```mlir
    %dx = nn.max_pool2d_gradient %dy, %x, %y {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, layout = #nn.layout<nhwc>}
        : (tensor<?x16x16x8xf32>, tensor<?x32x32x8xf32>, tensor<?x16x16x8xf32>) -> tensor<?x32x32x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_FloatTensor:$input, NN_FloatTensor:$pooled,
      DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
      DenseI64ArrayAttr:$pads, NN_LayoutAttr:$layout);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_AvgPool2DGradientOp : NN_InferredOp<"avg_pool2d_gradient"> {
  let inference = "inferAvgPool2DGradient(inference, adaptor)";
  let summary = "Adjoint of the image of average pooling";
  let description = [{
    Each element of `adjoint`, divided by the number of elements that count in its window,
    is added to all elements of the window. The attributes are those of `nn.avg_pool2d`;
    of `input` only the shape is used.

    ```mlir
    %dx = nn.avg_pool2d_gradient %dy, %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
        dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
        ceil_pads = array<i64: 0, 0>, layout = #nn.layout<nhwc>}
        : (tensor<?x16x16x8xf32>, tensor<?x32x32x8xf32>) -> tensor<?x32x32x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_FloatTensor:$input, DenseI64ArrayAttr:$kernel,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
      DenseI64ArrayAttr:$ceil_pads, UnitAttr:$count_include_pad, NN_LayoutAttr:$layout);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Normalisation
//===----------------------------------------------------------------------===//

def NN_BatchNormTrainingOp : NN_InferredOp<"batch_norm_training"> {
  let summary = "Batch normalisation with the statistics of the batch";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias`, with the mean and the (biased)
    variance over all dimensions but `axis`, which are results too: training keeps running
    averages of them, with which `nn.batch_norm` replaces this operation afterwards
    (Ioffe and Szegedy, arXiv:1502.03167, algorithms 1 and 2).

    ```mlir
    %y, %mean, %variance = nn.batch_norm_training %x, %scale, %bias {axis = 3 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>)
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, NN_FloatTensor:$bias,
      I64Attr:$axis, F64Attr:$epsilon);
  let results = (outs NN_FloatTensor:$output, NN_FloatTensor:$mean, NN_FloatTensor:$variance);
  let assemblyFormat = "$input `,` $scale `,` $bias attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Gathering and slicing
//===----------------------------------------------------------------------===//

def NN_GatherGradientOp : NN_InferredOp<"gather_gradient"> {
  let inference = "inferGatherGradient(inference, adaptor)";
  let summary = "Slices added up at the positions they were gathered from";
  let description = [{
    The adjoint of `nn.gather` along `axis`: zeros of the shape of `input`, to which each
    slice of `adjoint` is added at its index. Negative indices count from the end, or under
    `clamped` mean the first position, as for `nn.embedding`. Slices are added in row-major
    order of the indices.

    ```mlir
    %dt = nn.gather_gradient %dy, %ids, %table {axis = 0 : i64, clamped}
        : (tensor<?x16x64xf32>, tensor<?x16xi64>, tensor<512x64xf32>) -> tensor<512x64xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_IntTensor:$indices, NN_FloatTensor:$input,
      I64Attr:$axis, UnitAttr:$clamped);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_GatherElementsGradientOp : NN_InferredOp<"gather_elements_gradient"> {
  let inference = "inferGatherElementsGradient(inference, adaptor)";
  let summary = "Elements added up at the positions they were gathered from";
  let description = [{
    The adjoint of `nn.gather_elements` along `axis`: zeros of the shape of `input`, to
    which the elements of `adjoint` are added, in row-major order.

    ```mlir
    %dx = nn.gather_elements_gradient %dy, %i, %x {axis = 1 : i64}
        : (tensor<4x2xf32>, tensor<4x2xi64>, tensor<4x8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins NN_FloatTensor:$adjoint, NN_IntTensor:$indices, NN_FloatTensor:$input, I64Attr:$axis);
  let results = (outs NN_FloatTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_SliceGradientOp : NN_InferredOp<"slice_gradient"> {
  let inference = "inferSliceGradient(inference, adaptor)";
  let summary = "Zeros with a tensor at the positions of a slice";
  let description = [{
    The adjoint of `nn.slice` with the same attributes: zeros of the shape of `input`,
    with the elements of `adjoint` where the slice took them from.

    ```mlir
    %dx = nn.slice_gradient %dy, %x {starts = array<i64: 0, 1>, ends = array<i64: 9223372036854775807, 7>,
        steps = array<i64: 1, 2>} : (tensor<?x3xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$adjoint, NN_Tensor:$input, DenseI64ArrayAttr:$starts,
      DenseI64ArrayAttr:$ends, DenseI64ArrayAttr:$steps);
  let results = (outs NN_Tensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CONDENSE_DIALECT_NN_IR_NNGRADIENTOPS_TD
