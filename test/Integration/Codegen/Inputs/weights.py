# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a module that runs linear layers and convolutions with constant weights.

usage: weights.py float|int8|int4|int3|int2|zero-points|dot|signed-dot|codebook|codebooks|large-codebook|nested-scales|fp8
       weights.py sparse|sparse-dot|sparse-signed-dot

Inputs and codes are small integers and scales powers of two: every order of additions gives the
same result.
"""
import random
import struct
import sys

random.seed(5)
functions, calls = [], []


def dense(values, code, shape, element):
    data = struct.pack("<%d%s" % (len(values), code), *values)
    return 'dense<"0x%s"> : tensor<%sx%s>' % (data.hex().upper(), "x".join(map(str, shape)), element)


def count(shape):
    result = 1
    for size in shape:
        result *= size
    return result


def integers(n, low, high):
    return [random.randint(low, high) for _ in range(n)]


def mostly_zeros(values, shape, group):
    """Of `values`, in groups along a row, one group in six and none in the second row; all or none of small weights."""
    columns = len(values) // shape[0]
    if shape[0] == 72:  # two of four everywhere
        for start in range(0, len(values), 4):
            for i in random.sample(range(start, start + 4), 2):
                values[i] = 0
        return values
    keep = {10: 1, 20: 0}.get(shape[0], 1 / 6)
    for row in range(shape[0]):
        for start in range(0, columns, group):
            if row == 1 and keep < 1 or random.random() >= keep:
                for i in range(start, min(start + group, columns)):
                    values[row * columns + i] = 0
    return values


def scales(shape):
    """f16 powers of two between 1/4 and 2."""
    words = [random.choice([0x3400, 0x3800, 0x3C00, 0x4000]) for _ in range(count(shape))]
    return dense(words, "H", shape, "f16")


def weight(kind, shape, block):
    """Lines that define %w, and its type. The weight is shape[0] by the rest."""
    text = "x".join(map(str, shape))
    if kind in ("float", "sparse"):
        values = integers(count(shape), -4, 4)
        if kind == "sparse":
            values = mostly_zeros(values, shape, 1)
        return "  %%w = arith.constant %s\n" % dense(values, "f", shape, "f32"), "f32"
    if kind in ("dot", "signed-dot", "sparse-dot", "sparse-signed-dot"):
        values = integers(count(shape), -128, 127)
        if kind.startswith("sparse"):
            values = mostly_zeros(values, shape, 4)
        return "  %%w = arith.constant %s\n" % dense(values, "b", shape, "i8"), "i8"
    blocks = list(shape[:1]) + [1] * (len(shape) - 1)
    blocks[-1] = shape[-1] // block if block else 1
    lines = "  %%s = arith.constant %s\n" % scales(blocks)
    kinds, scale = "x".join(map(str, blocks)), "f16"
    if kind in ("codebook", "codebooks", "large-codebook"):
        lookup, code = codebook(kind, shape)
        lines += lookup
    elif kind == "nested-scales":
        lines = "  %%sc = arith.constant %s\n" % dense([random.choice([1, 2, 4]) for _ in range(count(blocks))], "b", blocks, "i8")
        outer = [1] * len(blocks)
        lines += "  %%so = arith.constant %s\n" % dense([0.5], "f", outer, "f32")
        lines += "  %%s = compress.dequantize %%sc, %%so : (tensor<%sxi8>, tensor<%sxf32>) -> tensor<%sxf32>\n" % (
            kinds, "x".join(map(str, outer)), kinds)
        lines += "  %%c = arith.constant %s\n" % dense(integers(count(shape), -8, 7), "b", shape, "i8")
        code, scale = "i8", "f32"
    elif kind == "fp8":
        # 0 and +-1 to +-15 in steps that three bits of mantissa hold
        numbers = [0x00, 0x38, 0x40, 0x44, 0x48, 0x4C, 0x50, 0x54, 0xB8, 0xC0, 0xC4, 0xC8, 0xCC, 0xD0, 0xD5]
        codes = [random.choice(numbers) for _ in range(count(shape))]
        lines += "  %%c = arith.constant %s\n" % dense(codes, "B", shape, "f8E4M3FN")
        code = "f8E4M3FN"
    elif kind == "int3":
        size = (3 * count(shape) + 7) // 8
        packed = integers(size, 0, 255)
        if 3 * count(shape) % 8:
            packed[-1] &= (1 << 3 * count(shape) % 8) - 1
        lines += "  %%packed = arith.constant %s\n" % dense(packed, "B", [size], "i8")
        lines += "  %%c = compress.unpack %%packed : tensor<%dxi8> -> tensor<%sxi3>\n" % (size, text)
        code = "i3"
    elif kind == "int2":
        size = (count(shape) + 3) // 4
        packed = integers(size, 0, 255)
        if count(shape) % 4:
            packed[-1] &= (1 << 2 * (count(shape) % 4)) - 1
        lines += "  %%packed = arith.constant %s\n" % dense(packed, "B", [size], "i8")
        lines += "  %%c = compress.unpack %%packed : tensor<%dxi8> -> tensor<%sxi2>\n" % (size, text)
        code = "i2"
    elif kind == "zero-points":
        size = (count(shape) + 1) // 2
        packed = integers(size, 0, 255)
        if count(shape) % 2:
            packed[-1] &= 15
        lines += "  %%packed = arith.constant %s\n" % dense(packed, "B", [size], "i8")
        lines += "  %%c = compress.unpack %%packed : tensor<%dxi8> -> tensor<%sxui4>\n" % (size, text)
        size = (count(blocks) + 1) // 2
        zeros = integers(size, 0, 255)
        if count(blocks) % 2:
            zeros[-1] &= 15
        lines += "  %%zeros = arith.constant %s\n" % dense(zeros, "B", [size], "i8")
        lines += "  %%z = compress.unpack %%zeros : tensor<%dxi8> -> tensor<%sxui4>\n" % (size, kinds)
        return lines + "  %%w = compress.dequantize %%c, %%s, %%z : (tensor<%sxui4>, tensor<%sxf16>, tensor<%sxui4>) -> tensor<%sxf32>\n" % (
            text, kinds, kinds, text), "f32"
    elif kind == "int8":
        lines += "  %%c = arith.constant %s\n" % dense(integers(count(shape), -8, 7), "b", shape, "i8")
        code = "i8"
    else:
        size = (count(shape) + 1) // 2
        packed = integers(size, 0, 255)
        if count(shape) % 2:
            packed[-1] &= 15
        lines += "  %%packed = arith.constant %s\n" % dense(packed, "B", [size], "i8")
        lines += "  %%c = compress.unpack %%packed : tensor<%dxi8> -> tensor<%sxi4>\n" % (size, text)
        code = "i4"
    lines += "  %%w = compress.dequantize %%c, %%s : (tensor<%sx%s>, tensor<%sx%s>) -> tensor<%sxf32>\n" % (
        text, code, kinds, scale, text)
    return lines, "f32"


def codebook(kind, shape):
    """Lines that define %c by a look-up of small integers, and its element type."""
    text, entries = "x".join(map(str, shape)), 23 if kind == "large-codebook" else 16
    if kind == "codebooks" and shape[0] % 3 == 0:
        entries = 11  # an index past the end reads the last
    books = [3 if kind == "codebooks" and shape[0] % 3 == 0 else 1] + [1] * (len(shape) - 1) + [entries]
    lines = "  %%book = arith.constant %s\n" % dense(integers(count(books), -9, 9), "f", books, "f32")
    width = 5 if kind == "large-codebook" else 4
    size = (width * count(shape) + 7) // 8
    indices = [random.randrange(entries) if width == 5 else random.randrange(16) for _ in range(count(shape))]
    packed = sum(index << width * i for i, index in enumerate(indices)).to_bytes(size, "little")
    lines += "  %%packed = arith.constant %s\n" % dense(list(packed), "B", [size], "i8")
    lines += "  %%i = compress.unpack %%packed : tensor<%dxi8> -> tensor<%sxui%d>\n" % (size, text, width)
    lines += "  %%c = compress.lookup %%i, %%book : (tensor<%sxui%d>, tensor<%sxf32>) -> tensor<%sxf32>\n" % (
        text, width, "x".join(map(str, books)), text)
    return lines, "f32"


def body(kind, element):
    """Multiply-add of an input and a weight element."""
    if element == "f32":
        return ("    %p = arith.mulf %a, %b : f32\n    %r = arith.addf %o, %p : f32\n"
                "    linalg.yield %r : f32\n")
    extend = "extsi" if kind.endswith("signed-dot") else "extui"
    return (f"    %ea = arith.{extend} %a : i8 to i32\n    %eb = arith.extsi %b : i8 to i32\n"
            "    %p = arith.muli %ea, %eb : i32\n    %r = arith.addi %o, %p : i32\n    linalg.yield %r : i32\n")


def layer(name, kind, weight_shape, block, input_shape, output_shape, maps, iterators):
    """A function that computes the layer on integers made of the input's position, and prints."""
    lines, element = weight(kind, weight_shape, block)
    inputs, out = ("f32", "f32") if element == "f32" else ("i8", "i32")
    xt, yt = ["tensor<%sx%s>" % ("x".join("?" if s is None else str(s) for s in shape), e)
              for shape, e in ((input_shape, inputs), (output_shape, out))]
    wt = "tensor<%sx%s>" % ("x".join(map(str, weight_shape)), element)
    sizes = "%m" if None in output_shape else ""
    bias = dense(integers(output_shape[-1], -9, 9), "f" if out == "f32" else "i", output_shape[-1:], out)
    dims = ", ".join("d%d" % i for i in range(len(output_shape)))
    functions.append(f"""
func.func @{name}(%x: {xt}) -> {yt} {{
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : {xt}
{lines}  %bias = arith.constant {bias}
  %empty = tensor.empty({sizes}) : {yt}
  %init = linalg.broadcast ins(%bias : tensor<{output_shape[-1]}x{out}>) outs(%empty : {yt})
    dimensions = [{", ".join(str(i) for i in range(len(output_shape) - 1))}]
  %y = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{iterators}]}}
    ins(%x, %w : {xt}, {wt}) outs(%init : {yt}) {{
  ^bb0(%a: {inputs}, %b: {element}, %o: {out}):
{body(kind, element)}  }} -> {yt}
  return %y : {yt}
}}""")
    return xt, yt, inputs, out


