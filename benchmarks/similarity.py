#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How near a compiled encoder's embeddings are to those that onnxruntime computes in f32.

usage: similarity.py LIBRARY FOLDER

FOLDER is what benchmarks/minilm.py wrote. Each of its 200 sentences is run alone, without padding. Prints the cosine
between both embeddings of a sentence (least, mean), and the largest difference between the similarities of two
sentences.
"""
import os
import sys

import numpy
import onnxruntime

from harness import condense


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    library, folder = sys.argv[1:]
    session = onnxruntime.InferenceSession(os.path.join(folder, "minilm.onnx"), providers=["CPUExecutionProvider"])
    tokens = numpy.load(os.path.join(folder, "sentences.npz"))
    ours, theirs = [], []
    for ids, mask in zip(tokens["input_ids"], tokens["attention_mask"]):
        ids = numpy.ascontiguousarray(ids[None, mask > 0])
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        theirs.append(session.run(["sentence_embedding"], inputs)[0][0])
        ours.append(condense.CompiledModel(os.path.abspath(library), list(inputs.values())).run()[1][0])
    ours, theirs = numpy.array(ours, numpy.float64), numpy.array(theirs, numpy.float64)
    cosines = (ours * theirs).sum(1) / numpy.linalg.norm(ours, axis=1) / numpy.linalg.norm(theirs, axis=1)
    difference = numpy.abs(ours @ ours.T - theirs @ theirs.T).max()
    print(f"{len(cosines)} sentences: cosine to f32 at least {cosines.min():.5f}, {cosines.mean():.5f} in the mean; "
          f"similarities of two sentences differ by at most {difference:.4f}")


if __name__ == "__main__":
    main()
