# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the benchmarks share: kernels, contenders, timing, reports."""
