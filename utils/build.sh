#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what is missing and builds the release preset into build/ (tools in build/bin).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

bash utils/install-deps.sh
[ -f build/build.ninja ] || cmake --preset release
cmake --build build -j "$(nproc)"
