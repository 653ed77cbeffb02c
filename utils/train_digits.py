#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the model that the repository carries: a small CNN on handwritten digits.

The data is scikit-learn's `load_digits` (1797 images of 8x8, values 0..16), split by
`train_test_split(test_size=0.25, random_state=0, stratify=labels)`. The network is

    conv 3x3x32 - relu - conv 3x3x48 - relu - maxpool 2x2 - dense 64 - relu - dense 10

trained in plain numpy with Adam; forward and backward passes are written out below. The
result goes to models/digits: the model in ONNX, the test split, and 200 training images
for calibration. Needs numpy, scikit-learn, onnx and onnxruntime (the last to check that
the exported file computes what was trained).
"""
import argparse
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0
SCALE = 16.0  # The largest pixel value: the input of the network is image / SCALE.
CHANNELS = (1, 32, 48)
HIDDEN = 64
CLASSES = 10
CALIBRATION_IMAGES = 200


def init_parameters(rng):
    """He initialisation. Convolutions are [out, in, 3, 3], dense layers [out, in]."""
    flat = CHANNELS[2] * 4 * 4
    shapes = {
        "conv1": (CHANNELS[1], CHANNELS[0], 3, 3),
        "conv2": (CHANNELS[2], CHANNELS[1], 3, 3),
        "fc1": (HIDDEN, flat),
        "fc2": (CLASSES, HIDDEN),
    }
    params = {}
    for name, shape in shapes.items():
        fan_in = int(np.prod(shape[1:]))
        weight = rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)
        params[name + ".weight"] = weight.astype(np.float32)
        params[name + ".bias"] = np.zeros(shape[0], np.float32)
    return params


def patches(x):
    """[n, c, h, w] -> [n, h, w, c * 9]: the 3x3 neighbourhood of each pixel, zero padded."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    n, c, h, w = x.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, w, c * 9)


def conv(x, weight, bias):
    """Returns the output [n, out, h, w] and the patches that the backward pass needs."""
    cols = patches(x)
    out = cols @ weight.reshape(weight.shape[0], -1).T + bias
    return out.transpose(0, 3, 1, 2), cols


def conv_backward(grad, cols, weight):
    """Gradients with respect to input, weight and bias."""
    out_channels = weight.shape[0]
    flat = grad.transpose(0, 2, 3, 1).reshape(-1, out_channels)
    grad_weight = (flat.T @ cols.reshape(flat.shape[0], -1)).reshape(weight.shape)
    # The gradient of the input is the convolution with the flipped, transposed kernel.
    flipped = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    grad_input, _ = conv(grad, flipped, np.float32(0))
    return grad_input, grad_weight, flat.sum(0)


def max_pool(x):
    """2x2 maximum and the mask of the elements that were the maximum."""
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
    out = blocks.max((3, 5))
    return out, blocks == out[:, :, :, None, :, None]


def forward(params, x):
    """Returns the logits and every intermediate value that the backward pass reads."""
    a1, cols1 = conv(x, params["conv1.weight"], params["conv1.bias"])
    r1 = np.maximum(a1, 0)
    a2, cols2 = conv(r1, params["conv2.weight"], params["conv2.bias"])
    pooled, mask = max_pool(np.maximum(a2, 0))
    flat = pooled.reshape(len(x), -1)
    a3 = flat @ params["fc1.weight"].T + params["fc1.bias"]
    r3 = np.maximum(a3, 0)
    logits = r3 @ params["fc2.weight"].T + params["fc2.bias"]
    return logits, (a1, cols1, a2, cols2, pooled, mask, flat, a3, r3)


def backward(params, saved, grad_logits):
    a1, cols1, a2, cols2, pooled, mask, flat, a3, r3 = saved
    grads = {"fc2.weight": grad_logits.T @ r3, "fc2.bias": grad_logits.sum(0)}
    grad = (grad_logits @ params["fc2.weight"]) * (a3 > 0)
    grads["fc1.weight"], grads["fc1.bias"] = grad.T @ flat, grad.sum(0)
    grad = (grad @ params["fc1.weight"]).reshape(pooled.shape)
    grad = (mask * grad[:, :, :, None, :, None]).reshape(a2.shape) * (a2 > 0)
    grad, grads["conv2.weight"], grads["conv2.bias"] = conv_backward(
        grad, cols2, params["conv2.weight"])
    _, grads["conv1.weight"], grads["conv1.bias"] = conv_backward(
        grad * (a1 > 0), cols1, params["conv1.weight"])
    return grads


