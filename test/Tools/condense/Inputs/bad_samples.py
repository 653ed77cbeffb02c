# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""bad_samples.py FOLDER: variants of its x.npy and y.npy that training refuses, and recipes."""
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
nan, label, numbers = x.copy(), y.copy(), x[:, :3].copy()
nan[1, 2], label[3] = np.nan, 5
np.save(folder / "nan.npy", nan)
np.save(folder / "class.npy", label)
np.save(folder / "short.npy", y[:7])
np.save(folder / "columns.npy", np.stack([y, y], 1))
np.save(folder / "wide.npy", np.zeros((101, 5), np.float32))
np.save(folder / "empty.npy", x[:0])
np.save(folder / "x3.npy", x[:, :3])
np.save(folder / "z.npy", numbers)
numbers[2, 1] = np.nan
np.save(folder / "nanlabel.npy", numbers)
(folder / "distill.yaml").write_text("- train: {distill: {temperature: 2}}\n")
(folder / "mse.yaml").write_text("- train: {loss: mse}\n")
(folder / "wild.yaml").write_text("- train: {epochs: 50, learning_rate: 1000000, batch: 5}\n")
