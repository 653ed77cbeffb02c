# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A network with the shapes of ResNet-18 (He et al. 2016) and random weights, as PyTorch exports it: NCHW, 224x224,
batch normalisation folded into the convolutions. Its time does not depend on values; they are scaled so that
activations keep their magnitude, as calibration needs."""
import numpy

SHAPE = (1, 3, 224, 224)
STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))  # channels, stride of the first block


class Builder:
    def __init__(self):
        import onnx
        self.onnx, self.random = onnx, numpy.random.default_rng(18)
        self.nodes, self.constants = [], []

    def constant(self, array, name):
        self.constants.append(self.onnx.numpy_helper.from_array(array.astype(numpy.float32), name))
        return name

    def node(self, op, inputs, **attributes):
        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def weight(self, name, shape, gain):
        spread = numpy.sqrt(gain / numpy.prod(shape[1:]))
        return [self.constant(self.random.normal(0, spread, shape), name + ".weight"),
                self.constant(self.random.normal(0, 0.1, shape[0]), name + ".bias")]

    def convolution(self, x, name, channels, outputs, kernel, stride, gain=2.0):
        pad = kernel // 2
        return self.node("Conv", [x] + self.weight(name, (outputs, channels, kernel, kernel), gain),
                         kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4)

    def block(self, x, name, channels, outputs, stride):
        """Two convolutions and a way around them; each branch gets half of the variance."""
        y = self.node("Relu", [self.convolution(x, name + ".conv1", channels, outputs, 3, stride)])
        y = self.convolution(y, name + ".conv2", outputs, outputs, 3, 1, gain=1.0)
        if stride != 1:
            x = self.convolution(x, name + ".downsample", channels, outputs, 1, stride, gain=1.0)
        return self.node("Relu", [self.node("Add", [y, x])])

    def network(self):
        x = self.node("Relu", [self.convolution("x", "conv1", 3, 64, 7, 2)])
        x = self.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        channels = 64
        for stage, (outputs, stride) in enumerate(STAGES):
            x = self.block(x, f"layer{stage + 1}.0", channels, outputs, stride)
            x = self.block(x, f"layer{stage + 1}.1", outputs, outputs, 1)
            channels = outputs
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x])])
        return self.node("Gemm", [x] + self.weight("fc", (1000, channels), 1.0), transB=1)

    def model(self):
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        y = self.network()
        graph = helper.make_graph(self.nodes, "resnet18", [helper.make_tensor_value_info("x", kind, SHAPE)],
                                  [helper.make_tensor_value_info(y, kind, (1, 1000))], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def write(path):
    builder = Builder()
    builder.onnx.save(builder.model(), path)


def samples(count):
    """Images with neighbouring pixels alike, of mean 0 and variance 1."""
    random = numpy.random.default_rng(224)
    coarse = random.standard_normal((count, 3, 28, 28), numpy.float32)
    return numpy.repeat(numpy.repeat(coarse, 8, axis=2), 8, axis=3)