def call(name, types, rows):
    xt, yt, inputs, out = types
    i = len(calls)
    dynamic = f"%n{i}" if "?" in xt else ""
    rank = xt.count("x")
    identity = ", ".join(f"d{j}" for j in range(rank))
    last = rank - 1
    value = (f"    %f = arith.sitofp %k : i32 to f32\n    linalg.yield %f : f32\n" if inputs == "f32" else
             f"    %f = arith.trunci %k : i32 to i8\n    linalg.yield %f : i8\n")
    factor, modulus = (3, 7) if inputs == "f32" else (29, 256)
    calls.append(f"""
func.func @run{i}() {{
  %n{i} = arith.constant {rows} : index
  %empty = tensor.empty({dynamic}) : {xt}
  %x = linalg.generic {{indexing_maps = [affine_map<({identity}) -> ({identity})>],
      iterator_types = [{", ".join(['"parallel"'] * rank)}]}} outs(%empty : {xt}) {{
  ^bb0(%o: {inputs}):
    %i0 = linalg.index 0 : index
    %i1 = linalg.index {max(0, last - 1)} : index
    %i2 = linalg.index {last} : index
    %c5 = arith.constant 5 : index
    %factor = arith.constant {factor} : index
    %modulus = arith.constant {modulus} : index
    %s0 = arith.addi %i0, %i1 : index
    %s1 = arith.muli %s0, %c5 : index
    %s2 = arith.muli %i2, %factor : index
    %s3 = arith.addi %s1, %s2 : index
    %s4 = arith.remui %s3, %modulus : index
    %k = arith.index_cast %s4 : index to i32
{value}  }} -> {xt}
  %y = func.call @{name}(%x) : ({xt}) -> {yt}
  %print = tensor.cast %y : {yt} to tensor<*x{out}>
  func.call @printMemref{out.upper()}(%print) : (tensor<*x{out}>) -> ()
  return
}}""")


