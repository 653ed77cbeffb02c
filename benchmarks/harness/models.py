# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole models: fp32 against fp32, and compressed against the peers' own compression.

int8 is onnxruntime's static quantization (QDQ, u8 activations, s8 weights per
channel), which openvino reads too; int8-dynamic its dynamic one; int4 is its MatMulNBits in blocks of 32.
Each is calibrated with the same samples as ours.
"""
import dataclasses
import os
from typing import Callable

import numpy

from harness import condense, resnet18, timing


@dataclasses.dataclass
class Model:
    name: str
    file: str  # in the material, or None if `network` writes it
    data: str
    flags: list  # preprocessing for `condense`
    preprocess: Callable
    recipes: tuple  # (name of the recipe, how the peers quantize)
    network: object = None  # a module with write(path) and samples(count)
    shape: tuple = None  # batch and tokens of an encoder, whose file benchmarks/setup.sh writes


def identity(x):
    return x


def normalize_cifar(x):
    return ((x / 255 - [.4914, .4822, .4465]) / [.2471, .2435, .2616]).transpose(0, 3, 1, 2)


STATIC = (("int8-static", "int8"),)
DYNAMIC = (("int8-dynamic", "int8-dynamic"),)
SAMPLES = 8  # of a network that is written here
MODELS = [
    Model("resnet8", "resnet8_cifar10.onnx", "cifar10_jpeg_train_calib", [], identity, STATIC),
    Model("dscnn", "dscnn_kws.onnx", "kws01_a", ["--mean", "83", "--std", repr(1 / 0.5847029)],
          lambda x: (x - 83) * 0.5847029, STATIC),
    Model("resnet_2b", "resnet_2b.onnx", "cifar10_jpeg_train_calib",
          ["--scale", "255", "--mean", ".4914,.4822,.4465", "--std", ".2471,.2435,.2616", "--layout", "nchw"],
          normalize_cifar, STATIC),
    Model("rfb320", "version-RFB-320_simplified.onnx", "ultraface_imgs_a",
          ["--mean", "127", "--std", "128", "--layout", "nchw"], lambda x: ((x - 127) / 128).transpose(0, 3, 1, 2),
          STATIC),
    Model("resnet18", None, None, [], identity, STATIC, resnet18),
    Model("language-model", "aidreams260k_seq128.onnx", None, [], identity,
          (("int4-weight-only", "int4"), ("int4-dynamic", "int4"))),
    Model("minilm", "minilm.onnx", None, [], identity, DYNAMIC, shape=(1, 128)),
    Model("minilm-8x128", "minilm.onnx", None, [], identity, DYNAMIC, shape=(8, 128)),
    Model("minilm-1x512", "minilm.onnx", None, [], identity, DYNAMIC, shape=(1, 512)),
]


def cosine_distance(actual, expected):
    a, b = actual.reshape(-1).astype(numpy.float64), expected.reshape(-1).astype(numpy.float64)
    return float(1 - a @ b / max(numpy.linalg.norm(a) * numpy.linalg.norm(b), 1e-30))


class Variant:
    """A model in one scheme: how to make our contender and theirs."""

    def __init__(self, context, model, recipe=None, quantization=None):
        self.context, self.model, self.recipe, self.quantization = context, model, recipe, quantization
        self.group = recipe or "model-f32"
        self.name = f"{model.name}:{recipe or 'f32'}"

    def ours(self):
        context, source = self.context, self.context.source(self.model)
        tool = os.path.join(context.bin, "condense")
        path = os.path.join(context.scratch, self.name.replace(":", "-") + ".mlirbc")
        if self.recipe:
            calibration = ["--calibrate", context.raw(self.model)] if self.quantization == "int8" else []
            condense.call(tool, "compress", source, "--recipe", self.recipe, *calibration,
                          *(self.model.flags if calibration else []), "-o", path)
        else:
            condense.call(tool, "import", source, "-o", path)
        library, _ = condense.compile_model(tool, path, context.threads)
        arrays = list(context.inputs(self.model).values())
        compiled = condense.CompiledModel(library, arrays, context.threads, context.limits)
        return timing.timed(compiled.repeat), compiled.run

    def theirs(self, peer):
        path = self.context.source(self.model)
        if self.quantization:
            path = self.context.quantized(self.model, self.quantization)
        return peer.model(path, self.context.inputs(self.model))

    def differences(self, runs):
        """1 - cosine between our first output and each peer's."""
        ours = runs["condense"][1]()[0]
        return {name: cosine_distance(numpy.asarray(outputs()[0]), ours)
                for name, (_, outputs) in runs.items() if name != "condense"}


