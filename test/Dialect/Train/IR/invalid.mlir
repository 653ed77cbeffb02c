// RUN: condense-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{attribute 'train.role' must be a #train.role, found "input"}}
func.func private @no_role(tensor<4xf32> {train.role = "input"})

// -----

// expected-error @+1 {{train.role 'loss' cannot be that of an argument}}
func.func private @argument(tensor<f32> {train.role = #train.role<loss>})

// -----

// expected-error @+1 {{train.role 'step' cannot be that of a result}}
func.func private @result() -> (tensor<i64> {train.role = #train.role<step>})

// -----

// expected-error @+1 {{train.role 'parameter' requires a tensor of floats of static shape, found 'tensor<?xf32>'}}
func.func private @dynamic(tensor<?xf32> {train.role = #train.role<parameter>})

// -----

// expected-error @+1 {{train.role 'metric' requires a float tensor of rank 0, found 'tensor<1xf32>'}}
func.func private @metric() -> (tensor<1xf32> {train.role = #train.role<metric>})

// -----

// expected-error @+1 {{train.role 'step' requires tensor<i64>, found 'tensor<i32>'}}
func.func private @step(tensor<i32> {train.role = #train.role<step>})

// -----

// expected-error @+1 {{train.role 'input' requires a ranked tensor, found 'f32'}}
func.func private @input(f32 {train.role = #train.role<input>})

// -----

// expected-error @+1 {{unknown attribute 'train.rule'}}
func.func private @unknown(tensor<4xf32> {train.rule})

// -----

// expected-error @+1 {{attribute 'train.no_decay' belongs on an argument with the role parameter}}
func.func private @decay(tensor<4xf32> {train.role = #train.role<state>, train.no_decay})

// -----

// expected-error @+1 {{attribute 'train.no_decay' takes no value}}
func.func private @value(tensor<4xf32> {train.role = #train.role<parameter>, train.no_decay = 1 : i32})

// -----

// expected-error @+1 {{attribute 'train.rate' must be an f64 that is not negative, found -1.000000e+00 : f64}}
func.func private @rate(tensor<4xf32> {train.role = #train.role<parameter>, train.rate = -1.0 : f64})

// -----

func.func @operation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{attribute 'train.role' belongs on an argument or result of a function}}
  %y = nn.relu %x {train.role = #train.role<input>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @storage(%x: tensor<4x8xf32>, %s: tensor<1x1xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{requires storage i2 to i8, ui2 to ui8, f8E4M3FN or f8E5M2, found 'i16'}}
  %y = train.fake_quantize %x, %s {storage = i16} : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @rank(%x: tensor<4x8xf32>, %s: tensor<1xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{requires scales of static shape and of the rank of the input, 2, found 'tensor<1xf32>'}}
  %y = train.fake_quantize %x, %s {storage = i8} : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @blocks(%x: tensor<4x8xf32>, %s: tensor<1x3xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{dimension 1 of 'tensor<4x8xf32>' is not divisible into 3 blocks}}
  %y = train.fake_quantize %x, %s {storage = i8} : (tensor<4x8xf32>, tensor<1x3xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @float_zero(%x: tensor<4x8xf32>, %s: tensor<1x1xf32>, %z: tensor<1x1xi8>) -> tensor<4x8xf32> {
  // expected-error @+1 {{storage 'f8E5M2' takes no zero points}}
  %y = train.fake_quantize %x, %s, %z {storage = f8E5M2} : (tensor<4x8xf32>, tensor<1x1xf32>, tensor<1x1xi8>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @zero_type(%x: tensor<4x8xf32>, %s: tensor<1x1xf32>, %z: tensor<1x1xui4>) -> tensor<4x8xf32> {
  // expected-error @+1 {{requires zero points of type 'tensor<1x1xui8>', found 'tensor<1x1xui4>'}}
  %y = train.fake_quantize %x, %s, %z {storage = ui8} : (tensor<4x8xf32>, tensor<1x1xf32>, tensor<1x1xui4>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
