#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time of a training step beside JAX: loss, gradients of all parameters, SGD with momentum.

The ONNX model, with its batch size set, is imported as for inference (channels last, biases fused); its
constants become arguments, cross entropy is added, nn-differentiate makes the gradients and the update is added as
operations of nn. JAX compiles the same step of the same graph with jax.jit. Both run on one thread of one
core, in alternation; the time is that of the process on the CPU (--clock cpu) or of the wall, the median of rounds.

usage: train_step.py --bin build/bin --material DIR [--only resnet8 mnist-mlp dscnn] [--rounds 9] [--clock cpu|wall]
Needs numpy, onnx and jax.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "utils")]

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from harness.condense import CompiledModel, compile_model  # noqa: E402
from onnx_jax import make_function  # noqa: E402

MODELS = {"resnet8": ("resnet8_cifar10", 32, 10), "mnist-mlp": ("mnist-net_256x2", 128, 10), "dscnn": ("dscnn_kws", 32, 12)}
RATE, MOMENTUM = 1e-4, 0.9


def outline_constants(text):
    """Float constants of @main become arguments %p0, %p1, ... with moments %m0, ..."""
    types = []

    def replace(match):
        types.append(match.group(2))
        return ""
    names = re.findall(r"(%\S+) = arith.constant dense\S* : tensor<[0-9x]*f32>", text)
    text = re.sub(r" *(%\S+) = arith.constant dense\S* : (tensor<[0-9x]*f32>)\n", replace, text)
    return text, names, types


def make_step(text, batch, classes):
    """The module of the gradients and that of the step, as texts: the second is made of the first."""
    text, names, types = outline_constants(text)
    result, result_type = re.search(r"return (%\S+) : (tensor<\S+>)", text).groups()
    softmax = re.search(re.escape(result) + r" = nn.softmax", text) is not None
    log = (f"%log = nn.log {result} : {result_type}" if softmax else
           f"%log = nn.log_softmax {result} {{axis = 1 : i64}} : {result_type}")
    loss = (f"{log}\n    %index = nn.reshape %labels {{shape = array<i64: {batch}, 1>}} : tensor<{batch}xi64> -> tensor<{batch}x1xi64>\n"
            f"    %picked = nn.gather_elements %log, %index {{axis = 1 : i64}} : ({result_type}, tensor<{batch}x1xi64>) -> tensor<{batch}x1xf32>\n"
            f"    %mean = nn.reduce_mean %picked {{axes = array<i64: 0, 1>}} : tensor<{batch}x1xf32> -> tensor<f32>\n"
            f"    %loss = nn.neg %mean : tensor<f32>\n    return %loss : tensor<f32>")
    text = re.sub(r"return %\S+ : tensor<\S+>", loss, text)
    x = re.search(r"@main\((%\S+): (tensor<\S+>)", text).groups()
    body = text[text.index("{\n", text.index(") -> (")) + 2:]
    body = body[:body.rindex("}", 0, body.rindex("}"))]
    args = "".join(f', {n}: {t} {{nn.name = "p{i}"}}' for i, (n, t) in enumerate(zip(names, types)))
    head = (f'module {{\nfunc.func @loss({x[0]}: {x[1]} {{nn.name = "x"}}, %labels: tensor<{batch}xi64> {{nn.name = "labels"}}{args})'
            f' -> (tensor<f32> {{nn.name = "loss"}}) {{\n')
    return head + body + "}\n}\n", types


def add_update(gradient, types):
    """new moment = momentum * moment + gradient, new parameter = parameter - rate * new moment"""
    text = gradient[gradient.index("func.func @main"):]
    values = re.search(r"return (.*) : ", text).group(1).split(", ")
    lines = [f"%rate = arith.constant dense<{RATE}> : tensor<f32>", f"%momentum = arith.constant dense<{MOMENTUM}> : tensor<f32>"]
    results, result_types = [values[0]], ["tensor<f32>"]
    arguments = re.findall(r'(%\S+): tensor<\S+> \{nn.name = "p\d+"\}', text)
    for i, t in enumerate(types):
        lines += [f"%old{i} = nn.mul %m{i}, %momentum : ({t}, tensor<f32>) -> {t}", f"%new{i} = nn.add %old{i}, {values[1 + i]} : ({t}, {t}) -> {t}",
                  f"%delta{i} = nn.mul %new{i}, %rate : ({t}, tensor<f32>) -> {t}", f"%next{i} = nn.sub {arguments[i]}, %delta{i} : ({t}, {t}) -> {t}"]
        results += [f"%next{i}", f"%new{i}"]
        result_types += [t, t]
    text = re.sub(r"return .*", "\n".join(lines) + f"\nreturn {', '.join(results)} : {', '.join(result_types)}", text)
    moments = "".join(f', %m{i}: {t} {{nn.name = "m{i}"}}' for i, t in enumerate(types))
    start = text.index(") -> (")
    end = text.index("{\n", start)
    named = ", ".join(f'{t} {{nn.name = "r{i}"}}' for i, t in enumerate(result_types))
    return "module {\n" + text[:start] + moments + f") -> ({named}) " + text[end:]


