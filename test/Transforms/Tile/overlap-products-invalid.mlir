// Loops that tile-overlap-products refuses: it would move what they need.
//
// RUN: parallax-opt %s --tile-overlap-products --split-input-file --verify-diagnostics

// No mask at the induction variable
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %c0) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}

// -----
func.func private @g()
// An op without a result, which might be anything
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    func.call @g() : () -> ()
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}

// -----
// An op with a region, whose operands don't say all that it depends on
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %c = arith.cmpi eq, %j, %c0 : index
    %g = scf.if %c -> tensor<64x32xf32> {
      scf.yield %e : tensor<64x32xf32>
    } else {
      scf.yield %x : tensor<64x32xf32>
    }
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}

// -----
// The softmax reads a sum of the turn before
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %lb = tile.broadcast %l : tensor<64xf32> -> tensor<64x32xf32>
    %y = arith.subf %x, %lb : tensor<64x32xf32>
    %e = math.exp2 %y : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}

// -----
// The softmax hands a sum of the turn before on
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:3 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row, %row2 = %row) -> (tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %row2, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1, %l : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  return
}

// -----
// The weights are a function of their own sum
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %sum = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %sb = tile.broadcast %sum : tensor<64xf32> -> tensor<64x32xf32>
    %e2 = math.exp2 %sb : tensor<64x32xf32>
    %p = arith.truncf %e2 : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}

// -----
// What follows the weights reads what the softmax carries
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:3 = scf.for %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row, %m = %row) -> (tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %m1 = tile.reduce max %x : tensor<64x32xf32> -> tensor<64xf32>
    %dm = arith.addf %m, %d : tensor<64xf32>
    %d1 = arith.addf %l, %dm : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1, %m1 : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  return
}

// -----
// Unsigned bounds
func.func @f(%q: tensor<64x64xbf16>, %kt: tensor<32x64xbf16>, %vt: tensor<32x64xbf16>, %n: index)
    attributes {parallax.schedule = {overlap = 1}} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<64x32xf32>
  %wide = arith.constant dense<0.0> : tensor<64x64xf32>
  %row = arith.constant dense<0.0> : tensor<64xf32>
  // expected-error @below {{expected a loop over masked key tiles whose products of weights can be overlapped}}
  %r:2 = scf.for unsigned %j = %c0 to %n step %c32 iter_args(%a = %wide, %l = %row) -> (tensor<64x64xf32>, tensor<64xf32>) {
    %s = tile.dot %q, %kt, %zero transpose : tensor<64x64xbf16>, tensor<32x64xbf16> -> tensor<64x32xf32>
    %x = tile.mask %s at(%c0, %j) length(%n) : tensor<64x32xf32>
    %e = math.exp2 %x : tensor<64x32xf32>
    %p = arith.truncf %e : tensor<64x32xf32> to tensor<64x32xbf16>
    %d = tile.reduce add %e : tensor<64x32xf32> -> tensor<64xf32>
    %d1 = arith.addf %l, %d : tensor<64xf32>
    %a1 = tile.dot %p, %vt, %a : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    scf.yield %a1, %d1 : tensor<64x64xf32>, tensor<64xf32>
  }
  return
}