def linear(kind, n, k, block, rows, static=False):
    name = f"linear{len(functions)}"
    maps = ", ".join("affine_map<(m, n, k) -> (%s)>" % r for r in ("m, k", "n, k", "m, n"))
    first = rows[0] if static else None
    types = layer(name, kind, [n, k], block, [first, k], [first, n], maps, '"parallel", "parallel", "reduction"')
    for count_of_rows in rows:
        call(name, types, count_of_rows)


def conv(kind, size, ic, oc, kernel, stride, dilation, block):
    name = f"conv{len(functions)}"
    h, w = size
    oh, ow = [(s - dilation * (kernel - 1) - 1) // stride + 1 for s in size]
    loops = "n, oh, ow, oc, kh, kw, ic"
    maps = ", ".join(f"affine_map<({loops}) -> ({r})>" for r in (
        f"n, oh * {stride} + kh * {dilation}, ow * {stride} + kw * {dilation}, ic", "oc, kh, kw, ic", "n, oh, ow, oc"))
    types = layer(name, kind, [oc, kernel, kernel, ic], block, [1, h, w, ic], [1, oh, ow, oc], maps,
                  ", ".join(['"parallel"'] * 4 + ['"reduction"'] * 3))
    call(name, types, 1)


kind = sys.argv[1]
block = 0 if kind in ("float", "dot", "signed-dot", "codebooks") or kind.startswith("sparse") else 32
for n in (1, 2, 10, 17, 33):
    linear(kind, n, 64, block, (1, 5, 13))
linear(kind, 128, 96, block, (1, 7))
linear(kind, 24, 192, block, (3,))
linear(kind, 96, 32, 0, (16,), static=True)
linear(kind, 20, 48, 16 if block else 0, (3,), static=True)
linear(kind, 40, 22, 0, (3,), static=True)
linear(kind, 18, 7, 0, (3,))
linear(kind, 110, 37, 0, (1, 5))
linear(kind, 192, 24, 0, (1,), static=True)  # panels are rows
for n in (33, 128):
    linear(kind, n, 64, block, (100,), static=True)  # rows that are worth decoding for once
conv(kind, (7, 9), 3, 30, 3, 1, 1, 0)
conv(kind, (7, 9), 3, 16, 3, 1, 1, 0)
conv(kind, (9, 11), 5, 18, 3, 2, 1, 0)
conv(kind, (8, 9), 16, 33, 3, 1, 2, 0)
conv(kind, (6, 5), 64, 20, 1, 1, 1, block)

if kind in ("float", "dot"):
    linear(kind, 96, 2100 if kind == "float" else 5600, 0, (29,), static=True)  # panels that are asked for in advance

if kind.startswith("sparse"):
    linear(kind, 21, 300, 0, (130,))  # several tiles of rows and pieces of the reduction
    for rows in (3, 17, 100):
        linear(kind, 19, 35, 0, (rows,), static=True)
    linear(kind, 1100, 36, 0, (2,), static=True)  # several groups of columns
    for rows in (1, 4):
        linear(kind, 72, 64, 0, (rows,), static=True)
        linear(kind, 17, 33, 0, (rows,), static=True)

print("func.func private @printMemrefF32(tensor<*xf32>)\nfunc.func private @printMemrefI32(tensor<*xi32>)")
print("\n".join(functions + calls))
print("func.func @main() {")
for i in range(len(calls)):
    print(f"  func.call @run{i}() : () -> ()")
print("  return\n}")
