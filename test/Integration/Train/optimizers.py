# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Training steps are executed and compared with NumPy in double precision: every optimizer and schedule, odd sizes,
# clipping, decay, a rate of its own, label smoothing and distillation, over several steps.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t | FileCheck %s
# CHECK: 8 optimizers agree over 4 steps
import pathlib
import subprocess
import sys

import numpy as np

BATCH, INPUTS, CLASSES, TOTAL = 7, 33, 5, 10
SMOOTHING, TEMPERATURE, WEIGHT = 0.2, 3.0, 0.5
OPTIMIZERS = {
    "sgd": dict(kind="sgd", momentum=0),
    "momentum": dict(kind="sgd", momentum=0.9, weight_decay=0.1),
    "nesterov": dict(kind="sgd", momentum=0.8, nesterov=True, clip_norm=0.05),
    "adamw": dict(kind="adamw", weight_decay=0.3),
    "cosine": dict(kind="adamw", schedule="cosine", warmup_steps=3, total_steps=TOTAL, factor=0.1),
    "linear": dict(kind="sgd", momentum=0, schedule="linear", total_steps=TOTAL, factor=0),
    "steps": dict(kind="sgd", momentum=0, schedule="step", interval=2, factor=0.5),
    "betas": dict(kind="adamw", beta1=0.5, beta2=0.9, epsilon=1e-3, clip_norm=100),
}
RATE = 0.3

MODULE = f"""
func.func @main(%x: tensor<{BATCH}x{INPUTS}xf32> {{train.role = #train.role<input>}},
    %w: tensor<{CLASSES}x{INPUTS}xf32> {{train.role = #train.role<parameter>, nn.name = "w", train.rate = 0.5 : f64}},
    %b: tensor<{CLASSES}xf32> {{train.role = #train.role<parameter>, nn.name = "b", train.no_decay}})
    -> (tensor<{BATCH}x{CLASSES}xf32> {{train.role = #train.role<output>}}) {{
  %y = nn.linear %x, %w, %b : (tensor<{BATCH}x{INPUTS}xf32>, tensor<{CLASSES}x{INPUTS}xf32>, tensor<{CLASSES}xf32>) -> tensor<{BATCH}x{CLASSES}xf32>
  return %y : tensor<{BATCH}x{CLASSES}xf32>
}}
func.func private @teacher(%x: tensor<{BATCH}x{INPUTS}xf32>) -> tensor<{BATCH}x{CLASSES}xf32> {{
  %y = nn.slice %x {{starts = array<i64: 0, 1>, ends = array<i64: {BATCH}, {1 + CLASSES}>, steps = array<i64: 1, 1>}}
      : tensor<{BATCH}x{INPUTS}xf32> -> tensor<{BATCH}x{CLASSES}xf32>
  return %y : tensor<{BATCH}x{CLASSES}xf32>
}}
"""


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def gradient(p, x, labels):
    """Loss, accuracy and gradients of the linear network."""
    z, t = x @ p["w"].T + p["b"], x[:, 1:1 + CLASSES]
    target = np.full(z.shape, SMOOTHING / CLASSES)
    target[np.arange(BATCH), labels] += 1 - SMOOTHING
    hard, soft, expected = softmax(z), softmax(z / TEMPERATURE), softmax(t / TEMPERATURE)
    cross = -(target * np.log(hard)).sum(1).mean()
    divergence = TEMPERATURE**2 * (expected * (np.log(expected) - np.log(soft))).sum(1).mean()
    dz = (hard - target) / BATCH + WEIGHT * TEMPERATURE * (soft - expected) / BATCH
    return cross + WEIGHT * divergence, (z.argmax(1) == labels).mean(), {"w": dz.T @ x, "b": dz.sum(0)}


