# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""residual_chain.py N: prints a function of N residual additions with a dynamic batch."""
import sys

count = int(sys.argv[1])
kind = "tensor<?x4xf32>"
print(f"func.func @main(%x0: {kind}) -> {kind} {{")
for i in range(count):
    print(f"  %r{i} = nn.relu %x{i} : {kind}")
    print(f"  %x{i + 1} = nn.add %x{i}, %r{i} : ({kind}, {kind}) -> {kind}")
print(f"  return %x{count} : {kind}\n}}")