class Context:
    """Files and samples that the variants of a run share."""

    def __init__(self, args, scratch, limits):
        self.bin, self.material, self.threads = args.bin, args.material, args.threads
        self.scratch, self.limits, self.samples, self.files = scratch, limits, {}, {}
        self.minilm = os.path.join(args.peers_folder, "minilm")

    def source(self, model):
        if model.shape:
            return os.path.join(self.minilm, model.file)
        if not model.network:
            return os.path.join(self.material, "models", "onnx", model.file)
        path = os.path.join(self.scratch, model.name + ".onnx")
        if not os.path.exists(path):
            model.network.write(path)
        return path

    def raw(self, model):
        if not model.network:
            return os.path.join(self.material, "eval", model.data, "inputs.npy")
        path = os.path.join(self.scratch, model.name + "-inputs.npy")
        if not os.path.exists(path):
            numpy.save(path, model.network.samples(SAMPLES))
        return path

    def calibration(self, model):
        """Samples for the peers: a list of {input: array}."""
        if model.name not in self.samples:
            self.samples[model.name] = self.make_samples(model)
        return self.samples[model.name]

    def token_samples(self, shape):
        """The sentences of benchmarks/minilm.py one after the other, cut to the shape; nothing is padded."""
        tokens = numpy.load(os.path.join(self.minilm, "sentences.npz"))
        kept = tokens["input_ids"][tokens["attention_mask"] > 0]
        rows = numpy.resize(kept, (8, *shape))
        return [{"input_ids": ids.copy(), "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
                for ids in rows]

    def make_samples(self, model):
        if model.shape:
            return self.token_samples(model.shape)
        import onnx
        graph = onnx.load(self.source(model)).graph
        constants = {i.name for i in graph.initializer}
        entries = [i for i in graph.input if i.name not in constants]
        shapes = [[d.dim_value or 1 for d in i.type.tensor_type.shape.dim] for i in entries]
        types = [onnx.helper.tensor_dtype_to_np_dtype(i.type.tensor_type.elem_type) for i in entries]
        if model.data or model.network:
            raw = numpy.load(self.raw(model), mmap_mode="r")[:100]
            return [{entries[0].name: numpy.ascontiguousarray(
                model.preprocess(x.astype(numpy.float32)[None]), types[0]).reshape(shapes[0])} for x in raw]
        random = numpy.random.default_rng(1)
        make = lambda shape, type: (random.integers(0, 512, shape).astype(type) if numpy.issubdtype(type, numpy.integer)
                                    else random.uniform(-1, 1, shape).astype(type))
        return [{e.name: make(s, t) for e, s, t in zip(entries, shapes, types)} for _ in range(8)]

    def inputs(self, model):
        return self.calibration(model)[0]

    def quantized(self, model, kind):
        key = model.name, kind
        if key not in self.files:
            path = os.path.join(self.scratch, f"{model.name}-{kind}.onnx")
            {"int8": quantize_static, "int8-dynamic": quantize_dynamic, "int4": quantize_int4}[kind](self.source(model), path, self.calibration(model))
            self.files[key] = path
        return self.files[key]


def quantize_static(source, path, samples):
    import onnx
    import onnx.version_converter
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static as quantize

    class Samples(CalibrationDataReader):
        def __init__(self):
            self.rows = iter(samples)

        def get_next(self):
            return next(self.rows, None)

    model = onnx.load(source)
    if model.opset_import[0].version < 13:
        # Scales per channel came with opset 13; before IR version 4 every constant was an input too.
        constants = {i.name for i in model.graph.initializer}
        inputs = [i for i in model.graph.input if i.name not in constants]
        del model.graph.input[:]
        model.graph.input.extend(inputs)
        model.ir_version = max(model.ir_version, 7)
        model = onnx.version_converter.convert_version(model, 13)
    onnx.save(model, path)
    quantize(path, path, Samples(), per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def quantize_dynamic(source, path, samples):
    from onnxruntime.quantization import QuantType, quantize_dynamic as quantize
    # One scale for a whole weight is its fastest; scales per channel take a few percent more.
    quantize(source, path, weight_type=QuantType.QInt8)


def quantize_int4(source, path, samples):
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
    quantizer = MatMulNBitsQuantizer(onnx.load(source), block_size=32, is_symmetric=True, accuracy_level=4)
    quantizer.process()
    quantizer.model.save_model_to_file(path)


def variants(args, scratch, contenders, limits):
    """The variants of the models that were asked for."""
    unknown = set(args.models) - {model.name for model in MODELS}
    if unknown:
        raise SystemExit(f"compare.py: error: no model {', '.join(unknown)}; there are "
                         f"{', '.join(model.name for model in MODELS)}")
    context = Context(args, scratch, limits)
    for model in MODELS:
        if args.models and model.name not in args.models:
            continue
        if model.shape and not os.path.exists(context.source(model)):
            print(f"without {model.name}: {context.source(model)} is not there (benchmarks/setup.sh)")
            continue
        if not args.material and not model.network and not model.shape:
            raise SystemExit(f"compare.py: error: {model.name} needs --material (or CONDENSE_MATERIAL)")
        yield Variant(context, model)
        for recipe, quantization in model.recipes:
            yield Variant(context, model, recipe, quantization)
