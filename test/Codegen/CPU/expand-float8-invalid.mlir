// RUN: condense-opt %s --pass-pipeline='builtin.module(func.func(codegen-expand-float8))' --split-input-file --verify-diagnostics

func.func @narrow(%x: f32) -> f8E4M3FN {
  // expected-error@+1 {{computes with 'f8E4M3FN', which compiled models store but cannot compute with: convert it from f8E4M3FN, f8E5M2 or f8E8M0FNU first, and to codes by compress.quantize}}
  %0 = arith.truncf %x : f32 to f8E4M3FN
  return %0 : f8E4M3FN
}

// -----

func.func @add(%x: f8E5M2) -> f8E5M2 {
  // expected-error@+1 {{computes with 'f8E5M2'}}
  %0 = arith.addf %x, %x : f8E5M2
  return %0 : f8E5M2
}

// -----

func.func @other(%x: f6E2M3FN) -> f32 {
  // expected-error@+1 {{computes with 'f6E2M3FN'}}
  %0 = arith.extf %x : f6E2M3FN to f32
  return %0 : f32
}
