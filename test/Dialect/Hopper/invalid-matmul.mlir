// Numbered constraints of the hopper dialect: what MatmulOps.td says.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C1) of wgmma
func.func @f() attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  %k = hopper.alloc : !hopper.smem<64x64xf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected operands of one element type, got 'bf16' and 'f16'}}
    %s = hopper.wgmma %q, %k transpose : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x64xf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C3) of wgmma
func.func @f() attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  %k = hopper.alloc : !hopper.smem<64x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an inner size that is a multiple of 16, at most 64, got 80}}
    %s = hopper.wgmma %q, %k transpose inner 80 : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x128xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C4) of wgmma
func.func @f() attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected at most 64 result columns, got 72}}
    %s = hopper.wgmma %q, %q transpose : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x64xbf16> -> tensor<64x72xf32, #hopper.acc>
  }
  return
}

// -----
// (C6) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %q = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected no columns of a transposed b}}
    %s = hopper.wgmma %q, %q columns(%i) transpose : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C1) of wait_group
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected pending in [0, 7], got 8}}
    hopper.wait_group pending 8
  }
  return
}

// -----
// (C2) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %t = hopper.alloc : !hopper.smem<264x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a result 64xN of f32, N at most 256, got 'tensor<64x264xf32, #hopper.acc>'}}
    %x = hopper.wgmma %s, %t transpose : !hopper.smem<64x64xbf16>,
        !hopper.smem<264x64xbf16> -> tensor<64x264xf32, #hopper.acc>
  }
  return
}

// -----
// (C2) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a result 64xN of f32, N at most 256, got 'tensor<64x64xi32, #hopper.acc>'}}
    %x = hopper.wgmma %s, %s transpose : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x64xbf16> -> tensor<64x64xi32, #hopper.acc>
  }
  return
}

// -----
// (C3) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an inner size that is a multiple of 16, at most 64, got -16}}
    %x = hopper.wgmma %s, %s transpose inner -16 : !hopper.smem<64x64xbf16>,
        !hopper.smem<64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C5) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a>
    // expected-error @below {{expected no stage and no row for a fragment}}
    %x = hopper.wgmma %a rows(%i), %s : tensor<64x64xbf16, #hopper.operand_a>,
        !hopper.smem<64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C5) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a of 2 stages}}
    %x = hopper.wgmma %s, %s[%i] transpose : !hopper.smem<2x64x64xbf16>,
        !hopper.smem<2x64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C5) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into b of 2 stages}}
    %x = hopper.wgmma %s[%i], %s transpose : !hopper.smem<2x64x64xbf16>,
        !hopper.smem<2x64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C7) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<32x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a of at least 64 rows, got 32}}
    %x = hopper.wgmma %s, %s transpose : !hopper.smem<32x64xbf16>,
        !hopper.smem<32x64xbf16> -> tensor<64x32xf32, #hopper.acc>
  }
  return
}

// -----
// (C7) of wgmma
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<8x64xbf16>
  %k = hopper.alloc : !hopper.smem<32x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a of at least 16 rows, got 8}}
    %x = hopper.wgmma %s, %k transpose only 16 : !hopper.smem<8x64xbf16>,
        !hopper.smem<32x64xbf16> -> tensor<64x32xf32, #hopper.acc>
  }
  return
}

// -----
// (C2) of wait_group
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64x64xi32, #hopper.acc>
    // expected-error @below {{expected accumulators of f32, got 'tensor<64x64xi32, #hopper.acc>'}}
    %y = hopper.wait_group pending 0 %x : tensor<64x64xi32, #hopper.acc>
  }
  return
}

// -----
// (C1) of wait_group
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected pending in [0, 7], got -1}}
    hopper.wait_group pending -1
  }
  return
}

// -----

// (C1) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected b of a's type, or of f8E4M3FN and one block of columns, and a multiple of 64 rows, got '!hopper.smem<64x128xf16>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf16> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C1) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<32x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected b of a's type, or of f8E4M3FN and one block of columns, and a multiple of 64 rows, got '!hopper.smem<32x128xf8E4M3FN>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<32x128xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C1) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x256xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected b of a's type, or of f8E4M3FN and one block of columns, and a multiple of 64 rows, got '!hopper.smem<64x256xf8E4M3FN>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x256xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C2) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a result of f32, its columns 16, got 'tensor<32x64xf32, #hopper.acc<per_warp>>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C2) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x16xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a result of f32, its columns a multiple of 16, at most 128, got 'tensor<32x144xf32, #hopper.acc<per_warp>>'}}
    %s = hopper.warp_mma %a, %k : tensor<32x16xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x144xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C2) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a result of f32, its columns 16, got 'tensor<32x16xbf16, #hopper.acc<per_warp>>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x16xbf16, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C3) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x144xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a of 32 rows and at most 128 columns, got 'tensor<32x144xbf16, #hopper.operand_a<per_warp>>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x144xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C3) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x32xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a of 32 rows and 16 columns, got 'tensor<32x32xbf16, #hopper.operand_a<per_warp>>'}}
    %s = hopper.warp_mma %a, %k : tensor<32x32xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x128xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C3) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected a of 64 rows and at most 128 columns, got 'tensor<32x128xbf16, #hopper.operand_a<per_warp>>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<64x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// (C4) of warp_mma
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<2x64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{expected an index into b of 2 stages}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<2x64x128xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// Its operand and its result are each warp's.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<64x128xbf16, #hopper.operand_a>
    // expected-error @below {{operand #0 must be tensor with encoding #hopper.operand_a<per_warp>, but got 'tensor<64x128xbf16, #hopper.operand_a>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<64x128xbf16, #hopper.operand_a>, !hopper.smem<64x128xf8E4M3FN> -> tensor<64x16xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// Its operand and its result are each warp's.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<32x128xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{'result' must be tensor with encoding #hopper.acc<per_warp>, but got 'tensor<32x16xf32, #hopper.acc>'}}
    %s = hopper.warp_mma %a, %k transpose : tensor<32x128xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// The rows of wgmma are no warp's own.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<0.0> : tensor<64x64xbf16, #hopper.operand_a<per_warp>>
    // expected-error @below {{operand #0 must be ring of shared-memory tiles of 16-bit elements or tensor with encoding #hopper.operand_a, but got 'tensor<64x64xbf16, #hopper.operand_a<per_warp>>'}}
    %s = hopper.wgmma %a, %k transpose : tensor<64x64xbf16, #hopper.operand_a<per_warp>>, !hopper.smem<64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----

// The rows of wgmma are no warp's own.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{'result' must be tensor with encoding #hopper.acc, but got 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    %s = hopper.wgmma %k, %k transpose : !hopper.smem<64x64xbf16>, !hopper.smem<64x64xbf16> -> tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}

// -----

// Nor are those that it waits for.
func.func @f(%n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{must be variadic of}}
    %y = hopper.wait_group pending 0 %x : tensor<64x64xf32, #hopper.acc<per_warp>>
  }
  return
}
