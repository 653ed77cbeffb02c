# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""interrupt.py MODEL FOLDER: ends condense with SIGTERM and SIGINT at various times
while it replaces a file."""
import os
import signal
import subprocess
import sys
import time

model, folder = sys.argv[1:]
output = os.path.join(folder, "out.mlirbc")
command = ["condense", "import", model, "-o", output]
subprocess.run(command, check=True)
good = open(output, "rb").read()
for i in range(12):
    with open(output, "wb") as file:
        file.write(b"old")
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    time.sleep(0.006 * i)
    process.send_signal(signal.SIGTERM if i % 2 else signal.SIGINT)
    code = process.wait()
    time.sleep(0.05)
    if code not in (0, -signal.SIGTERM, -signal.SIGINT):
        sys.exit(f"run {i}: exit code {code}")
    if open(output, "rb").read() not in (b"old", good) or os.listdir(folder) != ["out.mlirbc"]:
        sys.exit(f"run {i}: {os.listdir(folder)}")
print("12 runs: old or new output every time, nothing else left")
