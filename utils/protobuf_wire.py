# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The protobuf wire format, without a schema, and the few ONNX messages that the test scripts read.

A message is a list of [field number, wire type, value]: an int for varints, bytes for the
rest. Standard library only (numpy for `read_tensor`), so that the tests need no packages from pip.
"""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def read_varint(data, pos):
    value = shift = 0
    while True:
        byte = data[pos]
        value |= (byte & 0x7F) << shift
        pos += 1
        if byte < 0x80:
            return value & (2**64 - 1), pos
        shift += 7


def write_varint(value):
    out = bytearray()
    value &= 2**64 - 1
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data):
    """Splits a serialised message into its fields."""
    fields, pos = [], 0
    while pos < len(data):
        key, pos = read_varint(data, pos)
        wire = key & 7
        if wire == VARINT:
            value, pos = read_varint(data, pos)
        else:
            size = {FIXED64: 8, FIXED32: 4}.get(wire)
            if size is None:
                if wire != BYTES:
                    raise ValueError(f"wire type {wire}")
                size, pos = read_varint(data, pos)
            if pos + size > len(data):
                raise ValueError("field beyond the end of the message")
            value = data[pos:pos + size]
            pos += size
        fields.append([key >> 3, wire, value])
    return fields


def encode(fields):
    out = bytearray()
    for number, wire, value in fields:
        out += write_varint(number << 3 | wire)
        if wire == VARINT:
            out += write_varint(value)
        else:
            if wire == BYTES:
                out += write_varint(len(value))
            out += value
    return bytes(out)


def values(fields, number):
    return [value for field, _, value in fields if field == number]


def integers(fields, number):
    """A repeated integer field, packed or not, as signed 64-bit values."""
    result = []
    for field, wire, value in fields:
        if field != number:
            continue
        if wire == VARINT:
            result.append(value)
            continue
        pos = 0
        while pos < len(value):
            item, pos = read_varint(value, pos)
            result.append(item)
    return [v - 2**64 if v >= 2**63 else v for v in result]


# ONNX: the field numbers that the scripts use.
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
NODE_ATTRIBUTE = 5
ATTRIBUTE_INT, ATTRIBUTE_INTS = 3, 8
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR = 1
TENSOR_TYPE_ELEMENT, TENSOR_TYPE_SHAPE = 1, 2
SHAPE_DIM, DIM_VALUE = 1, 1
TENSOR_DIMS, TENSOR_TYPE = 1, 2

# TensorProto.DataType -> numpy type; the other types have no numpy counterpart.
NUMPY_TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
    14: "complex64", 15: "complex128",
}


def graph_values(model, which):
    """(name, TensorProto type or None if it is no tensor) of GRAPH_INPUT or GRAPH_OUTPUT."""
    graph = decode(values(decode(model), MODEL_GRAPH)[0])
    result = []
    for value in values(graph, which):
        info = decode(value)
        kinds = [decode(t) for t in values(info, VALUE_TYPE)]
        tensors = [decode(t) for kind in kinds for t in values(kind, TYPE_TENSOR)]
        element = values(tensors[0], TENSOR_TYPE_ELEMENT)[0] if tensors else None
        result.append((values(info, VALUE_NAME)[0].decode(), element))
    return result


def read_tensor(data):
    """A serialised TensorProto as a numpy array, or None if numpy has no such type."""
    import numpy
    fields = decode(data)
    code = (integers(fields, TENSOR_TYPE) or [0])[0]
    if code not in NUMPY_TYPES:
        return None
    dtype = numpy.dtype(NUMPY_TYPES[code])
    dims = integers(fields, TENSOR_DIMS)
    raw = values(fields, 9)
    if raw:
        return numpy.frombuffer(raw[0], dtype).reshape(dims)
    if code in (1, 11, 14, 15):  # float_data, double_data
        number, kind = (4, "<f4") if code in (1, 14) else (10, "<f8")
        flat = numpy.frombuffer(b"".join(values(fields, number)), kind).view(dtype)
    elif code in (7, 12, 13):  # int64_data, uint64_data
        flat = numpy.array(integers(fields, 7 if code == 7 else 11), "int64").astype(dtype)
    else:  # int32_data
        flat = numpy.array(integers(fields, 5), "int64")
        flat = flat.astype("uint16").view("float16") if code == 10 else flat.astype(dtype)
    return flat.reshape(dims)
