// Numbered constraints of the hopper dialect: what RegisterOps.td says.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C2) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected causal beside a window, got a window alone}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) window(%i)
        : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of pack
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected shapes that agree}}
    %y = hopper.pack %x : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x32xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C1) of unpack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a>
    // expected-error @below {{expected shapes that agree, got}}
    %y = hopper.unpack %a : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64x128xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64x64xi32, #hopper.acc>
    // expected-error @below {{expected f32, got 'tensor<64x64xi32, #hopper.acc>'}}
    %y = hopper.reduce add %x : tensor<64x64xi32, #hopper.acc> -> tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C1) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected f32, got 'tensor<64xi32, #hopper.row>'}}
    %y = hopper.reduce add %x : tensor<64x64xf32, #hopper.acc> -> tensor<64xi32, #hopper.row>
  }
  return
}

// -----
// (C1) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x4xf32, #hopper.row_partial>
    // expected-error @below {{expected to reduce row_partial to row, got 'tensor<64x4xf32, #hopper.row_partial>'}}
    %y = hopper.reduce add %x : tensor<64x4xf32, #hopper.row_partial>
        -> tensor<64x4xf32, #hopper.row_partial>
  }
  return
}

// -----
// (C3) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf16, #hopper.operand_a>
    // expected-error @below {{expected to add a fragment up to row, got max to 'tensor<64xf32, #hopper.row>'}}
    %y = hopper.reduce max %x : tensor<64x64xf16, #hopper.operand_a>
        -> tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C3) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf16, #hopper.operand_a>
    // expected-error @below {{expected to add a fragment up to row, got add to 'tensor<64x4xf32, #hopper.row_partial>'}}
    %y = hopper.reduce add %x : tensor<64x64xf16, #hopper.operand_a>
        -> tensor<64x4xf32, #hopper.row_partial>
  }
  return
}

// -----
// (C1) of broadcast
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected one element type, got 'tensor<64xf32, #hopper.row>' and 'tensor<64x64xi32, #hopper.acc>'}}
    %y = hopper.broadcast %x : tensor<64xf32, #hopper.row> -> tensor<64x64xi32, #hopper.acc>
  }
  return
}

// -----
// (C1) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected heads in [1, 256], got 0}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) heads 0 : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected heads in [1, 256], got -1}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) heads -1 : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected heads in [1, 256], got 257}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) heads 257 : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C3) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64x64xi32, #hopper.acc>
    // expected-error @below {{expected an f32 source, got 'tensor<64x64xi32, #hopper.acc>'}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) : tensor<64x64xi32, #hopper.acc>
  }
  return
}

// -----
// (C1) of rescale
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64x64xi32, #hopper.acc>
    %r = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected f32, got 'tensor<64x64xi32, #hopper.acc>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xi32, #hopper.acc>, tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C1) of rescale
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    %r = arith.constant dense<false> : tensor<64xi1, #hopper.row>
    // expected-error @below {{expected f32, got 'tensor<64xi1, #hopper.row>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xf32, #hopper.acc>, tensor<64xi1, #hopper.row>
  }
  return
}
