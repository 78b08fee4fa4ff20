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

// -----
// (C1) of pack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.pack %x : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of pack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<64x64xbf16, #hopper.operand_a>'}}
    %y = hopper.pack %x : tensor<64x64xf32, #hopper.acc<per_warp>>
        -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C1) of pack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 and 16-bit elements, got 'tensor<64x64xbf16, #hopper.acc<per_warp>>' and 'tensor<64x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.pack %x : tensor<64x64xbf16, #hopper.acc<per_warp>>
        -> tensor<64x64xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----
// Of each warp the operand of a product is stacked first.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{result #0 must be tensor with encoding #hopper.operand_a or tensor with encoding #hopper.acc<per_warp>, but got 'tensor<64x64xbf16, #hopper.operand_a<per_warp>>'}}
    %y = hopper.pack %x : tensor<64x64xf32, #hopper.acc<per_warp>>
        -> tensor<64x64xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----
// (C1) of unpack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<64x64xbf16, #hopper.operand_a>'}}
    %y = hopper.unpack %x : tensor<64x64xbf16, #hopper.operand_a>
        -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of unpack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.unpack %x : tensor<64x64xbf16, #hopper.acc<per_warp>>
        -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of unpack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 and 16-bit elements, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %y = hopper.unpack %x : tensor<64x64xf32, #hopper.acc<per_warp>>
        -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C2) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<64xf32, #hopper.row>'}}
    %y = hopper.reduce max %x : tensor<64x64xf32, #hopper.acc<per_warp>>
        -> tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64xf32, #hopper.row<per_warp>>'}}
    %y = hopper.reduce max %x : tensor<64x64xf32, #hopper.acc>
        -> tensor<64xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// (C2) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x8xf32, #hopper.row_partial<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x8xf32, #hopper.row_partial<per_warp>>' and 'tensor<64xf32, #hopper.row>'}}
    %y = hopper.reduce add %x : tensor<64x8xf32, #hopper.row_partial<per_warp>>
        -> tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64x8xf32, #hopper.row_partial<per_warp>>'}}
    %y = hopper.reduce add %x : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x8xf32, #hopper.row_partial<per_warp>>
  }
  return
}

// -----
// (C2) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected as many rows, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<32xf32, #hopper.row<per_warp>>'}}
    %y = hopper.reduce add %x : tensor<64x64xf32, #hopper.acc<per_warp>> -> tensor<32xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// Of a fragment that each warp has of its own no product sums rows.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{but got 'tensor<64x64xbf16, #hopper.operand_a<per_warp>>'}}
    %y = hopper.reduce add %x : tensor<64x64xbf16, #hopper.operand_a<per_warp>> -> tensor<64xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// (C1) of reduce
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32, got 'tensor<64x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.reduce add %x : tensor<64x64xbf16, #hopper.acc<per_warp>> -> tensor<64xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// (C2) of broadcast
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64xf32, #hopper.row<per_warp>>' and 'tensor<64x64xf32, #hopper.acc>'}}
    %y = hopper.broadcast %x : tensor<64xf32, #hopper.row<per_warp>>
        -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C2) of broadcast
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64xf32, #hopper.row>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %y = hopper.broadcast %x : tensor<64xf32, #hopper.row>
        -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C2) of broadcast
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64xf32, #hopper.row>' and 'tensor<64x8xf32, #hopper.row_partial<per_warp>>'}}
    %y = hopper.broadcast %x : tensor<64xf32, #hopper.row>
        -> tensor<64x8xf32, #hopper.row_partial<per_warp>>
  }
  return
}

// -----
// (C1) of rescale
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    %r = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<64xf32, #hopper.row>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xf32, #hopper.acc<per_warp>>, tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C1) of rescale
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    %r = arith.constant dense<0.0> : tensor<64xf32, #hopper.row<per_warp>>
    // expected-error @below {{expected both or neither to be per_warp, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64xf32, #hopper.row<per_warp>>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xf32, #hopper.acc>, tensor<64xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// (C1) of rescale
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    %r = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    // expected-error @below {{expected as many rows, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<32xf32, #hopper.row>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xf32, #hopper.acc>, tensor<32xf32, #hopper.row>
  }
  return
}

