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

# nohup and the background jobs of a script start programs that ignore a signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    for i in range(8):
        with open(output, "wb") as file:
            file.write(b"old")
        process = subprocess.Popen(command, preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
        while process.poll() is None:
            process.send_signal(number)
            time.sleep(0.001)
        if process.wait() != 0 or open(output, "rb").read() != good or os.listdir(folder) != ["out.mlirbc"]:
            sys.exit(f"{number!r} was ignored: exit code {process.wait()}, {os.listdir(folder)}")
print("an ignored signal stays ignored")
