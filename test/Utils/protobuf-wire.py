# The reader that the test scripts use round-trips a model and finds its inputs and outputs.
# RUN: env PYTHONPATH=%src_root/utils python3 -B %s %src_root/models/digits/digits.onnx | FileCheck %s
# CHECK: {{^}}[('input', 1)] [('logits', 1)] True
import sys

import protobuf_wire as wire

with open(sys.argv[1], "rb") as file:
    model = file.read()
print(wire.graph_values(model, wire.GRAPH_INPUT), wire.graph_values(model, wire.GRAPH_OUTPUT),
      wire.encode(wire.decode(model)) == model)