def softmax_gradient(logits, labels):
    """d(mean cross entropy)/d(logits)."""
    e = np.exp(logits - logits.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


def shifted(rng, x):
    """Moves each image by at most one pixel in each direction: the only augmentation."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.empty_like(x)
    for i, (dy, dx) in enumerate(rng.integers(0, 3, (len(x), 2))):
        out[i] = padded[i, :, dy:dy + 8, dx:dx + 8]
    return out


def train(x, labels, epochs, batch=64, rate=2e-3, decay=1e-4):
    """AdamW with a cosine schedule."""
    rng = np.random.default_rng(SEED)
    params = init_parameters(rng)
    first = {k: np.zeros_like(v) for k, v in params.items()}
    second = {k: np.zeros_like(v) for k, v in params.items()}
    step, steps = 0, epochs * (len(x) // batch)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            idx = order[start:start + batch]
            logits, saved = forward(params, shifted(rng, x[idx]))
            grads = backward(params, saved, softmax_gradient(logits, labels[idx]))
            step += 1
            lr = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for k, g in grads.items():
                first[k] = 0.9 * first[k] + 0.1 * g
                second[k] = 0.999 * second[k] + 0.001 * g * g
                m = first[k] / (1 - 0.9**step)
                v = second[k] / (1 - 0.999**step)
                update = m / (np.sqrt(v) + 1e-8) + decay * params[k]
                params[k] = (params[k] - lr * update).astype(np.float32)
    return params


def export(params, path):
    """Writes the network as ONNX, opset 17, with a dynamic batch dimension N."""
    def weights(name):
        return [name + ".weight", name + ".bias"]

    nodes = [
        helper.make_node("Conv", ["input"] + weights("conv1"), ["conv1_out"], name="conv1",
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv1_out"], ["relu1_out"], name="relu1"),
        helper.make_node("Conv", ["relu1_out"] + weights("conv2"), ["conv2_out"], name="conv2",
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv2_out"], ["relu2_out"], name="relu2"),
        helper.make_node("MaxPool", ["relu2_out"], ["pool_out"], name="pool",
                         kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool_out"], ["flat_out"], name="flatten", axis=1),
        helper.make_node("Gemm", ["flat_out"] + weights("fc1"), ["fc1_out"], name="fc1", transB=1),
        helper.make_node("Relu", ["fc1_out"], ["relu3_out"], name="relu3"),
        helper.make_node("Gemm", ["relu3_out"] + weights("fc2"), ["logits"], name="fc2", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES])],
        [numpy_helper.from_array(v, k) for k, v in params.items()])
    model = helper.make_model(graph, producer_name="condense-train-digits",
                              opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8  # The version that belongs to opset 17.
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=pathlib.Path, default=root / "models" / "digits")
    parser.add_argument("--epochs", type=int, default=60)
    args = parser.parse_args()

    digits = load_digits()
    images, labels = digits.images.astype(np.uint8), digits.target.astype(np.int64)
    train_x, test_x, train_y, test_y = train_test_split(
        images, labels, test_size=0.25, random_state=0, stratify=labels)

    def as_input(x):
        return (x[:, None] / SCALE).astype(np.float32)

    params = train(as_input(train_x), train_y, args.epochs)
    args.output.mkdir(parents=True, exist_ok=True)
    model = args.output / "digits.onnx"
    export(params, model)
    np.save(args.output / "test_inputs.npy", test_x)
    np.save(args.output / "test_labels.npy", test_y)
    np.save(args.output / "calib_inputs.npy", train_x[:CALIBRATION_IMAGES])

    trained, _ = forward(params, as_input(test_x))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    exported = session.run(None, {"input": as_input(test_x)})[0]
    correct = int((exported.argmax(1) == test_y).sum())
    print(f"test accuracy: {correct / len(test_y):.4f} ({correct}/{len(test_y)})")
    print(f"largest difference between training code and ONNX: {abs(trained - exported).max():.2e}")
    print(f"model: {model.stat().st_size} bytes")


if __name__ == "__main__":
    main()
