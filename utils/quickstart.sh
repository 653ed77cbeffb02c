#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# From a fresh Debian 12 machine to a compressed model: installs the packages, builds
# Condense, compresses the digits model with each built-in recipe, and shows what that did
# to its size, its accuracy and its speed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

condense=build/bin/condense
digits=models/digits
out=build/quickstart
recipes=(int8-weight-only int4-weight-only int8-static)

heading() {
  printf '\n== %s ==\n' "$*"
}

evaluate() {
  printf '%-18s ' "$1"
  "$condense" eval "$2" --inputs $digits/test_inputs.npy --labels $digits/test_labels.npy --scale 16
}

bench() {
  printf '%s\n' "$1"
  "$condense" bench "$2" | sed 's/^/    /'
}

bash utils/build.sh
mkdir -p $out

heading "Compressing $digits/digits.onnx"
for recipe in "${recipes[@]}"; do
  calibration=()
  [ "$recipe" = int8-static ] &&
    calibration=(--calibrate $digits/calib_inputs.npy --scale 16)
  "$condense" compress $digits/digits.onnx --recipe "$recipe" "${calibration[@]}" \
    -o $out/digits-"$recipe".mlirbc
done

heading "Layers before"
"$condense" inspect $digits/digits.onnx
for recipe in "${recipes[@]}"; do
  heading "Layers with $recipe"
  "$condense" inspect $out/digits-"$recipe".mlirbc
done

heading "Compiling to shared libraries"
"$condense" compile $digits/digits.onnx -o $out/digits-fp32.so
for recipe in "${recipes[@]}"; do
  "$condense" compile $out/digits-"$recipe".mlirbc -o $out/digits-"$recipe".so
done
ls -l $out/*.so

heading "Accuracy on the test split"
for name in fp32 "${recipes[@]}"; do
  evaluate "$name" $out/digits-"$name".so
done

heading "Speed, one image, one thread"
for name in fp32 "${recipes[@]}"; do
  bench "$name" $out/digits-"$name".so
done
