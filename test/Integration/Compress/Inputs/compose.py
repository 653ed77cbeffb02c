# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Applies techniques one after the other to a small network, and executes the result.

compose.py FOLDER SHARD SHARDS: for every ordered pair of techniques that makes sense, and
for some longer sequences: the passes run, compress-verify finds every declared structure,
every technique left its operation in the weights, the compiled model computes what the
reference decomposition does, and what it computes is still close to the original."""
import itertools
import json
import os
import subprocess
import sys

import numpy as np

folder, shard, shards = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(7)


def dense(values):
    bits = np.asarray(values, np.float32).view(np.uint32)

    def text(part):
        return f"0x{int(part):08X}" if part.ndim == 0 else "[" + ", ".join(map(text, part)) + "]"
    return f"dense<{text(bits)}> : tensor<{'x'.join(map(str, bits.shape))}xf32>"


def low_rank(rows, columns, rank):
    """Weights that are nearly of low rank, as trained ones are."""
    factors = rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns)) / np.sqrt(rank)
    return (factors + 0.2 * rng.normal(size=(rows, columns))) / np.sqrt(columns)


# odd sizes: 7x5 images of 3 channels, 6 channels, 37 and 9 features; 37 and 9 divide by nothing
filters, hidden = low_rank(6, 27, 5).reshape(6, 3, 3, 3), low_rank(37, 210, 9)
head, bias = low_rank(9, 37, 7), rng.normal(size=37) / 4
MODEL = f"""
func.func @main(%x: tensor<?x7x5x3xf32> {{nn.name = "x"}}) -> (tensor<?x9xf32> {{nn.name = "y"}}) {{
  %f = arith.constant {dense(filters)}
  %w1 = arith.constant {dense(hidden)}
  %b1 = arith.constant {dense(bias)}
  %w2 = arith.constant {dense(head)}
  %c = nn.conv2d %x, %f {{strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      groups = 1 : i64, layout = #nn.layout<nhwc>}} : (tensor<?x7x5x3xf32>, tensor<6x3x3x3xf32>) -> tensor<?x7x5x6xf32> loc("conv")
  %r = nn.relu %c : tensor<?x7x5x6xf32>
  %v = nn.reshape %r {{shape = array<i64: 0, -1>}} : tensor<?x7x5x6xf32> -> tensor<?x210xf32>
  %h = nn.linear %v, %w1, %b1 : (tensor<?x210xf32>, tensor<37x210xf32>, tensor<37xf32>) -> tensor<?x37xf32> loc("hidden")
  %a = nn.relu %h : tensor<?x37xf32>
  %y = nn.linear %a, %w2 : (tensor<?x37xf32>, tensor<9x37xf32>) -> tensor<?x9xf32> loc("head")
  return %y : tensor<?x9xf32>
}}
"""


def request(scheme):
    return f"compress-annotate{{layers=\"{{conv,hidden}}\" scheme=\"{scheme}\"}}"


class Technique:
    """The request, the pass that honours it, what is then found in the IR, and its place in the order."""

    def __init__(self, stage, scheme, flag, mark, before=()):
        self.stage, self.annotate, self.flag, self.mark = stage, [request(scheme)] if scheme else list(before), flag, mark


TECHNIQUES = {
    "equalize": Technique(0, None, "compress-equalize", "nn.linear"),
    "channels": Technique(1, "#compress.structured_prune<ratio = 0.25 : f64>", "compress-prune-channels", "tensor<?x28xf32>"),
    "factorize": Technique(2, "#compress.factorize<rank = 9>", "compress-factorize-weights", "nn.matmul"),
    "split": Technique(2, "#compress.factorize<rank = 9>", "compress-factorize-weights,compress-split-products", "tensor<?x9xf32>"),
    "prune": Technique(3, "#compress.prune<sparsity = 0.6 : f64>", "compress-prune-weights", "compress.scatter"),
    "2:4": Technique(3, "#compress.prune<n = 2, m = 4>", "compress-prune-weights", "n = 2, m = 4"),
    "blocks": Technique(3, "#compress.prune<sparsity = 0.5 : f64, block = [2, 4]>", "compress-prune-weights", "block = [2, 4]"),
    "int8": Technique(4, "#compress.quantize<storage = i8>", "compress-quantize-weights", "compress.dequantize"),
    "int4": Technique(4, "#compress.quantize<storage = i4, algorithm = mse>", "compress-quantize-weights", "xi4>"),
    "nf4": Technique(4, "#compress.quantize<storage = ui4, block = 0, codebook = [-1.0, -0.6962, -0.5251, -0.3949, -0.2844, "
                        "-0.1848, -0.0911, 0.0, 0.0796, 0.1609, 0.2461, 0.3379, 0.4407, 0.5626, 0.723, 1.0]>",
                     "compress-quantize-weights", "compress.lookup"),
    "cluster": Technique(4, "#compress.cluster<entries = 16>", "compress-cluster-weights", "compress.lookup"),
    "bias": Technique(5, None, "compress-correct-bias", "nn.linear"),
    "activations": Technique(6, None, "compress-apply-ranges{statistics=RANGES},compress-quantize-activations", "compress.quantize ",
                             before=["compress-annotate-activations{layers=\"{conv,hidden}\" storage=ui8}"]),
    "entropy": Technique(7, "#compress.entropy_code<>", "compress-entropy-code", "compress.entropy_decode"),
}


def makes_sense(first, second):
    a, b = TECHNIQUES[first], TECHNIQUES[second]
    return a.stage < b.stage


SEQUENCES = [pair for pair in itertools.permutations(TECHNIQUES, 2) if makes_sense(*pair)]
# against the usual order: what is already quantized is pruned
SEQUENCES += [("int8", "prune"), ("int4", "2:4"), ("int8", "blocks")]
SEQUENCES += [("prune", "cluster", "entropy"), ("2:4", "int8", "activations"), ("prune", "int4", "entropy"),
              ("channels", "split", "prune", "int8", "bias", "activations")]


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout


def path(name):
    return os.path.join(folder, f"{shard}-{name}")


def write_statistics():
    """Ranges and moments as calibration writes them, of inputs as the model has them."""
    ranges = {"conv.input": {"low": -4.0, "high": 4.0}, "hidden.input": {"low": 0.0, "high": 4.0}}
    for part in ("down", "up"):  # of a layer that was split
        ranges[f"conv.{part}.input"] = ranges[f"hidden.{part}.input"] = {"low": -4.0, "high": 4.0}
    with open(path("ranges.json"), "w") as file:
        json.dump({"ranges": ranges}, file)
    tensors, offset, header = {}, 0, {}
    for layer, columns in {"conv": 27, "hidden": 210, "head": 37}.items():
        tensors[f"{layer}.mean"] = rng.uniform(0, 0.5, (1, columns)).astype(np.float32)
        tensors[f"{layer}.absmax"] = np.full((1, columns), 4, np.float32)
        tensors[f"{layer}.count"] = np.full(1, 100, np.float32)
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path("ranges.json.safetensors"), "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(values.tobytes() for values in tensors.values()))


def compose(sequence):
    techniques = [TECHNIQUES[name] for name in sequence]
    passes = [step for technique in techniques for step in technique.annotate]
    if "bias" in sequence:
        passes.append(f"compress-record-means{{statistics={path('ranges.json')}}}")
    passes += [technique.flag.replace("RANGES", path("ranges.json")) for technique in techniques]
    pipeline = "builtin.module(" + ",".join(passes + ["compress-verify"]) + ")"
    out = run("condense-opt", path("model.mlir"), f"--pass-pipeline={pipeline}")
    for name, technique in zip(sequence, techniques):
        if technique.mark not in out:
            sys.exit(f"{'+'.join(sequence)}: {name} left no '{technique.mark}'\n{pipeline}")
    with open(path("out.mlir"), "w") as file:
        file.write(out)
    run("condense-opt", path("out.mlir"), "--convert-compress-to-linalg", "-o", path("reference.mlir"))
    errors = {}
    for against in ("reference", "model"):
        text = run("condense", "eval", path("out.mlir"), "--compare", path(against + ".mlir"), "--inputs", path("x.npy"), "--json")
        errors[against] = json.loads(text)
    if errors["reference"]["cosine"] < 0.99999 or errors["model"]["cosine"] < 0.7:
        sys.exit(f"{'+'.join(sequence)}: {errors}\n{pipeline}")
    return errors["model"]["cosine"]


with open(path("model.mlir"), "w") as file:
    file.write(MODEL)
np.save(path("x.npy"), rng.normal(size=(5, 7, 5, 3)).astype(np.float32))
write_statistics()
mine = SEQUENCES[shard::shards]
for sequence in mine:
    print(f"{'+'.join(sequence)}: cosine to the original {compose(sequence):.4f}", flush=True)
print(f"{len(mine)} sequences hold")
