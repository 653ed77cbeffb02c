#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains networks from random weights by `condense train` and by JAX, on the same samples with the same settings, and
prints the accuracy on samples that neither saw, for several seeds, and the median time of a step.

The digits network is trained on 75 % of scikit-learn's load_digits (the split of utils/train_digits.py), the MNIST
network on the first 4000 images of CONDENSE_MATERIAL/eval/mnist_test_a and graded on the last 1000. Needs numpy,
scikit-learn and jax (pip install jax); one thread each.

  OMP_NUM_THREADS=1 python3 utils/compare_training.py --condense build/bin/condense --material ../shared/material
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
import numpy as np  # noqa: E402

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    sys.exit("skipped: jax is not installed")

ROOT = pathlib.Path(__file__).resolve().parent.parent


def digits(_):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    data = load_digits()
    x, xt, y, yt = train_test_split(data.images.astype(np.float32)[:, None] / 16, data.target, test_size=0.25,
                                    random_state=0, stratify=data.target)
    return x, y, xt, yt


def mnist(material):
    folder = material / "eval/mnist_test_a"
    x, y = np.load(folder / "inputs.npy").reshape(-1, 784, 1) / np.float32(255), np.load(folder / "labels.npy")
    return x[:4000], y[:4000].astype(np.int64), x[4000:], y[4000:].astype(np.int64)


def he(rng, *shape):
    return (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def glorot(rng, *shape):
    return rng.uniform(-1, 1, shape).astype(np.float32) * np.float32(np.sqrt(6 / sum(shape)))


def digits_parameters(rng):
    weights = [he(rng, 32, 1, 3, 3), he(rng, 48, 32, 3, 3), he(rng, 64, 768), glorot(rng, 10, 64)]
    return [(w, np.zeros(w.shape[0], np.float32)) for w in weights]


def mnist_parameters(rng):
    weights = [he(rng, 256, 784), he(rng, 256, 256), glorot(rng, 10, 256)]
    return [(w, np.zeros(w.shape[0], np.float32)) for w in weights]


def digits_forward(p, x):
    for w, b in p[:2]:
        x = jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
        x = jax.nn.relu(x + b[:, None, None])
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID").reshape(len(x), -1)
    x = jax.nn.relu(x @ p[2][0].T + p[2][1])
    return x @ p[3][0].T + p[3][1]


def mnist_forward(p, x):
    x = x.reshape(len(x), -1)
    for w, b in p[:-1]:
        x = jax.nn.relu(x @ w.T + b)
    return x @ p[-1][0].T + p[-1][1]


TASKS = {
    "digits": dict(data=digits, parameters=digits_parameters, forward=digits_forward, batch=32, epochs=30,
                   model=lambda _: ROOT / "models/digits/digits.onnx"),
    "mnist": dict(data=mnist, parameters=mnist_parameters, forward=mnist_forward, batch=128, epochs=20,
                  model=lambda material: material / "models/onnx/mnist-net_256x2.onnx"),
}
RATE = 1e-3


def make_step(forward, total):
    """AdamW with a cosine schedule, as of train-apply-optimizer."""
    def loss(p, x, y):
        return -jnp.take_along_axis(jax.nn.log_softmax(forward(p, x)), y[:, None], 1).mean()

    @jax.jit
    def step(p, m, v, x, y, s):
        value, g = jax.value_and_grad(loss)(p, x, y)
        rate = RATE * 0.5 * (1 + jnp.cos(jnp.pi * s / total))
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        c1, c2 = 1 - 0.9**(s + 1), 1 - 0.999**(s + 1)
        p = jax.tree.map(lambda a, b, c: a - rate * b / c1 / (jnp.sqrt(c / c2) + 1e-8), p, m, v)
        return p, m, v, value
    return step


def train_jax(task, data, seed):
    x, y, xt, yt = data
    batch, epochs = task["batch"], task["epochs"]
    rng = np.random.default_rng(seed)
    steps = len(x) // batch
    step = make_step(task["forward"], steps * epochs)
    p = task["parameters"](rng)
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    times = []
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for i in range(steps):
            part = order[i * batch:(i + 1) * batch]
            xb, yb = x[part], y[part]
            begin = time.perf_counter()
            p, m, v, value = step(p, m, v, xb, yb, epoch * steps + i)
            value.block_until_ready()
            times.append(time.perf_counter() - begin)
    accuracy = (np.asarray(task["forward"](p, xt)).argmax(1) == yt).mean()
    return accuracy, np.median(times)


def train_condense(args, task, data, seed, folder):
    for name, array in zip(("x", "y", "xt", "yt"), data):
        np.save(folder / f"{name}.npy", array)
    (folder / "r.yaml").write_text(f"- train: {{epochs: {task['epochs']}, batch: {task['batch']}, optimizer: adamw, "
                                   f"learning_rate: {RATE}, schedule: cosine}}\n")
    out = folder / "out.mlirbc"
    command = [args.condense, "train", task["model"](args.material), "--initialize", "--recipe", folder / "r.yaml",
               "--data", folder / "x.npy", "--labels", folder / "y.npy", "--seed", str(seed), "--threads", "1", "-o", out,
               "--json"]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    text = subprocess.run([args.condense, "eval", out, "--inputs", folder / "xt.npy", "--labels", folder / "yt.npy"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"accuracy: ([0-9.]+)", text)[1]), result.get("step_seconds", float("nan"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--condense", default=ROOT / "build/bin/condense")
    parser.add_argument("--material", type=pathlib.Path, default=os.environ.get("CONDENSE_MATERIAL"))
    parser.add_argument("--tasks", default="digits,mnist")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    for name in args.tasks.split(","):
        task = TASKS[name]
        data = task["data"](args.material)
        rows = []
        for seed in range(args.seeds):
            with tempfile.TemporaryDirectory() as folder:
                ours, our_time = train_condense(args, task, data, seed, pathlib.Path(folder))
            theirs, their_time = train_jax(task, data, seed)
            rows.append((ours, theirs))
            print(f"{name} seed {seed}: condense {100 * ours:.2f} % ({1e3 * our_time:.2f} ms a step), "
                  f"jax {100 * theirs:.2f} % ({1e3 * their_time:.2f} ms)", flush=True)
        ours, theirs = np.mean(rows, 0)
        print(f"{name}: condense {100 * ours:.2f} %, jax {100 * theirs:.2f} %, mean of {args.seeds} seeds")


if __name__ == "__main__":
    main()
