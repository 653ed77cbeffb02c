# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles stacks of 64 and of 128 equal layers and compares what LLVM was given."""
import os
import re
import subprocess
import sys

root, binaries, folder, recipe = sys.argv[1:]
sys.path.insert(0, os.path.join(root, "benchmarks"))
import compress_large


def compile_layers(layers):
    model, weight_bytes = compress_large.write_model(folder, layers // 16, width=128)
    tool, library, ir = os.path.join(binaries, "condense"), os.path.join(folder, "l.so"), os.path.join(folder, "l.ll")
    if recipe != "none":
        small = os.path.join(folder, "small.mlirbc")
        subprocess.run([tool, "compress", model, "--recipe", recipe, "-o", small], check=True)
        model, weight_bytes = small, weight_bytes // 4
    subprocess.run([tool, "compile", model, "-o", library, "--emit-llvm", ir], check=True)
    with open(ir) as lines:
        text = lines.read()
    return text, os.path.getsize(library), weight_bytes


(few, _, _), (many, library_bytes, weight_bytes) = compile_layers(64), compile_layers(128)
for text in (few, many):
    functions, longest = len(re.findall("^define", text, re.M)), max(map(len, text.splitlines()))
    print(len(text), "bytes of IR,", functions, "functions, longest line", longest)
    assert functions < 10, "a function for each layer"
    assert longest < 4000, "a constant in LLVM IR"
    assert not re.search(r"\\[0-9A-F]{2}\\[0-9A-F]{2}\\[0-9A-F]{2}\\[0-9A-F]{2}", text), "bytes in LLVM IR"
# what is left for each layer is an allocation and a call
assert len(many) - len(few) < 64 * 1000, (len(few), len(many))
assert weight_bytes <= library_bytes < 1.1 * weight_bytes + 200000, (library_bytes, weight_bytes)