def compile_step(tools, path, model, batch, classes):
    onnx.save(model, path + ".onnx")
    run = lambda *args: subprocess.run(args, check=True, stdout=subprocess.DEVNULL)  # noqa: E731
    run(tools + "/condense", "import", path + ".onnx", "-o", path + ".mlirbc")
    run(tools + "/condense-opt", path + ".mlirbc", "--condense-import-cleanup", "--mlir-elide-elementsattrs-if-larger=1",
        "--mlir-elide-resource-strings-if-larger=1", "-o", path + ".mlir")
    loss, types = make_step(open(path + ".mlir").read().split("{-#")[0], batch, classes)
    open(path + ".loss.mlir", "w").write(loss)
    wrt = ",".join(f"p{i}" for i in range(len(types)))
    run(tools + "/condense-opt", path + ".loss.mlir", f"--pass-pipeline=builtin.module(nn-differentiate{{name=main wrt={wrt}}},canonicalize,cse)",
        "-o", path + ".gradient.mlir")
    step = add_update(open(path + ".gradient.mlir").read(), types)
    open(path + ".step.mlir", "w").write(step)
    library, _ = compile_model(tools + "/condense", path + ".step.mlir", threads=1)
    return make_condense_step(library, step)


def make_condense_step(library, step):
    """The compiled step on random parameters; moments and parameters go in and come out as copies."""
    signature = step[step.index("@main("):step.index(") -> (")]
    rng, arrays = np.random.default_rng(0), []
    for shape, element in re.findall(r": tensor<((?:\d+x)*)(f32|i64)>", signature):
        sizes = [int(n) for n in shape.split("x") if n]
        arrays.append(np.arange(np.prod(sizes)).reshape(sizes) % 10 if element == "i64" else
                      (rng.random(sizes, np.float32) - 0.5) * 0.1)
    model = CompiledModel(library, [np.ascontiguousarray(a) for a in arrays])
    return lambda: model.repeat(1)


def make_jax_step(model, batch, classes):
    function, parameters = make_function(model)
    is_probability = model.graph.node[-1].op_type == "Softmax"

    def loss(parameters, x, labels):
        y = function(parameters, x)
        log = jnp.log(y) if is_probability else jax.nn.log_softmax(y, -1)
        return -jnp.take_along_axis(log, labels[:, None], 1).mean()

    def step(parameters, moments, x, labels):
        value, gradients = jax.value_and_grad(loss)(parameters, x, labels)
        moments = jax.tree.map(lambda m, g: MOMENTUM * m + g, moments, gradients)
        return jax.tree.map(lambda p, m: p - RATE * m, parameters, moments), moments, value

    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    state = [{k: jnp.asarray(v) for k, v in parameters.items()}, {k: jnp.zeros_like(v) for k, v in parameters.items()}]
    x = jnp.asarray(np.random.default_rng(0).random(shape, np.float32))
    labels = jnp.asarray(np.arange(batch) % classes)
    compiled = jax.jit(step, donate_argnums=(0, 1))

    def run():
        state[0], state[1], value = compiled(*state, x, labels)
        value.block_until_ready()
    return run


def time_step(run, seconds, clock):
    """The process spends its time on nothing else."""
    count, start, begin = 0, clock(), time.perf_counter()
    while time.perf_counter() - begin < seconds:
        run()
        count += 1
    return (clock() - start) / count * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--material", required=True)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=["resnet8", "mnist-mlp"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--clock", choices=("cpu", "wall"), default="cpu")
    parser.add_argument("--keep", help="folder to leave the modules in")
    args = parser.parse_args()
    clock = time.process_time if args.clock == "cpu" else time.perf_counter
    for name in args.only:
        file, batch, classes = MODELS[name]
        model = onnx.load(os.path.join(args.material, "models", "onnx", file + ".onnx"))
        for value in (model.graph.input[0], model.graph.output[0]):
            value.type.tensor_type.shape.dim[0].dim_value = batch
        del model.graph.value_info[:]
        with tempfile.TemporaryDirectory() as folder:
            condense = compile_step(args.bin, os.path.join(args.keep or folder, name), model, batch, classes)
            run = make_jax_step(model, batch, classes)
            for warm in (condense, run):
                time_step(warm, 0.2, clock)
            ours, theirs = [], []
            for _ in range(args.rounds):
                ours.append(time_step(condense, args.seconds, clock))
                theirs.append(time_step(run, args.seconds, clock))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{name}, batch {batch}: condense {statistics.median(ours):.2f} ms, JAX {jax.__version__} "
              f"{statistics.median(theirs):.2f} ms, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
