// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that say what shall be compressed.

#ifndef CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_TD
#define CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_TD

include "mlir/Pass/PassBase.td"

class LayerPass<string flag> : Pass<flag> {
  let dependentDialects = ["::condense::compress::CompressDialect"];
}

def AnnotatePass : LayerPass<"compress-annotate"> {
  let summary = "Request any technique for the weights of layers";
  let description = [{
    Adds `scheme`, a scheme attribute such as `#compress.prune<n = 2, m = 4>`, to the
    requests of the operations with a constant weight of floats that match all of
    `layers`, `ops`, `min-elements` and `smallest-share` (see
    `compress-annotate-weights`); one of the same kind is replaced. `remove`, the kind
    of a scheme (`prune`), takes it off. `max-error` is the largest relative error that
    any technique may cause in these weights. Nothing is computed.

    ```mlir
    // --compress-annotate="ops=linear scheme='#compress.prune<n = 2, m = 4>'"
    %y = nn.linear %x, %w {compress.weight = #compress.prune<n = 2, m = 4>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the layers' names">,
    ListOption<"ops", "ops", "std::string", "Kinds of operations (linear or nn.linear); default all">,
    Option<"minElements", "min-elements", "int64_t", "0", "Smallest number of elements of a weight">,
    Option<"smallestShare", "smallest-share", "double", "1.0",
           "Only the smallest layers that together hold at most this share of the elements">,
    Option<"scheme", "scheme", "std::string", "\"\"", "The request that is added">,
    Option<"remove", "remove", "std::string", "\"\"", "The kind of request that is taken off">,
    Option<"maxError", "max-error", "double", "0.0", "Largest relative error of the weight; 0: any">
  ];
  let statistics = [Statistic<"annotated", "annotated", "Number of layers that matched">];
}

def AnnotateWeightsPass : LayerPass<"compress-annotate-weights"> {
  let summary = "Request the quantization of constant weights";
  let description = [{
    Attaches `#compress.quantize` to the operations with a constant weight of
    floats that match all of `layers`, `ops` and `min-elements`; an earlier
    request is replaced, `storage=none` removes it. With `smallest-share` below 1
    only the smallest of these layers are meant, as many as hold at most that
    share of their elements: small layers suffer most from few bits, and matter
    least for the size. Nothing is computed:
    `compress-quantize-weights` does that. A layer's name is that of its
    location; without one it is called after its kind and number (`conv2d.0`).

    ```mlir
    // --compress-annotate-weights="ops=linear storage=i4 block=32"
    %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4, block = 32>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the layers' names">,
    ListOption<"ops", "ops", "std::string", "Kinds of operations (linear or nn.linear); default all">,
    Option<"minElements", "min-elements", "int64_t", "0", "Smallest number of elements of a weight">,
    Option<"smallestShare", "smallest-share", "double", "1.0",
           "Only the smallest layers that together hold at most this share of the elements">,
    Option<"storage", "storage", "std::string", "\"i8\"",
           "none, i2 to i8, ui2 to ui8, f8E4M3FN or f8E5M2">,
    Option<"block", "block", "int64_t", "0",
           "Elements of the channel dimension that share a scale; 0: one scale per output channel; -1: one per tensor">,
    Option<"scale", "scale", "std::string", "\"f16\"", "Type of the scales: f16 or f32">,
    Option<"algorithm", "algorithm", "std::string", "\"minmax\"", "How scales and codes are chosen: minmax, mse, squant or gptq">,
    Option<"ragged", "ragged", "std::string", "\"error\"",
           "Where the block does not divide: error, or shrink to a divisor of at least half the block, else per channel">
  ];
  let statistics = [Statistic<"annotated", "annotated", "Number of layers with a new request">];
}

def AnnotateActivationsPass : LayerPass<"compress-annotate-activations"> {
  let summary = "Request the quantization of layers' inputs";
  let description = [{
    Attaches `#compress.quantize_activation` without a range to the operations
    with a constant weight and an activation of floats that match all of
    `layers`, `ops` and `min-elements`; `storage=none` removes it. Calibration
    and `compress-apply-ranges` supply the range; with `calibration=dynamic`, scales are computed
    at run time, and no range is needed.

    ```mlir
    %y = nn.linear %x, %w {compress.activation = #compress.quantize_activation<storage = ui8>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the layers' names">,
    ListOption<"ops", "ops", "std::string", "Kinds of operations (linear or nn.linear); default all">,
    Option<"minElements", "min-elements", "int64_t", "0", "Smallest number of elements of a weight">,
    Option<"storage", "storage", "std::string", "\"ui8\"", "none, ui8 (asymmetric) or i8 (symmetric)">,
    Option<"calibration", "calibration", "std::string", "\"minmax\"",
           "How the range is found: minmax, moving_average, percentile, mse, entropy, or dynamic (at run time)">,
    Option<"block", "block", "int64_t", "0", "Of dynamic: elements of a row that share a scale; 0: all">
  ];
  let statistics = [Statistic<"annotated", "annotated", "Number of layers with a new request">];
}

def InsertObserversPass : LayerPass<"compress-insert-observers"> {
  let summary = "Observe the activations that requests need to know about";
  let description = [{
    Puts a `compress.observe` named `<layer>.input` on the activation of each
    layer whose `compress.activation` has no range yet, and one named
    `<layer>.moments` where the requests in `compress.weight` need statistics of
    first or second order (`algorithm = gptq`, for example). `ranges` and
    `requests` limit this to what the next passes use. `moments` asks for moments
    of all layers that match `layers` and `ops`: `channels` are the mean and
    the largest magnitude of each column of the activation matrix, `gram` also the
    products of its columns. Values do not change.

    ```mlir
    // --compress-insert-observers="moments=gram"
    %o = compress.observe %x, "fc.moments" {compress.observe = {layers = ["fc"], moments = "gram", optional}}
      : tensor<1x4xf32>
    %y = nn.linear %o, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
    ```
  }];
  let options = [
    Option<"ranges", "ranges", "bool", "true", "Observe the ranges that are requested">,
    ListOption<"requests", "requests", "std::string",
               "Kinds of requests whose moments are observed (quantize, prune), or none; default all">,
    Option<"moments", "moments", "std::string", "\"none\"",
           "Observe at least: none (what the requests need), channels or gram">,
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the names of the layers that `moments` is about">,
    ListOption<"ops", "ops", "std::string", "Kinds of operations that `moments` is about; default all">
  ];
  let statistics = [Statistic<"inserted", "inserted", "Number of observers">];
}

def LowerObserversPass : LayerPass<"compress-lower-observers"> {
  let summary = "Return observed activations as additional results";
  let dependentDialects = ["::condense::compress::CompressDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let description = [{
    Each `compress.observe` becomes an additional result of its function with
    `nn.name = "observe:<name>"` and the request as `compress.observe`: the
    compiled module is run over the samples and its caller reads the values.
    Only observers at the top level of a function with one block are handled.

    Where moments are asked for, the result is the activation matrix `[groups,
    rows, columns]` that the layer multiplies with its weight (for a convolution
    the windows, im2col). Layers that read the same rows share one result, whose
    request lists them and asks for the most that one of them needs. A layer whose
    operation cannot build this matrix is an error, or left out if its request is
    `optional` (as those are that the option `moments` makes).

    ```mlir
    func.func @before(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>) -> tensor<1x2xf32> {
      %o = compress.observe %x, "fc.input" : tensor<1x4xf32>
      %y = nn.linear %o, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
      return %y : tensor<1x2xf32>
    }
    // becomes
    func.func @after(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>)
        -> (tensor<1x2xf32>, tensor<1x4xf32> {nn.name = "observe:fc.input"}) {
      %y = nn.linear %x, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
      return %y, %x : tensor<1x2xf32>, tensor<1x4xf32>
    }
    ```
  }];
  let statistics = [Statistic<"lowered", "lowered", "Number of observers">];
}

def ApplyRangesPass : LayerPass<"compress-apply-ranges"> {
  let summary = "Put calibrated ranges into the requests";
  let description = [{
    Reads the file `statistics`, JSON of the form
    `{"ranges": {"conv1.input": {"low": -1.5, "high": 6.0}}}` (other members are
    ignored), and completes each `compress.activation` that has no range with
    that of `<layer>.input`. A missing, empty or non-finite range is an error.
  }];
  let options = [Option<"statistics", "statistics", "std::string", "\"\"", "File with the ranges">];
  let statistics = [Statistic<"applied", "applied", "Number of ranges applied">];
}

def DistributeSparsityPass : LayerPass<"compress-distribute-sparsity"> {
  let summary = "Divide a sparsity of the whole model among its layers";
  let description = [{
    Gives each layer that matches `layers` and has a `#compress.prune` with a sparsity a sparsity of its own,
    so that together they have the sparsity `budget`; those requested do not matter. A table keeps the
    sparsity that it asks for, and does not count. Each weight is
    measured: with the Gram matrix `G` of the layer's input in `statistics` how much of the output,
    `tr(D G D^T) / tr(W G W^T)`, elements `D` of the lowest scores contribute, otherwise how much of the
    weight, at sparsities up to `largest`. Sparsities are chosen so that the sum of these errors is least:
    the lower convex hulls of the curves are followed from the flattest segment to the steepest, as by a Lagrange
    multiplier. Layers that share a weight get the same; one that gets 0 has no request. What stays is not updated for
    measuring, so that errors are larger than those of `method = obs` will be. Nothing is pruned here:
    `compress-prune-weights` does that. A budget that cannot be reached is an error.

    ```mlir
    // --compress-distribute-sparsity="budget=0.7"
    %y = nn.linear %x, %w {compress.weight = #compress.prune<sparsity = 8.500000e-01 : f64, method = wanda>}
      : (tensor<?x384xf32>, tensor<128x384xf32>) -> tensor<?x128xf32>
    ```
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob of the layers' names">,
    Option<"budget", "budget", "double", "0.5", "Sparsity of all these layers together">,
    Option<"largest", "largest", "double", "0.98", "Largest sparsity of a layer">,
    Option<"statisticsFile", "statistics", "std::string", "\"\"", "File of the calibration">
  ];
  let statistics = [Statistic<"annotated", "annotated", "Number of layers that were measured">];
}

#endif // CONDENSE_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_PASSES_TD
