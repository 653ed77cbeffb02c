# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The other contenders. Each is optional: what is not installed, or cannot do a kernel, is left out.

onnxruntime and openvino run the same ONNX graph of one node, weights constant
so that they can pack them. They are called through Python; what an empty call
costs is measured and taken off (in their favour). oneDNN and ggml are called
in a loop in C. All of them get x and y of the plain layout, and pack or
quantize activations themselves.
"""
import ctypes

import numpy

from harness import kernels, timing


def loop(function, overhead=0.0):
    """Mean seconds of `count` calls, less what an empty one costs."""
    def run(count):
        for _ in range(count):
            function()
    return timing.timed(run, overhead)


def check(seconds):
    """What the loops in C return is negative after an error."""
    if seconds < 0:
        raise RuntimeError("failed while running")


class Graph:
    """An ONNX model of f32 output y under construction."""

    def __init__(self, onnx):
        self.onnx, self.helper, self.nodes, self.constants = onnx, onnx.helper, [], []

    def constant(self, array, name):
        self.constants.append(self.onnx.numpy_helper.from_array(numpy.ascontiguousarray(array), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(self.helper.make_node(op, inputs, [output], **attributes))
        return output

    def model(self, x, shape):
        helper, types = self.helper, self.onnx.helper.np_dtype_to_tensor_dtype
        graph = helper.make_graph(self.nodes, "kernel", [helper.make_tensor_value_info("x", types(x.dtype), x.shape)],
                                  [helper.make_tensor_value_info("y", self.onnx.TensorProto.FLOAT, shape)],
                                  self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def kernel_graph(onnx, kernel, accuracy_level=4):
    """The kernel as ONNX, or None where ONNX has no such thing."""
    graph, data, scheme = Graph(onnx), kernel.data, kernel.weights
    if scheme.startswith("f32"):
        # A sparse weight is a dense one to them.
        graph.node("MatMul", ["x", graph.constant(data["w"].T, "w")], "y")
    elif scheme.startswith("u8s8") or scheme in ("s8s8", "w8"):
        codes, scales = graph.constant(data["codes"].T, "codes"), graph.constant(data["scales"][:, 0], "scales")
        zeros = graph.constant(numpy.zeros(kernel.n, numpy.int8), "zeros")
        weight = graph.node("DequantizeLinear", [codes, scales, zeros], "w", axis=1)
        x = "x"
        if kernel.input != "f32":
            one, zero = graph.constant(numpy.float32(1), "one"), graph.constant(numpy.zeros((), kernel.x.dtype), "zero")
            x = graph.node("DequantizeLinear", ["x", one, zero], "xf")
        graph.node("MatMul", [x, weight], "y")
    elif scheme in ("int4-32", "int4-32-two-level", "int4-128", "int2"):
        bits, block, n, k = kernel.bits, kernel.block, kernel.n, kernel.k
        unsigned = data["codes"].astype(numpy.int16) + (1 << (bits - 1))
        packed = kernels.pack(unsigned, bits).reshape(n, k // block, block * bits // 8)
        scales = data["scales"].astype(numpy.float32).reshape(-1)
        graph.node("MatMulNBits", ["x", graph.constant(packed, "codes"), graph.constant(scales, "scales")], "y",
                   domain="com.microsoft", K=k, N=n, bits=bits, block_size=block, accuracy_level=accuracy_level)
    else:
        return None
    return graph.model(kernel.x, (kernel.m, kernel.n))


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, threads):
        import onnx
        import onnxruntime
        self.onnx, self.runtime, self.threads = onnx, onnxruntime, threads
        self.version, self.overhead = onnxruntime.__version__, 0.0
        tiny = Graph(onnx)
        tiny.node("Identity", ["x"], "y")
        x = numpy.zeros((1, 1), numpy.float32)
        run, _ = self.bind(tiny.model(x, (1, 1)), {"x": x})
        self.overhead = min(run(200) for _ in range(20))

    def session(self, model):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.log_severity_level = 4
        return self.runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def bind(self, model, arrays):
        """A model (bytes or file) with its inputs bound: (seconds of count runs, outputs of one run)."""
        session = self.session(model)
        binding = session.io_binding()
        for entry in session.get_inputs():
            binding.bind_ortvalue_input(entry.name, self.runtime.OrtValue.ortvalue_from_numpy(arrays[entry.name]))
        for entry in session.get_outputs():
            binding.bind_output(entry.name, "cpu")
        run = loop(lambda: session.run_with_iobinding(binding), self.overhead)
        return run, lambda: (session.run_with_iobinding(binding), binding.copy_outputs_to_cpu())[1]

    def kernel(self, kernel):
        model = kernel_graph(self.onnx, kernel)
        return self.bind(model, {"x": kernel.x}) if model else None

    def model(self, path, arrays):
        return self.bind(path, arrays)


class OpenVINO:
    name = "openvino"

    def __init__(self, threads):
        import onnx
        import openvino
        self.onnx, self.openvino, self.core = onnx, openvino, openvino.Core()
        self.version = openvino.get_version().split("-")[0]
        self.config = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
                       "PERFORMANCE_HINT": "LATENCY"}
        self.overhead = 0.0
        tiny = Graph(onnx)
        tiny.node("Relu", ["x"], "y")
        x = numpy.zeros((1, 1), numpy.float32)
        run, _ = self.bind(tiny.model(x, (1, 1)), {"x": x})
        self.overhead = min(run(200) for _ in range(20))

    def bind(self, model, arrays):
        read = self.core.read_model(model)
        read.reshape({name: list(array.shape) for name, array in arrays.items()})
        request = self.core.compile_model(read, "CPU", self.config).create_infer_request()
        for name, array in arrays.items():
            request.set_tensor(name, self.openvino.Tensor(array, shared_memory=True))
        outputs = lambda: (request.infer(), [t.data.copy() for t in request.output_tensors])[1]
        return loop(request.infer, self.overhead), outputs

    def kernel(self, kernel):
        if kernel.k % kernel.block and kernel.bits < 8:
            return None
        model = kernel_graph(self.onnx, kernel)
        return self.bind(model, {"x": kernel.x}) if model else None

    def model(self, path, arrays):
        return self.bind(path, arrays)


class OneDNN:
    """libCondenseBenchOneDNN.so (benchmarks/peers/OneDNN.cpp)."""
    name = "onednn"

    def __init__(self, path):
        self.library = library = ctypes.CDLL(path)
        library.condense_bench_onednn_create.restype = ctypes.c_void_p
        library.condense_bench_onednn_run.restype = ctypes.c_double
        number = library.condense_bench_onednn_version()
        self.version = f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"

    def kernel(self, kernel):
        data = kernel.data
        if kernel.weights.startswith("f32"):
            weight, scales = data["w"], None
        elif kernel.input != "f32":
            weight, scales = data["codes"], data["scales"]
        else:
            return None
        handle = self.library.condense_bench_onednn_create(
            kernel.input.encode(), *map(ctypes.c_int64, (kernel.m, kernel.n, kernel.k)),
            ctypes.c_void_p(weight.ctypes.data), ctypes.c_void_p(scales.ctypes.data) if scales is not None else None)
        if not handle:
            raise RuntimeError("oneDNN has no such primitive")
        y = numpy.empty((kernel.m, kernel.n), numpy.float32)

        def run(count):
            check(self.library.condense_bench_onednn_run(
                ctypes.c_void_p(handle), ctypes.c_void_p(kernel.x.ctypes.data), ctypes.c_void_p(y.ctypes.data),
                ctypes.c_int64(count)))
        return timing.timed(run), lambda: (run(1), [y])[1]


class Ggml:
    """libCondenseBenchGgml.so (benchmarks/peers/Ggml.cpp): weights in its own formats, repacked."""
    name = "ggml"

    def __init__(self, path, threads):
        self.library, self.threads = ctypes.CDLL(path), threads
        self.library.condense_bench_ggml_create.restype = ctypes.c_void_p
        self.library.condense_bench_ggml_run.restype = ctypes.c_double
        self.library.condense_bench_ggml_version.restype = ctypes.c_char_p
        self.version = self.library.condense_bench_ggml_version().decode()

    def kernel(self, kernel):
        type_name = {"int4-32": "q4_0", "int4-32-two-level": "q4_0", "int2": "q2_K", "w8": "q8_0", "int4-128": "q4_K"}.get(kernel.weights)
        if not type_name or (type_name.endswith("_K") and kernel.k % 256):
            return None
        weight = numpy.ascontiguousarray(kernel.weight())
        handle = self.library.condense_bench_ggml_create(
            type_name.encode(), *map(ctypes.c_int64, (kernel.m, kernel.n, kernel.k)),
            ctypes.c_void_p(weight.ctypes.data), ctypes.c_void_p(kernel.x.ctypes.data), self.threads)
        if not handle:
            raise RuntimeError(f"ggml cannot multiply {type_name} here")
        y = numpy.empty((kernel.m, kernel.n), numpy.float32)

        def run(count):
            check(self.library.condense_bench_ggml_run(ctypes.c_void_p(handle), ctypes.c_void_p(y.ctypes.data),
                                                       ctypes.c_int64(count)))
        return timing.timed(run), lambda: (run(1), [y])[1]


def load(names, threads, find):
    """The peers of `names` that are there, and why the others are not. `find`: path of a library, or None."""
    makers = {"onnxruntime": lambda: OnnxRuntime(threads), "openvino": lambda: OpenVINO(threads),
              "onednn": lambda: OneDNN(find("libCondenseBenchOneDNN.so")),
              "ggml": lambda: Ggml(find("libCondenseBenchGgml.so"), threads)}
    peers, missing = [], {}
    for name in names:
        try:
            if name in ("onednn", "ggml") and not find({"onednn": "libCondenseBenchOneDNN.so",
                                                         "ggml": "libCondenseBenchGgml.so"}[name]):
                raise OSError("its library is not built (benchmarks/setup.sh)")
            peers.append(makers[name]())
        except (ImportError, OSError, RuntimeError) as error:
            missing[name] = str(error).splitlines()[0]
    return peers, missing
