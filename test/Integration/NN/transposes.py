# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Transposes of matrices and images are executed at sizes around those of vectors and compared with numpy.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %s %t | FileCheck %s
# CHECK: 10 transposes agree
import pathlib
import subprocess
import sys

import numpy as np

CASES = [((1, 8), (1, 0)), ((8, 33), (1, 0)), ((17, 16), (1, 0)), ((100, 15), (1, 0)), ((32, 32), (1, 0)),
         ((2, 17, 9), (0, 2, 1)), ((3, 9, 33), (2, 0, 1)), ((2, 8, 3, 17), (0, 3, 2, 1)), ((1, 33, 1, 9), (3, 2, 0, 1)),
         ((11, 2, 8), (2, 1, 0))]
scratch = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(2)
tensor = lambda shape: f"tensor<{'x'.join(map(str, shape))}xf32>"  # noqa: E731
arguments, results, lines, paths = [], [], [], []
for number, (shape, order) in enumerate(CASES):
    result = tensor([shape[dim] for dim in order])
    arguments.append(f"%x{number}: tensor<?x{'x'.join(map(str, shape[1:]))}xf32>")
    dynamic = tensor(["?" if dim == 0 else shape[dim] for dim in order])
    results.append(dynamic)
    lines.append(f"  %y{number} = nn.transpose %x{number} {{permutation = array<i64: {', '.join(map(str, order))}>}} : "
                 f"{arguments[-1].split(': ')[1]} -> {dynamic}")
    paths.append(scratch / f"x{number}.npy")
    np.save(paths[-1], rng.normal(size=shape).astype(np.float32))
(scratch / "m.mlir").write_text(
    f"func.func @main({', '.join(arguments)}) -> ({', '.join(results)}) {{\n" + "\n".join(lines) +
    f"\n  return {', '.join(f'%y{n}' for n in range(len(CASES)))} : {', '.join(results)}\n}}\n")
for target in ("host", "x86-64-v3"):
    library = scratch / f"{target}.so"
    subprocess.run(["condense", "compile", scratch / "m.mlir", "-o", library, "--target", target], check=True)
    subprocess.run(["condense", "run", library, "--input", *paths, "--output-dir", scratch / target], check=True,
                   stdout=subprocess.DEVNULL)
    outputs = sorted((scratch / target).glob("*.npy"), key=lambda path: int("".join(filter(str.isdigit, path.stem))))
    for path, source, (_, order) in zip(outputs, paths, CASES, strict=True):
        assert np.array_equal(np.load(path), np.load(source).transpose(order)), (target, path, order)
print(len(CASES), "transposes agree")
