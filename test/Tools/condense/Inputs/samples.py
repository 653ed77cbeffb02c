# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""samples.py FOLDER [COUNT]: x.npy with four features of each sample, y.npy with its class, the largest of three."""
import pathlib
import sys

import numpy as np

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 101
x = np.random.default_rng(5).normal(size=(count, 4)).astype(np.float32)
np.save(folder / "x.npy", x)
np.save(folder / "y.npy", x[:, :3].argmax(1))
