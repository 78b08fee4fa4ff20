// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{expected at least one stage, got 0}}
func.func @f(%s: !hopper.smem<0x64x64xbf16>) { return }

// -----
// expected-error @below {{expected rows that are a multiple of 8, got 12}}
func.func @f(%s: !hopper.smem<12x64xbf16>) { return }

// -----
// expected-error @below {{expected columns that are a multiple of 64, got 96}}
func.func @f(%s: !hopper.smem<64x96xbf16>) { return }

// -----
// expected-error @below {{expected bf16 or f16 elements, got 'f32'}}
func.func @f(%s: !hopper.smem<64x64xf32>) { return }

// -----
// expected-error @below {{expected rows x columns or stages x rows x columns, got rank 1}}
func.func @f(%s: !hopper.smem<64xbf16>) { return }

// -----
// expected-error @below {{expected at least one stage, got 0}}
func.func @f(%b: !hopper.barrier<0>) { return }

// -----
// expected-error @below {{expected shape 64xN, N a multiple of 8, for #hopper.acc}}
func.func @f(%a: tensor<64x12xf32, #hopper.acc>) { return }

// -----
// expected-error @below {{expected f32, i32 or i1 elements, got 'bf16'}}
func.func @f(%a: tensor<64x16xbf16, #hopper.acc>) { return }

// -----
// expected-error @below {{expected shape 64xK, K a multiple of 16, for #hopper.operand_a}}
func.func @f(%a: tensor<64x8xbf16, #hopper.operand_a>) { return }

// -----
// expected-error @below {{expected bf16 or f16 elements, got 'f32'}}
func.func @f(%a: tensor<64x16xf32, #hopper.operand_a>) { return }

// -----
// expected-error @below {{expected shape 64 for #hopper.row}}
func.func @f(%a: tensor<32xf32, #hopper.row>) { return }

// -----
// expected-error @below {{expected shape 64x4 for #hopper.row_partial}}
func.func @f(%a: tensor<64x8xf32, #hopper.row_partial>) { return }

// -----
// expected-error @below {{expected no attribute of this dialect but 'hopper.kernel', got 'hopper.other'}}
func.func @f() attributes {hopper.other} { return }

// -----
// expected-error @below {{expected a tensor map, i32, i64, f32 or !llvm.ptr<1> as kernel argument 0, got 'index'}}
func.func @f(%i: index) attributes {hopper.kernel} { return }

// -----
// expected-error @below {{expected one hopper.roles in a kernel, got 0}}
func.func @f() attributes {hopper.kernel} { return }

// -----
func.func @f() {
  // expected-error @below {{expected at the top level of a kernel}}
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected registers that are a multiple of 8 in [24, 256], got 20}}
  hopper.roles producer registers(20) {
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected at most 512 registers over all warpgroups, got 536}}
  hopper.roles producer registers(56) {
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected consumers with one i32 argument}}
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  %c0 = arith.constant 0 : i32
  hopper.roles producer registers(24) {
    // expected-error @below {{expected inside the consumers' region of hopper.roles}}
    hopper.arrive %b[%c0] : !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.wait %b : !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected a count in [1, 1048575], got 0}}
  %b = hopper.barriers count 0 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a lag of 0 or 1, got 2}}
    hopper.wait %b lag 2 : !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f(%m: !hopper.tensor_map, %c: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a box of at most the tile's 64 rows, got 128}}
    hopper.tma_load %m[%c, %c, %c, %c], %s, %b box [2, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
func.func @f(%m: !hopper.tensor_map, %c: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected columns that are a multiple of 64, at most the tile's 64, got 128}}
    hopper.tma_load %m[%c, %c, %c, %c], %s, %b box [1, 64] columns 128
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
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
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 128 threads, got 100}}
    hopper.named_sync %i threads 100
  }
  return
}
