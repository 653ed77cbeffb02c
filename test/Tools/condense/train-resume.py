# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A training that is killed ten times at random moments, and resumed each time, ends with the bytes of one that was not;
# so does one with another number of threads. A checkpoint of another training, or a damaged one, is refused.
#
# REQUIRES: numpy
# RUN: rm -rf %t && mkdir %t && python3 %inputs/samples.py %t && python3 %s %inputs/classifier.mlir %t | FileCheck %s
# CHECK: 1 and 2 threads: equal
# CHECK: 10 kills: equal
# CHECK: another seed: {{.*}}: the checkpoint is of another training: model, recipe, data, seed or options differ
# CHECK: damaged: error: {{.*}}checkpoint:
# CHECK: nothing else is left
import pathlib
import random
import signal
import subprocess
import sys
import time

model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
output, checkpoint = folder / "out.mlirbc", folder / "out.mlirbc.checkpoint"
(folder / "r.yaml").write_text("- train: {batch: 8, optimizer: adamw, learning_rate: 0.02, schedule: cosine, epochs: 150}\n")
command = ["condense", "train", model, "--initialize", "--recipe", folder / "r.yaml", "--data", folder / "x.npy",
           "--labels", folder / "y.npy", "--validation-split", "0.2", "--checkpoint-seconds", "0", "-o", output]


def train(*options):
    return subprocess.run([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check(result):
    if result.returncode:
        sys.exit(result.stderr)
    return output.read_bytes()


expected = check(train("--threads", "1"))
print("1 and 2 threads:", "equal" if check(train("--threads", "2")) == expected else "different")


def get_time():
    try:
        return checkpoint.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


random.seed(3)
output.unlink()
kills = resumed = runs = 0
while kills < 10 and runs < 100:
    runs += 1
    before = get_time()
    process = subprocess.Popen([*command, "--resume"], stdout=subprocess.PIPE, text=True)
    # some while they start or compile, most while they train and write
    while kills % 4 != 3 and process.poll() is None and get_time() == before:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    resumed += "resumed" in process.communicate()[0]
    # a machine may be fast enough to finish before
    kills += process.returncode == -signal.SIGKILL
if not resumed:
    sys.exit("no run was resumed")
print(kills, "kills:", "equal" if check(train("--resume")) == expected else "different")

process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
while not checkpoint.exists() and process.poll() is None:
    time.sleep(0.01)
process.kill()
process.wait()
result = train("--resume", "--seed", "1")
print("another seed:", result.returncode, result.stderr.strip())
checkpoint.write_bytes(b"\x10" + checkpoint.read_bytes()[1:])
print("damaged:", train("--resume").stderr.strip())
if check(train()) != expected:
    sys.exit("started anew with another result")
# a killed process cannot remove what it writes aside, but the next one does
left = [p.name for p in folder.iterdir() if p.suffix not in (".npy", ".yaml", ".mlirbc")]
print("nothing else is left" if not left else left)
