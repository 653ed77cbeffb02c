# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Adjoints of train.fake_quantize are executed and compared with their formulas in NumPy: blocks, channels and tensors on
# odd sizes, zero points, elements inside and outside of the range.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t | FileCheck %s
# CHECK: 5 adjoints agree
import pathlib
import subprocess
import sys

import numpy as np

# name, shape, shape of the scales, storage
CASES = [("channels", (7, 33), (7, 1), "i4"), ("blocks", (5, 36), (5, 4), "i2"), ("tensor", (3, 5, 7), (1, 1, 1), "ui8"),
         ("images", (3, 5, 2, 9), (3, 1, 1, 3), "i8"), ("unsigned", (17, 6), (17, 2), "ui4")]


def tensor(shape, element):
    return "tensor<" + "".join(f"{size}x" for size in shape) + element + ">"


def spread(array, shape):
    """Each scale to its block."""
    for axis, size in enumerate(shape):
        array = np.repeat(array, size // array.shape[axis], axis)
    return array


def collect(array, shape):
    """Sums over blocks."""
    parts = [n for size, count in zip(array.shape, shape) for n in (count, size // count)]
    return array.reshape(parts).sum(tuple(range(1, 2 * len(shape), 2)))


def expect(x, s, z, low, high, dy):
    wide, zero = spread(s, x.shape), spread(z, x.shape)
    codes = np.clip(np.round(x / wide) + zero, low, high)
    y = (codes - zero) * wide
    inside = (x >= (low - zero) * wide) & (x <= (high - zero) * wide)
    slope = dy * (y - np.where(inside, x, 0)) / wide
    return (y * dy).sum(), np.where(inside, dy, 0), collect(slope, s.shape) / np.sqrt(x.size / s.size * high)


def main(folder):
    rng = np.random.default_rng(3)
    for name, shape, blocks, storage in CASES:
        bits, unsigned = int(storage.lstrip("ui")), storage.startswith("u")
        low, high = (0, 2**bits - 1) if unsigned else (-2**(bits - 1), 2**(bits - 1) - 1)
        x = rng.normal(size=shape).astype(np.float32)
        dy = rng.normal(size=shape).astype(np.float32)
        s = (rng.uniform(0.7, 1.5, size=blocks) * 2 / (high - low)).astype(np.float32)
        z = np.full(blocks, (high + 1) // 3 if unsigned else 0)
        types = [tensor(shape, "f32"), tensor(blocks, "f32"), tensor(shape, "f32")]
        zero_type = tensor(blocks, storage)
        zero = f"%z = arith.constant dense<{z.flat[0]}> : {zero_type}" if unsigned else ""
        axes = ", ".join(map(str, range(len(shape))))
        module = f"""func.func @main(%x: {types[0]}, %s: {types[1]}, %dy: {types[2]}) -> tensor<f32> {{
  {zero}
  %y = train.fake_quantize %x, %s{", %z" if unsigned else ""} {{storage = {storage}}}
      : ({types[0]}, {types[1]}{", " + zero_type if unsigned else ""}) -> {types[0]}
  %p = nn.mul %y, %dy : ({types[0]}, {types[0]}) -> {types[0]}
  %l = nn.reduce_sum %p {{axes = array<i64: {axes}>}} : {types[0]} -> tensor<f32>
  return %l : tensor<f32>
}}"""
        (folder / f"{name}.mlir").write_text(module)
        passes = "nn-differentiate{function=main wrt=0,1},train-decompose-fake-quantize,canonicalize"
        subprocess.run(["condense-opt", folder / f"{name}.mlir", f"--pass-pipeline=builtin.module({passes})", "-o",
                        folder / "step.mlir"], check=True)
        text = (folder / "step.mlir").read_text().replace("@main(", "@network(").replace("@main_gradient(", "@main(")
        text = text.replace("func.func @network(", "func.func private @network(")
        (folder / "step.mlir").write_text(text)
        command = ["condense", "run", folder / "step.mlir"]
        for i, array in enumerate((x, s, dy)):
            np.save(folder / f"in{i}.npy", array)
            command.append(folder / f"in{i}.npy")
        subprocess.run(command + ["--output-dir", folder / name], check=True, stdout=subprocess.DEVNULL)
        found = [np.load(path) for path in sorted((folder / name).glob("*.npy"))]
        wanted = expect(x.astype(np.float64), s.astype(np.float64), z, low, high, dy.astype(np.float64))
        for part, expected in zip(("loss", "dx", "ds"), wanted):
            match = [a for a in found if a.shape == np.shape(expected)]
            error = min(np.abs(a - expected).max() for a in match) / max(np.abs(expected).max(), 1e-6)
            if not error < 1e-4:
                sys.exit(f"{name}, {part}: relative error {error}")
    print(f"{len(CASES)} adjoints agree")


main(pathlib.Path(sys.argv[1]))
