# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX graphs as functions of JAX, for comparison: only the operators of the models that are measured."""
import jax
import jax.numpy as jnp
import numpy as np
from onnx import helper, numpy_helper


def conv(x, w, b=None, *, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1, **_):
    n = len(pads) // 2
    y = jax.lax.conv_general_dilated(x, w, tuple(strides), list(zip(pads[:n], pads[n:])), rhs_dilation=tuple(dilations),
                                     feature_group_count=group, dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return y if b is None else y + b[:, None, None]


def gemm(a, b, c=0, *, transA=0, transB=0, alpha=1.0, beta=1.0):
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


def batch_norm(x, scale, bias, mean, var, *, epsilon=1e-5, **_):
    along = (slice(None),) + (None,) * (x.ndim - 2)
    return (x - mean[along]) / jnp.sqrt(var[along] + epsilon) * scale[along] + bias[along]


def average_pool(x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), **_):
    padding = [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])]
    add = lambda t: jax.lax.reduce_window(t, 0.0, jax.lax.add, (1, 1, *kernel_shape), (1, 1, *strides), padding)  # noqa: E731
    return add(x) / add(jnp.ones_like(x))


def slice_(x, starts, ends, axes=None, steps=None):
    axes = range(x.ndim) if axes is None else np.asarray(axes)
    index = [slice(None)] * x.ndim
    for i, axis in enumerate(axes):
        step = 1 if steps is None else int(np.asarray(steps)[i])
        index[int(axis)] = slice(int(np.asarray(starts)[i]), int(np.asarray(ends)[i]), step)
    return x[tuple(index)]


OPERATORS = {
    "Conv": conv, "Gemm": gemm, "BatchNormalization": batch_norm, "AveragePool": average_pool, "Slice": slice_,
    "Relu": jax.nn.relu, "Sigmoid": jax.nn.sigmoid, "Sqrt": jnp.sqrt, "Neg": jnp.negative, "Exp": jnp.exp,
    "Add": jnp.add, "Sub": jnp.subtract, "Mul": jnp.multiply, "Div": jnp.divide, "Pow": jnp.power, "MatMul": jnp.matmul,
    "Softmax": lambda x, axis=-1: jax.nn.softmax(x, axis),
    "Transpose": lambda x, perm=None: jnp.transpose(x, perm),
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdims=True),
    "Flatten": lambda x, axis=1: x.reshape(int(np.prod(x.shape[:axis])), -1),
    "Reshape": lambda x, shape: x.reshape([x.shape[i] if n == 0 else int(n) for i, n in enumerate(np.asarray(shape))]),
    "ReduceMean": lambda x, axes=None, keepdims=1: x.mean(tuple(np.asarray(axes)), keepdims=bool(keepdims)),
    "Concat": lambda *xs, axis: jnp.concatenate(xs, axis),
    "Gather": lambda x, i, axis=0: jnp.take(x, i, axis),
}


def is_parameter(value):
    return value.dtype.kind == "f" and value.size > 1


def make_function(model):
    """`f(parameters, x)` for the parameters by name; single numbers and integers are constants."""
    graph = model.graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    first = graph.input[0].name

    def run(parameters, x):
        values = {name: value for name, value in constants.items() if not is_parameter(value)}
        values.update(parameters)
        values[first] = x
        for node in graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            inputs = [values[name] for name in node.input if name]
            if node.op_type == "Constant":
                values[node.output[0]] = numpy_helper.to_array(attributes["value"])
            else:
                values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes)
        return values[graph.output[0].name]

    return run, {name: value for name, value in constants.items() if is_parameter(value)}
