#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a synthetic transformer language model (ONNX) and token ids to calibrate it with.

The default has 100 million parameters: 12 pre-norm decoder layers of width 768, 12 heads, a
feed-forward width of 3072, 9984 tokens and 128 positions. Weights are normal with scales that
differ between rows and columns, and some channels of each normalisation are much larger than the rest,
as in trained models: the outlier channels that quantizing activations suffers from. Everything
follows from the seed. Needs numpy and onnx.

usage: make_transformer.py FOLDER [--layers 12] [--width 768] [--heads 12] [--ffn 3072] [--vocab 9984]
                                  [--length 128] [--samples 128] [--seed 1]
writes FOLDER/transformer.onnx (input `ids` int64 [batch, length], output `logits`), FOLDER/calibration.npy and
FOLDER/evaluation.npy (int64 [samples, length]).
"""
import argparse
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, inputs, name="", **attributes):
        self.count += 1
        output = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name or output, **attributes))
        return output

    def random(self, rows, columns, scale):
        spread = np.exp(self.rng.normal(0, 0.3, (rows, 1))) * np.exp(self.rng.normal(0, 0.3, (1, columns)))
        return (self.rng.standard_normal((rows, columns)) * spread * scale).astype(np.float32)

    def dense(self, name, x, inputs, outputs, scale=None):
        weight = self.random(inputs, outputs, scale or 0.7 / np.sqrt(inputs))
        bias = self.rng.normal(0, 0.02, outputs).astype(np.float32)
        product = self.node("MatMul", [x, self.constant(name + ".weight", weight)], name)
        return self.node("Add", [product, self.constant(name + ".bias", bias)])

    def norm(self, name, x, width):
        gain = np.exp(self.rng.normal(0, 0.2, width)).astype(np.float32)
        outliers = self.rng.choice(width, max(1, width // 128), replace=False)
        gain[outliers] *= self.rng.uniform(8, 20, len(outliers)).astype(np.float32)
        bias = self.rng.normal(0, 0.05, width).astype(np.float32)
        inputs = [x, self.constant(name + ".gain", gain), self.constant(name + ".bias", bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=1e-5)


def add_attention(b, name, x, args):
    size = args.width // args.heads
    shape = b.constant(name + ".heads", np.array([0, args.length, args.heads, size], np.int64))

    def heads(part, perm):
        y = b.node("Reshape", [b.dense(f"{name}.{part}", x, args.width, args.width), shape])
        return b.node("Transpose", [y], perm=perm)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scale = b.constant(name + ".scale", np.array(1 / np.sqrt(size), np.float32))
    scores = b.node("Mul", [b.node("MatMul", [query, key]), scale])
    mask = np.triu(np.full((args.length, args.length), -1e9, np.float32), 1)
    scores = b.node("Add", [scores, b.constant(name + ".mask", mask)])
    mixed = b.node("MatMul", [b.node("Softmax", [scores], axis=-1), value])
    merged = b.constant(name + ".merged", np.array([0, args.length, args.width], np.int64))
    mixed = b.node("Reshape", [b.node("Transpose", [mixed], perm=[0, 2, 1, 3]), merged])
    return b.dense(name + ".output", mixed, args.width, args.width)


def add_gelu(b, x):
    root, one, half = (b.constant(f"{x}.{i}", np.array(v, np.float32)) for i, v in enumerate((np.sqrt(2), 1, 0.5)))
    erf = b.node("Erf", [b.node("Div", [x, root])])
    return b.node("Mul", [b.node("Mul", [x, b.node("Add", [erf, one])]), half])


def make_model(args):
    b = Builder(args.seed)
    x = b.node("Gather", [b.constant("tokens", b.random(args.vocab, args.width, 1.0)), "ids"], "embedding")
    x = b.node("Add", [x, b.constant("positions", b.random(args.length, args.width, 0.1))])
    for i in range(args.layers):
        name = f"layer{i}"
        y = b.norm(name + ".norm1", x, args.width)
        x = b.node("Add", [x, add_attention(b, name + ".attention", y, args)])
        y = b.norm(name + ".norm2", x, args.width)
        y = add_gelu(b, b.dense(name + ".up", y, args.width, args.ffn))
        x = b.node("Add", [x, b.dense(name + ".down", y, args.ffn, args.width)])
    logits = b.dense("head", b.norm("norm", x, args.width), args.width, args.vocab)
    b.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", args.length])
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", args.length, args.vocab])
    graph = helper.make_graph(b.nodes, "transformer", [ids], [out], b.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    return model, sum(int(np.prod(w.dims)) for w in b.weights if w.data_type == TensorProto.FLOAT)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    for name, default in (("layers", 12), ("width", 768), ("heads", 12), ("ffn", 3072), ("vocab", 9984),
                          ("length", 128), ("samples", 128), ("seed", 1)):
        parser.add_argument("--" + name, type=int, default=default)
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    model, parameters = make_model(args)
    onnx.save(model, os.path.join(args.folder, "transformer.onnx"))
    rng = np.random.default_rng(args.seed + 1)
    # Few tokens are frequent, as in text.
    frequency = 1 / np.arange(1, args.vocab + 1)
    for name in ("calibration", "evaluation"):
        ids = rng.choice(args.vocab, (args.samples, args.length), p=frequency / frequency.sum())
        np.save(os.path.join(args.folder, name + ".npy"), ids.astype(np.int64))
    print(f"{parameters / 1e6:.1f} million parameters")


if __name__ == "__main__":
    main()
