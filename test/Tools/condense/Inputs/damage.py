# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""damage.py FILE SCRATCH N: N flipped bytes and N truncations of FILE at evenly
spread places; condense must refuse each with code 1."""
import subprocess
import sys

data = open(sys.argv[1], "rb").read()
count = int(sys.argv[3])
refused = 0
for i in range(2 * count):
    place = (i % count) * len(data) // count
    damaged = data[:place] if i < count else data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1:]
    with open(sys.argv[2], "wb") as file:
        file.write(damaged)
    refused += subprocess.run(["condense", "inspect", sys.argv[2]], stderr=subprocess.DEVNULL).returncode == 1
print(f"{refused} of {2 * count} damaged files refused")
