# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Attention is executed at odd sizes and compared with its definition in double precision: with and without masks of
# either kind, causal, with shared heads, with queries that no key is left for, of dynamic and of static sizes.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t | FileCheck %s
# CHECK: 60 results agree
import itertools
import pathlib
import subprocess
import sys

import numpy as np

BATCH, HEADS = 2, 6
# Name of each variant: groups of heads, mask, attributes.
VARIANTS = {"plain": (6, None, ""), "added": (6, "f32", ""), "excluded": (6, "i1", ""), "causal": (6, None, ", causal"),
            "shared": (2, "per_head", ", causal")}
MASKS = {"f32": lambda s, t: (BATCH, 1, 1, t), "i1": lambda s, t: (s, t), "per_head": lambda s, t: (1, HEADS, s, t)}


def module(depth, width, sizes):
    """All variants in one function; `sizes` are those of queries and keys, or "?" for dynamic ones."""
    s, t = sizes
    batch = "?" if s == "?" else BATCH
    tensor = lambda *dims, of="f32": f"tensor<{'x'.join(map(str, dims))}x{of}>"  # noqa: E731
    q = tensor(batch, s, HEADS, depth)
    kv = {groups: (tensor(batch, t, groups, depth), tensor(batch, t, groups, width)) for groups in (6, 2)}
    masks = {"f32": tensor(batch, 1, 1, t), "i1": tensor(s, t, of="i1"), "per_head": tensor(1, HEADS, s, t)}
    arguments = {"%q": q, "%k6": kv[6][0], "%v6": kv[6][1], "%k2": kv[2][0], "%v2": kv[2][1],
                 **{"%" + name: type for name, type in masks.items()}}
    result = tensor(batch, s, HEADS, width)
    lines = [f"func.func @main({', '.join(f'{n}: {t}' for n, t in arguments.items())}) -> "
             f"({', '.join([result] * len(VARIANTS))}) {{"]
    for name, (groups, mask, attributes) in VARIANTS.items():
        operands = ["%q", f"%k{groups}", f"%v{groups}"] + (["%" + mask] if mask else [])
        lines.append(f"  %{name} = nn.attention {', '.join(operands)} {{scale = 0.3 : f64{attributes}}} : "
                     f"({', '.join(arguments[o] for o in operands)}) -> {result}")
    lines.append(f"  return {', '.join('%' + name for name in VARIANTS)} : {', '.join([result] * len(VARIANTS))}")
    return "\n".join(lines + ["}"])


def make_inputs(rng, s, t, depth, width):
    real = lambda *shape: rng.normal(size=shape).astype(np.float32)  # noqa: E731
    added = np.where(rng.random(MASKS["f32"](s, t)) < 0.3, -np.inf, 0).astype(np.float32)
    added[0] = -np.inf  # the first batch has no key at all
    kept = rng.random(MASKS["i1"](s, t)) < 0.6
    kept[-1] = False
    return {"q": real(BATCH, s, HEADS, depth) * 3, "k6": real(BATCH, t, 6, depth), "v6": real(BATCH, t, 6, width),
            "k2": real(BATCH, t, 2, depth), "v2": real(BATCH, t, 2, width), "f32": added, "i1": kept,
            "per_head": real(1, HEADS, s, t)}


def attention(inputs, groups, mask, causal):
    q, k, v = (inputs[n].astype(np.float64) for n in ("q", f"k{groups}", f"v{groups}"))
    k, v = (np.repeat(x, HEADS // groups, axis=2) for x in (k, v))
    scores = np.einsum("bshd,bthd->bhst", q, k) * 0.3
    if mask == "i1":
        scores = np.where(inputs[mask], scores, -np.inf)
    elif mask:
        scores = scores + inputs[mask]
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    highest = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(highest), highest, 0))
    total = weights.sum(-1, keepdims=True)
    return np.einsum("bhst,bthd->bshd", weights / np.where(total > 0, total, 1), v)


def main():
    scratch, rng, count = pathlib.Path(sys.argv[1]), np.random.default_rng(3), 0
    lengths = [(1, 1), (1, 17), (3, 3), (17, 3), (130, 130)]
    cases = [(5, 7, ("?", "?"), lengths), (32, 32, ("?", "?"), lengths), (32, 32, (17, 33), [(17, 33)]),
             (16, 16, (128, 128), [(128, 128)])]
    for number, (depth, width, sizes, lengths) in enumerate(cases):
        source, library = scratch / f"{number}.mlir", scratch / f"{number}.so"
        source.write_text(module(depth, width, sizes))
        subprocess.run(["condense", "compile", source, "-o", library], check=True)
        for s, t in lengths:
            inputs = make_inputs(rng, s, t, depth, width)
            for name, array in inputs.items():
                np.save(scratch / f"{name}.npy", array)
            subprocess.run(["condense", "run", library, "--output-dir", scratch / "out", "--input",
                            *(scratch / f"{name}.npy" for name in inputs)], check=True, stdout=subprocess.DEVNULL)
            outputs = sorted((scratch / "out").glob("*.npy"))
            assert len(outputs) == len(VARIANTS), outputs
            for path, (name, (groups, mask, causal)) in zip(outputs, VARIANTS.items()):
                actual, expected = np.load(path), attention(inputs, groups, mask, bool(causal))
                assert np.isfinite(actual).all(), (name, s, t, depth)
                error = np.abs(actual - expected).max()
                assert error < 2e-5, (name, s, t, depth, error)
                count += 1
    print(count, "results agree")


if __name__ == "__main__":
    main()
