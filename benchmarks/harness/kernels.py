# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The products that are measured: y[M, N] = x[M, K] * w[N, K]^T with w stored in some scheme.

A kernel knows its data, its module for Condense and its exact result. The
weights are written as a weight expression of compressed constants, so no
technique runs here: codes are random, their time does not depend on values.
"""
import dataclasses
import functools

import numpy

NF4 = numpy.array([-1.0, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.09105004, 0.0,
                   0.0795803, 0.1609302, 0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1.0], numpy.float32)


def pack(codes, bits):
    """Codes in the order of compress.unpack: element i in bits i * b ..., least significant first."""
    unsigned = codes.reshape(-1).astype(numpy.uint8) & ((1 << bits) - 1)
    if bits == 8:
        return unsigned
    if bits in (2, 4):
        per_byte = 8 // bits
        padded = numpy.pad(unsigned, (0, -len(unsigned) % per_byte)).reshape(-1, per_byte)
        return numpy.bitwise_or.reduce(padded << (numpy.arange(per_byte, dtype=numpy.uint8) * bits), axis=1)
    planes = (unsigned[:, None] >> numpy.arange(bits, dtype=numpy.uint8)) & 1
    return numpy.packbits(planes.reshape(-1), bitorder="little")


def mlir_type(array):
    name = {"float32": "f32", "float16": "f16", "uint8": "ui8", "int8": "i8", "int32": "i32"}[array.dtype.name]
    return "x".join([str(d) for d in array.shape] + [name])


class Module:
    """The text of a module under construction; constants become resources."""

    def __init__(self, kernel):
        self.kernel, self.lines, self.resources = kernel, [], {}

    def quantize(self, x, shape):
        """x in 8 bits with a scale per row, as compress-quantize-activations writes it: its name and type."""
        (m, k), scales = shape, f"tensor<{shape[0]}x1xf32>"
        self.lines.append("%step = arith.constant dense<0.007874016> : tensor<f32>")
        self.lines.append(f"%magnitudes = nn.abs {x[0]} : {x[1]}")
        self.lines.append(f"%most = nn.reduce_max %magnitudes {{axes = array<i64: 1>, keep_dims}} : {x[1]} -> {scales}")
        self.lines.append("%least = arith.constant dense<0x00800000> : tensor<f32>")
        step = self.op("steps", scales, "nn.mul", [("%most", scales), ("%step", "tensor<f32>")])
        step = self.op("sx", scales, "nn.max", [step, ("%least", "tensor<f32>")])
        codes = self.op("qx", f"tensor<{m}x{k}xi8>", "compress.quantize", [x, step], " {compress.fits}")
        return self.op("xq", x[1], "compress.dequantize", [codes, step])

    def constant(self, array, name):
        array = numpy.ascontiguousarray(array)
        self.resources[name] = array
        self.lines.append(f"%{name} = arith.constant dense_resource<{name}> : tensor<{mlir_type(array)}>")
        return f"%{name}", f"tensor<{mlir_type(array)}>"

    def op(self, name, result_type, op, operands, attributes=""):
        values = ", ".join(v for v, _ in operands)
        types = ", ".join(t for _, t in operands)
        self.lines.append(f"%{name} = {op} {values}{attributes} : ({types}) -> {result_type}")
        return f"%{name}", result_type

    def lookup(self, codes, codebook, type, rounded):
        """Where activations are quantized, entries are integers, as compress-round-codebooks makes them."""
        if not rounded:
            return self.op("looked_up", type, "compress.lookup", [codes, self.constant(codebook, "codebook")])
        step = numpy.abs(codebook).max(axis=-1, keepdims=True).astype(numpy.float32) / 127
        integers = self.constant(numpy.rint(codebook / step).astype(codebook.dtype), "codebook")
        values = self.op("entries", type, "compress.lookup", [codes, integers])
        return self.op("looked_up", type, "compress.dequantize", [values, self.constant(step[..., 0], "entry_steps")])

    def unpack(self, packed, result_type):
        value, type = self.constant(packed.view(numpy.int8), "bytes")
        self.lines.append(f"%codes = compress.unpack {value} : {type} -> {result_type}")
        return "%codes", result_type

    def write(self, path, input_type, result):
        value, type = result
        with open(path, "w") as out:
            out.write(f"func.func @main(%x: {input_type}) -> {type} {{\n  " + "\n  ".join(self.lines))
            out.write(f"\n  return {value} : {type}\n}}\n{{-#\n  dialect_resources: {{\n    builtin: {{\n")
            entries = list(self.resources.items())
            for i, (name, array) in enumerate(entries):
                # The first four bytes are the alignment of the rest.
                out.write(f'      {name}: "0x40000000' + array.tobytes().hex() + '"')
                out.write(",\n" if i + 1 < len(entries) else "\n")
            out.write("    }\n  }\n#-}\n")


@dataclasses.dataclass
class Kernel:
    scheme: str
    m: int
    n: int
    k: int

    @property
    def name(self):
        return f"{self.scheme}:{self.m}x{self.n}x{self.k}"

    @property
    def weights(self):
        """The scheme of the weights; the rest of the name says how they are multiplied."""
        return self.scheme.removesuffix("-dynamic")

    @property
    def is_dynamic(self):
        """Whether we quantize x at run time, with a scale per row, as the peers do."""
        return self.scheme.endswith("-dynamic")

    @property
    def operations(self):
        return 2.0 * self.m * self.n * self.k

    @property
    def least_operations(self):
        """Those with weights that are not zero."""
        return 2.0 * self.m * float(self.data["mask"].sum()) if "mask" in self.data else self.operations

    @property
    def input(self):
        """Element type of x: activations that arrive quantized have 8 bits."""
        return "u8" if self.weights.startswith("u8s8") else "s8" if self.weights == "s8s8" else "f32"

    @property
    def integer(self):
        """Whether a kernel may multiply 8-bit integers: its limit is then their peak."""
        return not self.weights.startswith("f32")

    @property
    def tolerance(self):
        """Relative error of a result that counts: peers may quantize activations or scales that come as floats."""
        return 1e-3 if self.weights.startswith("f32") else 1e-2 if self.input != "f32" else 0.3

    def random(self):
        return numpy.random.default_rng([self.n, self.k])

    @functools.cached_property
    def x(self):
        random, shape = numpy.random.default_rng(self.m), (self.m, self.k)
        if self.input == "u8":
            return random.integers(0, 256, shape, numpy.uint8)
        if self.input == "s8":
            return random.integers(-127, 128, shape, numpy.int8)
        return random.standard_normal(shape, numpy.float32)

    @functools.cached_property
    def data(self):
        """The parts of the weight: `w` of f32, or `codes` and `scales` (and what the scheme needs besides)."""
        random, shape, scheme = self.random(), (self.n, self.k), self.weights
        if scheme == "f32":
            return {"w": random.standard_normal(shape, numpy.float32)}
        if scheme == "f32-2of4":
            mask = random.random((self.n, self.k // 4, 4)).argsort(2).reshape(shape) < 2
            return {"w": random.standard_normal(shape, numpy.float32) * mask, "mask": mask}
        if scheme.startswith("f32-sparse"):
            mask = random.random(shape, numpy.float32) >= int(scheme[-2:]) / 100
            return {"w": random.standard_normal(shape, numpy.float32) * mask, "mask": mask}
        if scheme.startswith("u8s8-block"):
            # blocks of four weights along a row are zero
            mask = numpy.repeat(random.random((self.n, self.k // 4), numpy.float32) >= int(scheme[-2:]) / 100, 4, 1)
            return {"codes": random.integers(-127, 128, shape, numpy.int8) * mask, "mask": mask,
                    "scales": random.uniform(0.5, 1.5, (self.n, 1)).astype(numpy.float32)}
        if scheme in ("u8s8", "s8s8", "w8"):
            return {"codes": random.integers(-127, 128, shape, numpy.int8),
                    "scales": random.uniform(0.5, 1.5, (self.n, 1)).astype(numpy.float32)}
        if scheme == "codebook16":
            return {"codes": random.integers(0, 16, shape, numpy.uint8),
                    "codebook": numpy.sort(random.standard_normal((self.n, 1, 16), numpy.float32), axis=2).astype("f2")}
        bits, block = self.bits, self.block
        if scheme == "int4-32-two-level":
            # Multipliers that keep products with codes within 8 bits.
            columns = random.uniform(0.05, 0.1, (self.n, 1)).astype(numpy.float32)
            multipliers = random.integers(8, 16, (self.n, self.k // block)).astype(numpy.int8)
            return {"codes": random.integers(-8, 8, shape, numpy.int8), "multipliers": multipliers, "columns": columns,
                    "scales": (multipliers * columns).astype(numpy.float16)}
        data = {"scales": random.uniform(0.5, 1.5, (self.n, self.k // block)).astype(numpy.float16)}
        if scheme == "nf4":
            data["codes"] = random.integers(0, 16, shape, numpy.uint8)
        else:
            data["codes"] = random.integers(-(1 << (bits - 1)), 1 << (bits - 1), shape, numpy.int8)
        return data

    @property
    def bits(self):
        """Bits of a code."""
        return {"f32": 32, "u8s8": 8, "s8s8": 8, "w8": 8, "nf4": 4, "codebook16": 4, "int2": 2, "int3": 3}.get(
            self.weights, 4)

    @property
    def block(self):
        return {"int4-128": 128, "nf4": 64}.get(self.weights, 32)

    @property
    def weight_bytes(self):
        """Bytes of the parts that have to be read, codes packed."""
        if self.weights.startswith(("f32-sparse", "f32-2of4")):
            return int(self.data["mask"].sum()) * 4 + self.n * self.k // 8
        if self.weights.startswith("u8s8-block"):
            return int(self.data["mask"].sum()) + self.n * self.k // 32 + self.data["scales"].nbytes
        names = ("multipliers", "columns") if "columns" in self.data else ("scales", "codebook")
        rest = sum(self.data[name].nbytes for name in names if name in self.data)
        return self.n * self.k * self.bits // 8 + rest

    @property
    def bytes(self):
        return self.weight_bytes + self.x.nbytes + 4 * self.m * self.n

    def weight(self):
        """w in f32."""
        data = self.data
        if "w" in data:
            return data["w"]
        if "codebook" in data:
            return numpy.take_along_axis(data["codebook"][:, 0].astype(numpy.float32), data["codes"].astype(int), 1)
        values = NF4[data["codes"]] if self.weights == "nf4" else data["codes"].astype(numpy.float32)
        return values * numpy.repeat(data["scales"].astype(numpy.float32), self.k // data["scales"].shape[1], 1)

    @functools.cached_property
    def expected(self):
        return self.x.astype(numpy.float32) @ self.weight().T

    def write_module(self, path):
        """The module for Condense."""
        module, data = Module(self), self.data
        x = "%x", f"tensor<{mlir_type(self.x)}>"
        y = f"tensor<{self.m}x{self.n}xf32>"
        if self.input != "f32":
            bias = module.constant(numpy.zeros(self.n, numpy.int32), "bias")
            sums = module.op("sums", y.replace("f32", "i32"), "nn.linear",
                             [x, module.constant(data["codes"], "codes"), bias])
            scales = module.constant(data["scales"].T, "scales")
            return module.write(path, x[1], module.op("y", y, "compress.dequantize", [sums, scales]))
        if self.is_dynamic:
            x = module.quantize(x, (self.m, self.k))
        weight = self.write_weight(module, f"tensor<{self.n}x{self.k}xf32>")
        module.write(path, f"tensor<{mlir_type(self.x)}>", module.op("y", y, "nn.linear", [x, weight]))

    def write_weight(self, module, type):
        data = self.data
        if self.weights == "f32":
            return module.constant(data["w"], "w")
        if "mask" in data:
            values = module.constant(data["w"][data["mask"]], "values")
            bitmap = numpy.packbits(data["mask"].reshape(-1), bitorder="little").view(numpy.int8)
            places = module.constant(bitmap, "places")
            return module.op("w", type, "compress.scatter", [values, places], " <format = bitmap>")
        signed = "ui4" if self.weights in ("nf4", "codebook16") else f"i{self.bits}"
        codes = (module.constant(data["codes"], "codes") if self.bits == 8 else
                 module.unpack(pack(data["codes"], self.bits), type.replace("f32", signed)))
        if self.weights == "codebook16":
            return module.lookup(codes, data["codebook"], type, self.is_dynamic)
        if self.weights == "nf4":
            codes = module.lookup(codes, NF4.reshape(1, 1, 16), type, self.is_dynamic)
        if "columns" in data:
            parts = [module.constant(data[name], name) for name in ("multipliers", "columns")]
            scales = module.op("scales", parts[0][1].replace("i8", "f32"), "compress.dequantize", parts)
        else:
            scales = module.constant(data["scales"], "scales")
        return module.op("w", type, "compress.dequantize", [codes, scales])


GEMM = [(128, 384, 384), (128, 1536, 384), (128, 384, 1536), (512, 512, 512), (1024, 1024, 1024), (128, 4096, 4096)]
GEMV = [(1, 384, 384), (1, 1536, 384), (1, 4096, 4096), (1, 11008, 4096)]
INT4 = [(m, n, k) for m in (16, 128, 512) for n, k in ((384, 384), (1536, 384), (4096, 4096)) if m * n <= 128 * 4096]


def all_kernels():
    """Every kernel of the table, small ones first in each scheme."""
    kernels = [Kernel(scheme, *shape) for scheme in ("f32", "u8s8", "s8s8") for shape in GEMM]
    kernels += [Kernel("f32", *shape) for shape in [(128, 146, 110), (128, 128, 128)] + GEMV[:3]]
    for dynamic in ("", "-dynamic"):
        kernels += [Kernel(scheme + dynamic, *shape) for scheme in ("int4-32", "int4-128") for shape in INT4]
        kernels += [Kernel("int4-32" + dynamic, *shape) for shape in GEMV + [(1, 32000, 4096)]]
        if dynamic:
            kernels += [Kernel("int4-32-two-level-dynamic", *shape) for shape in INT4 + GEMV[:3]]
        kernels += [Kernel("w8" + dynamic, *shape) for shape in GEMM[:1] + GEMV[:3]]
    kernels += [Kernel(scheme + dynamic, *GEMV[2]) for scheme in ("int4-128", "int2", "int3", "nf4", "codebook16")
                for dynamic in ("", "-dynamic")]
    kernels += [Kernel("f32-sparse60", *shape) for shape in GEMM[:1]]
    kernels += [Kernel(scheme, *shape) for scheme in ("f32-sparse80", "f32-sparse90")
                for shape in GEMM[:3] + GEMM[5:] + GEMV[:1]]
    kernels += [Kernel("f32-2of4", *shape) for shape in GEMM[:1] + GEMV]
    kernels += [Kernel(scheme, *shape) for scheme in ("u8s8-block70", "u8s8-block90") for shape in GEMM[:3] + GEMM[5:]]
    return kernels
