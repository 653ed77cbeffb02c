// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that make the training step of a network.

#ifndef CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_TD
#define CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

class Train_Pass<string name> : Pass<name, "::mlir::ModuleOp"> {
  let dependentDialects = ["::condense::train::TrainDialect", "::condense::nn::NNDialect",
                           "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

def SetBatchPass : Train_Pass<"train-set-batch"> {
  let summary = "Fix the batch size of a network";
  let description = [{
    The first dimension of each argument, where it is dynamic or 1, becomes `batch`, and the types of
    all operations follow (a reshape of one sample becomes that of a batch): kernels of known size are faster, and the buffers of a step are known.
    An argument with a further dynamic dimension is an error, as is an operation whose
    type does not follow from its operands'. Values do not change.

    ```mlir
    func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %y = nn.relu %x : tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    // with batch=32: tensor<32x4xf32>
    ```
  }];
  let options = [
    Option<"function", "function", "std::string", "\"main\"", "The network">,
    Option<"batch", "batch", "int64_t", "32", "Samples of a batch">,
    Option<"optional", "optional", "bool", "false", "Do nothing if there is no such function">
  ];
}

def InitializePass : Train_Pass<"train-initialize"> {
  let summary = "Give the trainable leaves random values";
  let description = [{
    For training from scratch: the weight of a layer is drawn from a normal distribution of variance
    `2 / fan_in` if a rectifier follows (He et al., arXiv:1502.01852), else
    from a uniform one within `sqrt(6 / (fan_in + fan_out))` of zero (Glorot and Bengio, 2010); tables
    from a normal one of variance `1 / columns`. Biases, shifts and
    running means become 0, scales and running variances 1, slopes 0.25. Of a product the left factor has the
    variance `1 / columns`, the right one that of the weight. Numbers depend on `seed` and on the leaf's number only.

    Left alone: what is no leaf of floats, scales and codebooks of compressed weights.
  }];
  let options = [
    Option<"function", "function", "std::string", "\"main\"", "The network">,
    Option<"seed", "seed", "uint64_t", "0", "Seed of the random numbers">
  ];
  let statistics = [Statistic<"numInitialized", "initialized", "leaves that were given values">];
}

def OutlineParametersPass : Train_Pass<"train-outline-parameters"> {
  let summary = "Make arguments of what is trained";
  let description = [{
    The trainable leaves of the network's weight expressions become arguments with the role
    `parameter`, behind the inputs; running statistics of normalisations become arguments with
    the role `state`. Leaves are found through `compress` operations, sums, products and layout changes:
    the values of a sparse weight, the scales of a quantized one, a codebook, the factors of a
    product, biases, scales and shifts of normalisations. Integers (codes, positions, indices) and what
    matches `frozen`, or does not match `trainable`, stay constants.

    A parameter is called after its layer, its operand and its place in the expression: `conv1.weight`,
    `fc.weight.values`. A leaf that is used twice is one parameter, so that its gradients are
    added, if it is stored under a name (a resource); small constants that are written where they are used have no
    identity, and each use is a parameter of its own. Leaves of f16 and bf16 are trained in f32: the
    parameter is rounded by `nn.cast` in front of its use.

    `train.no_decay` is put on all but the weights themselves. Values do not change.

    ```mlir
    func.func @main(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
      %w = arith.constant dense<1.0> : tensor<2x4xf32>
      %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
      return %y : tensor<?x2xf32>
    }
    // becomes
    func.func @outlined(%x: tensor<?x4xf32> {train.role = #train.role<input>},
        %w: tensor<2x4xf32> {train.role = #train.role<parameter>, nn.name = "linear.0.weight"})
        -> (tensor<?x2xf32> {train.role = #train.role<output>}) {
      %y = nn.linear %x, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
      return %y : tensor<?x2xf32>
    }
    ```
  }];
  let options = [
    Option<"function", "function", "std::string", "\"main\"", "The network">,
    ListOption<"trainable", "trainable", "std::string", "Globs of the names of leaves that are trained (default: all)">,
    ListOption<"frozen", "frozen", "std::string", "Globs of the names of leaves that are not">
  ];
  let statistics = [Statistic<"numParameters", "parameters", "parameters">,
                    Statistic<"numElements", "elements", "elements of all parameters">,
                    Statistic<"numFrozen", "frozen", "leaves left as constants">];
}

def BatchNormPass : Train_Pass<"train-batch-norm"> {
  let summary = "Normalise by the statistics of the batch, and keep running ones";
  let description = [{
    A `nn.batch_norm` whose mean and variance are arguments with the role `state` becomes
    `nn.batch_norm_training`. The function also returns, with the role `state`, the new running
    statistics `momentum * old + (1 - momentum) * batch`, the variance being that of the
    population (`n / (n - 1)` of the batch's; Ioffe and Szegedy, arXiv:1502.03167).
    Others are left alone: with constant statistics they are frozen.
  }];
  let options = [
    Option<"function", "function", "std::string", "\"main\"", "The network">,
    Option<"momentum", "momentum", "double", "0.9", "Share of the old running statistics">
  ];
  let statistics = [Statistic<"numConverted", "converted", "normalisations">];
}

def AttachLossPass : Train_Pass<"train-attach-loss"> {
  let summary = "Add a term to the loss function";
  let description = [{
    The first run makes `@loss` from the outlined network: the same arguments; results are the loss,
    then the network's outputs (role `output`), metrics, and the new states. If there is a function
    `@teacher` it becomes part of it: the teacher's operations read the same inputs, its layers' names and
    its outputs' begin with `teacher.`, and its weights stay constants. Each run adds `weight` times a term,
    which is also a metric of its own under the name of its kind:

    - `cross-entropy`: mean of `-log softmax(output)` at the class given by a label of type i32, for outputs
      `[..., classes]` and labels `[...]`. `label-smoothing` moves that share of the target evenly to all
      classes (Szegedy et al., arXiv:1512.00567). Adds the metric `accuracy`.
    - `mse`: mean squared difference of output and label.
    - `distill`: `T^2` times the mean divergence KL(teacher || network) of the distributions at temperature `T`
      (Hinton et al., arXiv:1503.02531). Adds the metric `agreement`: how often both choose the same class.

    Where an output is made by `nn.softmax`, its operand is meant: losses work on logits.

    ```mlir
    func.func private @main(tensor<32x4xf32> {train.role = #train.role<input>},
        tensor<2x4xf32> {train.role = #train.role<parameter>}) -> (tensor<32x2xf32> {train.role = #train.role<output>})
    // with kind=cross-entropy gives
    func.func private @loss(tensor<32x4xf32> {train.role = #train.role<input>},
        tensor<2x4xf32> {train.role = #train.role<parameter>}, tensor<32xi32> {train.role = #train.role<label>})
        -> (tensor<f32> {train.role = #train.role<loss>}, tensor<32x2xf32> {train.role = #train.role<output>},
            tensor<f32> {train.role = #train.role<metric>, nn.name = "cross_entropy"},
            tensor<f32> {train.role = #train.role<metric>, nn.name = "accuracy"})
    ```
  }];
  let options = [
    Option<"kind", "kind", "std::string", "\"cross-entropy\"", "cross-entropy, mse or distill">,
    Option<"weight", "weight", "double", "1.0", "Factor of the term">,
    Option<"labelSmoothing", "label-smoothing", "double", "0.0", "Share of the target that goes to all classes">,
    Option<"temperature", "temperature", "double", "1.0", "Of the distributions that are compared">,
    Option<"output", "output", "unsigned", "0", "The output of the network">,
    Option<"optional", "optional", "bool", "false", "Do nothing if the term needs a teacher and there is none">
  ];
}

def DifferentiateLossPass : Train_Pass<"train-differentiate-loss"> {
  let summary = "Add the gradient of every parameter to the loss";
  let description = [{
    `@loss` becomes `@loss_gradient`, which also returns, with the role `gradient`, the derivative of the
    loss with every argument that has the role `parameter`, in their order: `nn-differentiate` by roles.
  }];
  let statistics = [Statistic<"numGradients", "gradients", "parameters">];
}

def ApplyOptimizerPass : Train_Pass<"train-apply-optimizer"> {
  let summary = "Make the training step from the gradient of the loss";
  let description = [{
    `@loss_gradient`, which returns the loss, outputs, metrics, states and the gradient of every parameter,
    becomes `@step`, the only function left: it also takes the moments (zeros before the first step; role `moment`)
    and the number of the step, and returns new parameters, new moments, new states, the loss, the metrics and the metrics
    `gradient_norm` (before clipping) and `learning_rate`.

    - `sgd`: `v' = momentum v + g`, `p' = p - lr v'`; with `nesterov` `p' = p - lr (g + momentum v')`. `weight-decay`
      adds `decay * p` to the gradient.
    - `adamw` (Loshchilov and Hutter, arXiv:1711.05101): `m' = beta1 m + (1 - beta1) g`, `v' = beta2 v + (1 - beta2) g^2`,
      `p' = p - lr (m' / (1 - beta1^t) / (sqrt(v' / (1 - beta2^t)) + epsilon) + decay p)`, `t` counting from 1.

    Parameters with `train.no_decay` do not decay; `train.rate` scales `lr`. With `clip-norm` all gradients
    are scaled so that their norm together is at most that. The learning rate is, of
    step `s` of `total-steps` (after `warmup-steps`, during which it rises linearly): `constant`; `step`, times `factor` after every
    `interval` steps; `cosine` (Loshchilov and Hutter, arXiv:1608.03983) or `linear`, down to
    `factor` times its start at the end. Scalars are computed in f64, parameters in their own type.
  }];
  let options = [
    Option<"kind", "kind", "std::string", "\"sgd\"", "sgd or adamw">,
    Option<"learningRate", "learning-rate", "double", "0.01", "Learning rate">,
    Option<"momentum", "momentum", "double", "0.9", "Of sgd">,
    Option<"nesterov", "nesterov", "bool", "false", "Look ahead (sgd)">,
    Option<"beta1", "beta1", "double", "0.9", "Decay of the first moment (adamw)">,
    Option<"beta2", "beta2", "double", "0.999", "Decay of the second moment (adamw)">,
    Option<"epsilon", "epsilon", "double", "1e-8", "Added to the root of the second moment (adamw)">,
    Option<"weightDecay", "weight-decay", "double", "0.0", "Share of weights that is taken off">,
    Option<"clipNorm", "clip-norm", "double", "0.0", "Largest norm of all gradients; 0: any">,
    Option<"schedule", "schedule", "std::string", "\"constant\"", "constant, step, cosine or linear">,
    Option<"warmupSteps", "warmup-steps", "int64_t", "0", "Steps in which the learning rate rises">,
    Option<"totalSteps", "total-steps", "int64_t", "0", "Steps of the whole training (cosine, linear)">,
    Option<"interval", "interval", "int64_t", "1000", "Steps between reductions (step)">,
    Option<"factor", "factor", "double", "0.1", "Of each reduction (step), or at the end (cosine, linear)">
  ];
  let statistics = [Statistic<"numUpdated", "updated", "parameters">];
}

def TraceLayersPass : Train_Pass<"train-trace-layers"> {
  let summary = "Return how large what the layers compute is";
  let description = [{
    Adds for each operation, in their order, a result with the role `metric`: the largest magnitude of
    its result, called `layer (operation)`. It is NaN if an element is. With this the driver finds the
    layer in which a training diverged. Other results do not change.
  }];
  let options = [Option<"function", "function", "std::string", "\"main\"", "The network">];
  let statistics = [Statistic<"numTraced", "traced", "operations">];
}

def DecomposeFakeQuantizePass : Train_Pass<"train-decompose-fake-quantize"> {
  let summary = "Write fake quantization as quantize and dequantize";
  let description = [{
    `train.fake_quantize` becomes `compress.dequantize` of `compress.quantize`, which is what it computes;
    after differentiation nothing else is needed of it. Values do not change.

    ```mlir
    %y = train.fake_quantize %x, %s {storage = i8} : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xf32>
    // becomes
    %q = compress.quantize %x, %s : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xi8>
    %z = compress.dequantize %q, %s : (tensor<4x8xi8>, tensor<1x1xf32>) -> tensor<4x8xf32>
    ```
  }];
  let statistics = [Statistic<"numDecomposed", "decomposed", "operations">];
}

def FakeQuantizePass : Train_Pass<"train-fake-quantize"> {
  let summary = "Train through the quantization that is requested";
  let description = [{
    Quantization-aware training (Jacob et al., arXiv:1712.05877) with learned step sizes (Esser et al.,
    arXiv:1902.08153). Takes the requests for quantized weights, as `compress-quantize-weights` does: each target becomes
    `train.fake_quantize` of itself, with the scales that the request's algorithm chooses (`gptq` counts as `mse`). Pairs of
    `compress.quantize` and `compress.dequantize` with constant scales, which are quantized activations, become
    `train.fake_quantize` too. What is trained is the logarithm of a scale (Jain et al., arXiv:1903.08066): it stays positive,
    and a learning rate is relative to it.

    An error: codebooks, scales that are quantized or powers of two, and residuals, which have no gradient here. A pruned
    weight needs signed codes.
    Values become those of the quantized network.

    ```mlir
    %y = nn.linear %x, %w {compress.weight = #compress.quantize<storage = i4>} : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    // becomes
    %t = arith.constant dense<-2.0> : tensor<2x1xf32>
    %s = nn.exp %t : tensor<2x1xf32>
    %v = train.fake_quantize %w, %s {storage = i4, stored_scale = f16} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
    %z = nn.linear %x, %v : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    ```
  }];
  let options = [Option<"function", "function", "std::string", "\"main\"", "The network">];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::train::TrainDialect",
                           "::condense::nn::NNDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numWeights", "weights", "weights">,
                    Statistic<"numActivations", "activations", "activations">];
}

def RealizeFakeQuantizePass : Train_Pass<"train-realize-fake-quantize"> {
  let summary = "Store what was trained through quantization as codes";
  let description = [{
    The end of quantization-aware training: `train.fake_quantize` of a constant (or of a sparse one) becomes
    `compress.dequantize` of constant codes and scales of the type `stored_scale`, that of an activation becomes `compress.dequantize` of
    `compress.quantize`. Scales become constants. Values change by the rounding of scales to f16.

    An error: scales that are not computed from constants, or that are not finite.
  }];
  let options = [Option<"function", "function", "std::string", "\"main\"", "The network">];
  let dependentDialects = ["::condense::compress::CompressDialect", "::condense::train::TrainDialect",
                           "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numWeights", "weights", "weights">,
                    Statistic<"numActivations", "activations", "activations">];
}

#endif // CONDENSE_DIALECT_TRAIN_TRANSFORMS_PASSES_TD