// -----
// (C1) of rescale
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    %r = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    // expected-error @below {{expected as many rows, got 'tensor<64x64xf32, #hopper.acc<per_warp>>' and 'tensor<16xf32, #hopper.row<per_warp>>'}}
    %y = hopper.rescale %x by %r : tensor<64x64xf32, #hopper.acc<per_warp>>, tensor<16xf32, #hopper.row<per_warp>>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<64x64xf32, #hopper.acc>' and 'tensor<64x64xf32, #hopper.acc>'}}
    %y = hopper.stack %x, %x : tensor<64x64xf32, #hopper.acc>
        -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<32x64xf32, #hopper.acc>' and 'tensor<64x128xf32, #hopper.acc>'}}
    %y = hopper.stack %x, %x : tensor<32x64xf32, #hopper.acc>
        -> tensor<64x128xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<32x64xf32, #hopper.acc<per_warp>>' and 'tensor<64x64xf32, #hopper.acc>'}}
    %y = hopper.stack %x, %x : tensor<32x64xf32, #hopper.acc<per_warp>>
        -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<32x64xf32, #hopper.acc>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %y = hopper.stack %x, %x : tensor<32x64xf32, #hopper.acc>
        -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<16x64xf32, #hopper.acc<per_warp>>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %y = hopper.stack %x, %x : tensor<16x64xf32, #hopper.acc<per_warp>>
        -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of stack: of 16 bits the result is an operand.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<16x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<16x64xbf16, #hopper.acc<per_warp>>' and 'tensor<32x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.stack %x, %x : tensor<16x64xbf16, #hopper.acc<per_warp>>
        -> tensor<32x64xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of stack: of 32 bits it is none.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<16x64xf32, #hopper.acc<per_warp>>' and 'tensor<32x64xbf16, #hopper.operand_a<per_warp>>'}}
    %y = hopper.stack %x, %x : tensor<16x64xf32, #hopper.acc<per_warp>>
        -> tensor<32x64xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----
// (C1) of stack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<16x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<16x64xbf16, #hopper.acc<per_warp>>' and 'tensor<32x64xf16, #hopper.operand_a<per_warp>>'}}
    %y = hopper.stack %x, %x : tensor<16x64xbf16, #hopper.acc<per_warp>>
        -> tensor<32x64xf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----
// (C1) of unstack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<32x64xf32, #hopper.acc>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %y, %z = hopper.unstack %x : tensor<64x64xf32, #hopper.acc<per_warp>>
        -> tensor<32x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of unstack
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<32x64xf32, #hopper.acc<per_warp>>' and 'tensor<32x64xf32, #hopper.acc<per_warp>>'}}
    %y, %z = hopper.unstack %x : tensor<32x64xf32, #hopper.acc<per_warp>>
        -> tensor<32x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C1) of unstack: what is an operand once stacked has no inverse.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected tiles of 32 and 64 rows, or half as many if they are per_warp, that agree in the rest, got 'tensor<16x64xbf16, #hopper.acc<per_warp>>' and 'tensor<32x64xbf16, #hopper.acc<per_warp>>'}}
    %y, %z = hopper.unstack %x : tensor<32x64xbf16, #hopper.acc<per_warp>>
        -> tensor<16x64xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----
// Nor may it be the operand.
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<32x64xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{but got 'tensor<32x64xbf16, #hopper.operand_a<per_warp>>'}}
    %y, %z = hopper.unstack %x : tensor<32x64xbf16, #hopper.operand_a<per_warp>>
        -> tensor<16x64xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----
// (C3) of mask
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.acc<per_warp>>
    // expected-error @below {{expected an f32 source, got 'tensor<64x64xbf16, #hopper.acc<per_warp>>'}}
    %y = hopper.mask %x at(%i, %i, %i) length(%i) : tensor<64x64xbf16, #hopper.acc<per_warp>>
  }
  return
}
