#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the gradients of real models with those of JAX.

Each ONNX model gets its float initializers (but for single numbers) as inputs, so that nothing is folded, and a batch size; it is
imported, cross entropy with integer labels is added, nn-differentiate makes the gradient with all parameters, and
it is compiled and run. JAX differentiates an interpretation of the same ONNX graph. Per parameter the
largest difference, relative to the largest element of JAX's gradient, must stay below 1e-4.

usage: compare_gradients.py --bin build/bin --material DIR [--only NAME...] [--bound 1e-4]
Needs numpy, onnx and jax (pip); without jax it prints so and ends with status 77.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper
    from onnx_jax import is_parameter, make_function
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

# name: file, batch, samples (or None for token ids), preprocessing
MODELS = {
    "resnet8": ("resnet8_cifar10", 8, "cifar10_jpeg_train_calib", lambda x: x.astype(np.float32)),
    "dscnn": ("dscnn_kws", 8, "kws01_a", lambda x: ((x.astype(np.float32) - 83) * 0.5847029)),
    "mnist-mlp": ("mnist-net_256x2", 16, "mnist_test_a", lambda x: (x.astype(np.float32) / 255)),
    "language-model": ("aidreams260k_seq128", 1, "lm_teacher_a", None),
}


def load_samples(material, name, shape, batch, prepare):
    folder = os.path.join(material, "eval", name)
    arrays = [np.load(os.path.join(folder, f)) for f in sorted(os.listdir(folder)) if f.endswith(".npy")]
    if prepare is None:
        ids = max(arrays, key=lambda a: a.size)[:batch]
        return ids[:, :128].astype(np.int64), ids[:, 1:129].astype(np.int64)
    x = max(arrays, key=lambda a: a.size)[:batch]
    labels = [a for a in arrays if a.ndim == 1 and a.dtype.kind in "iu"]
    labels = labels[0][:batch] if labels else np.arange(batch) % 10
    return prepare(x).reshape((batch, *shape[1:])), labels.astype(np.int64)


def with_batch(model, batch):
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[0].dim_value = batch
    del model.graph.value_info[:]
    return model


def with_parameters_as_inputs(model):
    result = onnx.ModelProto()
    result.CopyFrom(model)
    floats = [t for t in model.graph.initializer if is_parameter(numpy_helper.to_array(t))]
    rest = [t for t in model.graph.initializer if not is_parameter(numpy_helper.to_array(t))]
    del result.graph.initializer[:]
    result.graph.initializer.extend(rest)
    present = {i.name for i in model.graph.input}
    result.graph.input.extend(helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in floats
                              if t.name not in present)
    return result, [t.name for t in floats]


def add_loss(text, rows, classes, labels_shape, is_probability):
    """Cross entropy of the first result, after its softmax if it has none."""
    match = re.search(r"return (%\S+) : (tensor<\S+>)", text)
    y, y_type = match.groups()
    labels = "x".join(map(str, labels_shape))
    tail = (f'  %flat = nn.reshape {y} {{shape = array<i64: {rows}, {classes}>}} : {y_type} -> tensor<{rows}x{classes}xf32>\n'
            + (f"    %log = nn.log %flat : tensor<{rows}x{classes}xf32>\n" if is_probability else
               f"    %log = nn.log_softmax %flat {{axis = 1 : i64}} : tensor<{rows}x{classes}xf32>\n")
            + f"    %index = nn.reshape %labels {{shape = array<i64: {rows}, 1>}} : tensor<{labels}xi64> -> tensor<{rows}x1xi64>\n"
            + f"    %picked = nn.gather_elements %log, %index {{axis = 1 : i64}} : "
              f"(tensor<{rows}x{classes}xf32>, tensor<{rows}x1xi64>) -> tensor<{rows}x1xf32>\n"
            + f"    %mean = nn.reduce_mean %picked {{axes = array<i64: 0, 1>}} : tensor<{rows}x1xf32> -> tensor<f32>\n"
            + "    %loss = nn.neg %mean : tensor<f32>\n    return %loss : tensor<f32>")
    text = text[:match.start()] + tail + text[match.end():]
    text = re.sub(r"\) -> \(?tensor<\S+>[^{]*(\{nn.name = \"[^\"]*\"\}\))?\s*\{\n",
                  f') -> (tensor<f32> {{nn.name = "loss"}}) {{\n', text, count=1)
    return text.replace("@main(", f'@loss(%labels: tensor<{labels}xi64> {{nn.name = "labels"}}, ', 1)


