# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command and checks its exit code: expect.py CODE COMMAND...

What it prints on either stream goes to the standard output. A failure must be
one line that starts with 'error: '."""
import subprocess
import sys

result = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
print(result.stdout + result.stderr, end="")
if result.returncode != int(sys.argv[1]):
    sys.exit(f"expected exit code {sys.argv[1]}, found {result.returncode}")
errors = [line for line in result.stderr.splitlines() if not line.startswith("warning: ")]
if result.returncode and (len(errors) != 1 or not errors[0].startswith("error: ")):
    sys.exit(f"expected one line 'error: ...', found {errors}")
