#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Generates the pages docs/Dialects, docs/Passes and docs/Interfaces from the .td files.
#
# usage: generate-docs.sh [--check | --output FOLDER]
#   --check   writes nothing; fails if the committed pages are not what would be generated
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

tblgen=${MLIR_TBLGEN:-mlir-tblgen-22}
includes=(-I include -I "$(llvm-config-22 --includedir)")
folders=(Dialects Passes Interfaces)
output=docs
check=
case "${1:-}" in
  --check) check=1; output=$(mktemp -d); trap 'rm -rf "$output"' EXIT ;;
  --output) output=$2 ;;
esac

# page FOLDER NAME TD GENERATOR...: the generator's output without surplus blank lines
page() {
  local file=$output/$1/$2.md td=$3
  shift 3
  "$tblgen" "$@" "${includes[@]}" "$td" | sed 's/[[:space:]]*$//' | cat -s >>"$file"
}

for folder in "${folders[@]}"; do
  mkdir -p "$output/$folder"
  rm -f "$output/$folder"/*.md
done

page Dialects NN include/condense/Dialect/NN/IR/NNOps.td -gen-dialect-doc -dialect=nn
page Dialects Compress include/condense/Dialect/Compress/IR/CompressOps.td -gen-dialect-doc -dialect=compress
page Dialects Train include/condense/Dialect/Train/IR/TrainOps.td -gen-dialect-doc -dialect=train

# include/condense/Dialect/NN/Transforms/Passes.td is the page NN, Conversion/NNToLinalg/Passes.td NNToLinalg.
find include -name Passes.td | sort | while read -r td; do
  name=$(dirname "${td#include/condense/}" | sed 's,^Dialect/,,; s,^Conversion/,,; s,/Transforms,,; s,/,-,g')
  printf '# Passes: %s\n\n' "$name" >"$output/Passes/$name.md"
  page Passes "$name" "$td" -gen-pass-doc
done

for td in include/condense/Interfaces/*.td; do
  page Interfaces "$(basename "$td" .td)" "$td" -gen-op-interface-docs
done

if [ -n "$check" ]; then
  for folder in "${folders[@]}"; do
    diff -ru "docs/$folder" "$output/$folder" ||
      { echo "docs/$folder is stale: run utils/generate-docs.sh" >&2; exit 1; }
  done
fi
