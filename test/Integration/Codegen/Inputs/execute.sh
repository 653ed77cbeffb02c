#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# usage: execute.sh x86_64|aarch64 PREFIX   -- runs the module on the standard input; files begin with PREFIX
set -euo pipefail
prefix=$2 here=$(dirname "${BASH_SOURCE[0]}")
mlir-translate --mlir-to-llvmir | sed 's/@main(/@run_module(/' > "$prefix.ll"
features=() emulator=() link=()
if [ "$1" = aarch64 ]; then
  features=(-mattr=+dotprod,+i8mm) emulator=(qemu-aarch64 -cpu max) link=(-static -march=armv8.6-a+dotprod+i8mm)
fi
llc -O2 -mtriple="$1-linux-gnu" "${features[@]}" -relocation-model=pic "$prefix.ll" -o "$prefix.s"
clang --target="$1-linux-gnu" -fuse-ld=lld -O1 "${link[@]}" "$prefix.s" "$here/print.c" -lm -o "$prefix"
"${emulator[@]}" "$prefix"