def run_condense(tools, folder, model, parameters, x, labels, rows, classes, is_probability):
    widened, names = with_parameters_as_inputs(model)
    path = os.path.join(folder, "model")
    onnx.save(widened, path + ".onnx")
    call = lambda *args: subprocess.run(args, check=True, stdout=subprocess.DEVNULL)  # noqa: E731
    call(tools + "/condense", "import", path + ".onnx", "-o", path + ".mlir")
    text = add_loss(open(path + ".mlir").read(), rows, classes, labels.shape, is_probability)
    open(path + ".loss.mlir", "w").write(text)
    call(tools + "/condense-opt", path + ".loss.mlir", f"--nn-differentiate=name=main wrt={','.join(names)}",
         "-o", path + ".gradient.mlir")
    gradient = open(path + ".gradient.mlir").read()
    start = gradient.index("func.func @main")
    open(path + ".main.mlir", "w").write("module {\n  " + gradient[start:])
    header = gradient[start:gradient.index(") -> (", start)]
    files = []
    for number, name in enumerate(re.findall(r'nn\.name = "([^"]*)"', header)):
        value = labels if name == "labels" else parameters.get(name, x)
        np.save(f"{path}.{number}.npy", value)
        files.append(f"{path}.{number}.npy")
    call(tools + "/condense", "run", path + ".main.mlir", "--threads", "1", "--input", *files, "--output-dir", path + ".out")
    load = lambda name: np.load(os.path.join(path + ".out", re.sub(r"[^A-Za-z0-9.-]", "_", name) + ".npy"))  # noqa: E731
    return float(load("loss")), {name: load(name + ".gradient") for name in names}


def run_jax(model, parameters, x, labels, is_probability):
    function, _ = make_function(model)

    def loss(parameters):
        y = function(parameters, x)
        y = y.reshape(-1, y.shape[-1])
        log = jnp.log(y) if is_probability else jax.nn.log_softmax(y, -1)
        return -jnp.take_along_axis(log, labels.reshape(-1, 1), 1).mean()

    return jax.jit(jax.value_and_grad(loss))({name: jnp.asarray(value) for name, value in parameters.items()})


def compare(name, args):
    file, batch, samples, prepare = MODELS[name]
    model = with_batch(onnx.load(os.path.join(args.material, "models", "onnx", file + ".onnx")), batch)
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    x, labels = load_samples(args.material, samples, shape, batch, prepare)
    _, parameters = make_function(model)
    is_probability = model.graph.node[-1].op_type == "Softmax"
    output = [d.dim_value for d in model.graph.output[0].type.tensor_type.shape.dim]
    with tempfile.TemporaryDirectory() as folder:
        loss, gradients = run_condense(args.bin, folder, model, parameters, x, labels, labels.size, output[-1], is_probability)
    expected_loss, expected = run_jax(model, parameters, x, labels, is_probability)
    worst, where = 0.0, ""
    for key, want in expected.items():
        want = np.asarray(want)
        largest = np.abs(want).max()
        error = np.abs(gradients[key] - want).max() / largest if largest > 0 else np.abs(gradients[key]).max()
        if not error <= worst:
            worst, where = error, key
    passed = worst <= args.bound and abs(loss - float(expected_loss)) <= args.bound * max(1, abs(loss))
    print(f"{name}: {len(expected)} tensors, loss {loss:.6f} (JAX {float(expected_loss):.6f}), "
          f"largest relative difference {worst:.1e} ({where}): {'passed' if passed else 'FAILED'}")
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=list(MODELS))
    parser.add_argument("--bound", type=float, default=1e-4)
    args = parser.parse_args()
    jax.config.update("jax_default_matmul_precision", "highest")
    results = [compare(name, args) for name in args.only]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


main()
