#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds Condense if needed and runs everything that is tested: lit tests, unit tests,
# executed numeric tests and, where the measuring material is present (CONDENSE_MATERIAL, or
# ../shared/material beside the repository), the tests on real models. Skipped tests are
# listed with the reason. The last line is "N passed, N failed, N skipped".
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

material=${CONDENSE_MATERIAL:-$root/../shared/material}
if [ -d "$material" ]; then
  CONDENSE_MATERIAL=$(cd "$material" && pwd)
  export CONDENSE_MATERIAL
else
  unset CONDENSE_MATERIAL
  echo "SKIP: tests on real models: no folder $material (set CONDENSE_MATERIAL)"
fi

if ! bash utils/build.sh; then
  echo "test.sh: error: the build failed" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

results=build/test/results.xml
rm -f $results
cmake --build build --target check-condense
status=$?
python3 utils/summarize_tests.py $results || status=1
exit $status