def learning_rate(o, s):
    kind, warm, factor = o.get("schedule", "constant"), o.get("warmup_steps", 0), o.get("factor", 0.1)
    share = 1.0
    if kind == "step":
        share = factor**(s // o["interval"])
    elif kind != "constant":
        left = 1 - min(max((s - warm) / (o["total_steps"] - warm), 0), 1)
        left = (1 + np.cos(np.pi * (1 - left))) / 2 if kind == "cosine" else left
        share = factor + (1 - factor) * left
    return RATE * share * (min((s + 1) / warm, 1) if warm else 1)


def update(o, p, moments, g, s):
    norm = np.sqrt(sum((v**2).sum() for v in g.values()))
    if o.get("clip_norm"):
        g = {k: v * min(1, o["clip_norm"] / norm) for k, v in g.items()}
    lr, decay = learning_rate(o, s), o.get("weight_decay", 0)
    for k in p:
        rate, own = (lr * 0.5, decay) if k == "w" else (lr, 0)
        if o["kind"] == "sgd":
            d = g[k] + own * p[k]
            if o["momentum"]:
                v = moments[k + ".velocity"] = o["momentum"] * moments[k + ".velocity"] + d
                d = d + o["momentum"] * v if o.get("nesterov") else v
            p[k] = p[k] - rate * d
        else:
            b1, b2 = o.get("beta1", 0.9), o.get("beta2", 0.999)
            m = moments[k + ".moment1"] = b1 * moments[k + ".moment1"] + (1 - b1) * g[k]
            v = moments[k + ".moment2"] = b2 * moments[k + ".moment2"] + (1 - b2) * g[k]**2
            d = m / (1 - b1**(s + 1)) / (np.sqrt(v / (1 - b2**(s + 1))) + o.get("epsilon", 1e-8))
            p[k] = p[k] - rate * (d + own * p[k])
    return norm, lr


def build(folder, name, o):
    options = " ".join(f"{k.replace('_', '-')}={str(v).lower()}" for k, v in o.items())
    passes = (f"train-attach-loss{{label-smoothing={SMOOTHING}}},"
              f"train-attach-loss{{kind=distill weight={WEIGHT} temperature={TEMPERATURE}}},"
              f"train-differentiate-loss,train-apply-optimizer{{learning-rate={RATE} {options}}}")
    source, step = folder / "main.mlir", folder / f"{name}.mlir"
    source.write_text(MODULE)
    subprocess.run(["condense-opt", source, f"--pass-pipeline=builtin.module({passes})", "-o", step], check=True)
    subprocess.run(["condense", "compile", step, "-o", folder / f"{name}.so"], check=True, stdout=subprocess.DEVNULL)
    return folder / f"{name}.so"


def run(folder, library, inputs):
    """Runs the step on a list of arrays in the order of its arguments."""
    command = ["condense", "run", library]
    for i, array in enumerate(inputs):
        np.save(folder / f"in{i}.npy", array)
        command.append(folder / f"in{i}.npy")
    subprocess.run(command + ["--output-dir", folder / "out"], check=True, stdout=subprocess.DEVNULL)
    # parameters, states and moments keep their names; a second file of one name never appears
    return {path.stem: np.load(path) for path in (folder / "out").glob("*.npy")}


def check(what, found, expected, tolerance=2e-5):
    error = np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-6)
    if not error < tolerance:
        sys.exit(f"{what}: relative error {error}")


def main(folder):
    rng = np.random.default_rng(1)
    for name, o in OPTIMIZERS.items():
        library = build(folder, name, o)
        p = {"w": rng.normal(size=(CLASSES, INPUTS)) * 0.3, "b": rng.normal(size=CLASSES)}
        p = {k: v.astype(np.float32).astype(np.float64) for k, v in p.items()}
        suffixes = [".moment1", ".moment2"] if o["kind"] == "adamw" else [".velocity"] if o["momentum"] else []
        moments = {k + s: np.zeros(v.shape) for k, v in p.items() for s in suffixes}
        held = {k: v.astype(np.float32) for k, v in {**p, **moments}.items()}
        for s in range(4):
            x = rng.normal(size=(BATCH, INPUTS)).astype(np.float32)
            labels = rng.integers(0, CLASSES, BATCH).astype(np.int32)
            loss, accuracy, g = gradient(p, x.astype(np.float64), labels)
            norm, lr = update(o, p, moments, g, s)
            inputs = [x, held["w"], held["b"], labels, np.array(s, np.int64)] + [held[k] for k in moments]
            out = run(folder, library, inputs)
            for k, v in {**p, **moments}.items():
                check(f"{name}, step {s}, {k}", out[k], v)
                held[k] = out[k]
            for k, v in {"loss": loss, "accuracy": accuracy, "gradient_norm": norm, "learning_rate": lr}.items():
                check(f"{name}, step {s}, {k}", out[k], v)
    print(f"{len(OPTIMIZERS)} optimizers agree over 4 steps")


main(pathlib.Path(sys.argv[1]))
