# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes MLIR modules that execute operations on constants and count the elements
# whose bits differ from the expected ones: "( 0, n )" for each case, then "( 1, 0 )".

import numpy as np


def dense(array):
    """A dense attribute's text; floats as bits."""
    array = np.asarray(array)

    def element(x):
        if array.dtype == np.float32:
            return f"0x{np.asarray(x).view(np.uint32):08X}"
        if array.dtype == np.float16:
            return f"0x{np.asarray(x).view(np.uint16):04X}"
        if array.dtype == np.uint8:  # bits of an 8-bit float
            return f"0x{int(x):02X}"
        return str(int(x))

    def text(x):
        return element(x) if np.ndim(x) == 0 else "[" + ", ".join(text(y) for y in x) + "]"

    return f"dense<{text(array)}>"


def tensor_type(shape, element):
    return "tensor<" + "".join(f"{size}x" for size in shape) + element + ">"


functions = []


def add_case(constants, operations, result_shape, element, expected):
    """A function that counts the elements whose bits differ from `expected`."""
    name = f"case{len(functions)}"
    bits = {"f32": "i32", "f16": "i16", "bf16": "i16", "f8E4M3FN": "i8", "f8E5M2": "i8"}.get(element, element.lstrip("u"))
    maps = ", ".join(["affine_map<(" + ", ".join(f"d{i}" for i in range(len(result_shape))) + ") -> ("
                      + ", ".join(f"d{i}" for i in range(len(result_shape))) + ")>"] * 2
                     + ["affine_map<(" + ", ".join(f"d{i}" for i in range(len(result_shape))) + ") -> ()>"])
    lines = [f"func.func @{name}() -> i64 {{"]
    for constant, (array, kind) in constants.items():
        lines.append(f"  %{constant} = arith.constant {dense(array)} : {tensor_type(array.shape, kind)}")
    lines += ["  " + op for op in operations]
    signless = tensor_type(result_shape, element.lstrip("u"))
    if element.startswith("u"):
        lines.append(f"  %seen = builtin.unrealized_conversion_cast %result : {tensor_type(result_shape, element)} to {signless}")
    else:
        lines.append(f"  %seen = tensor.cast %result : {signless} to {signless}")
    lines.append(f"  %expected = arith.constant {dense(expected)} : {tensor_type(result_shape, bits)}")
    same = "%a" if bits == element.lstrip("u") else "%c"
    cast = "" if same == "%a" else f"    %c = arith.bitcast %a : {element} to {bits}\n"
    lines.append(f"""  %zero = arith.constant dense<0> : tensor<i64>
  %count = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{", ".join(['"reduction"'] * len(result_shape))}]}}
      ins(%seen, %expected : {signless}, {tensor_type(result_shape, bits)}) outs(%zero : tensor<i64>) {{
  ^bb0(%a: {element.lstrip("u")}, %b: {bits}, %n: i64):
{cast}    %differs = arith.cmpi ne, {same}, %b : {bits}
    %one = arith.extui %differs : i1 to i64
    %sum = arith.addi %n, %one : i64
    linalg.yield %sum : i64
  }} -> tensor<i64>
  %differences = tensor.extract %count[] : tensor<i64>
  return %differences : i64
}}""")
    functions.append("\n".join(lines))


def write_module():
    """Prints the functions of all cases and the main function that calls them."""
    print("\n".join(functions))
    print("func.func private @printI64(i64)\nfunc.func private @printComma()\nfunc.func private @printOpen()")
    print("func.func private @printClose()\nfunc.func private @printNewline()")
    print("func.func @main() {\n  %c0 = arith.constant 0 : i64\n  %c1 = arith.constant 1 : i64")
    for case in range(len(functions)):
        print(f"  %r{case} = func.call @case{case}() : () -> i64")
        print(f"  func.call @printOpen() : () -> ()\n  func.call @printI64(%c0) : (i64) -> ()")
        print(f"  func.call @printComma() : () -> ()\n  func.call @printI64(%r{case}) : (i64) -> ()")
        print(f"  func.call @printClose() : () -> ()\n  func.call @printNewline() : () -> ()")
    print("  func.call @printOpen() : () -> ()\n  func.call @printI64(%c1) : (i64) -> ()\n  func.call @printComma() : () -> ()")
    print("  func.call @printI64(%c0) : (i64) -> ()\n  func.call @printClose() : () -> ()\n  return\n}")
