// RUN: not condense-opt %s --compress-annotate-weights="layers=[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not condense-opt %s --compress-annotate-weights="storage=i9" 2>&1 | FileCheck %s --check-prefix=STORAGE
// RUN: not condense-opt %s --compress-annotate-weights="storage=f16" 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not condense-opt %s --compress-annotate-weights="scale=i8" 2>&1 | FileCheck %s --check-prefix=SCALE
// RUN: not condense-opt %s --compress-annotate-weights="algorithm=best" 2>&1 | FileCheck %s --check-prefix=ALGORITHM
// RUN: not condense-opt %s --compress-annotate-weights="ragged=pad" 2>&1 | FileCheck %s --check-prefix=RAGGED
// RUN: not condense-opt %s --compress-annotate-weights="smallest-share=0" 2>&1 | FileCheck %s --check-prefix=SHARE
// RUN: not condense-opt %s --compress-annotate-activations="calibration=guess" 2>&1 | FileCheck %s --check-prefix=CALIBRATION
// RUN: not condense-opt %s --compress-annotate-activations="storage=i4" 2>&1 | FileCheck %s --check-prefix=ACTIVATION

// SHARE: error: smallest-share: 0.000000e+00 is not above 0 and at most 1
// GLOB: error: layers: '[' is no glob
// STORAGE: error: storage: unknown type 'i9'; expected i2 to i8, ui2 to ui8, f8E4M3FN, f8E5M2, f8E8M0FNU, f16 or f32
// SCHEME: error: storage must be iN or uiN with N from 2 to 8, f8E4M3FN or f8E5M2, found 'f16'
// SCALE: error: scale must be f16, f32 or f8E8M0FNU, found 'i8'
// ALGORITHM: error: algorithm: unknown 'best'; expected minmax, mse, squant or gptq
// RAGGED: error: ragged: unknown 'pad'; expected error or shrink
// CALIBRATION: error: calibration: unknown 'guess'; expected minmax, moving_average, percentile, mse, entropy or dynamic
// ACTIVATION: error: storage must be i8 or ui8, found 'i4'
module {}
