// Numbered constraints of the hopper dialect: types, attributes and roles.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C1) of smem
// expected-error @below {{expected at least one stage, got 0}}
func.func @f(%s: !hopper.smem<0x64x64xbf16>) { return }

// -----
// (C2) of smem
// expected-error @below {{expected rows that are a multiple of 8, got 12}}
func.func @f(%s: !hopper.smem<12x64xbf16>) { return }

// -----
// (C3) of smem
// expected-error @below {{expected columns that are a multiple of 64, got 96}}
func.func @f(%s: !hopper.smem<64x96xbf16>) { return }

// -----
// (C4) of smem
// expected-error @below {{expected bf16, f16, f32 or f8E4M3FN elements, got 'f64'}}
func.func @f(%s: !hopper.smem<64x64xf64>) { return }

// -----
// expected-error @below {{expected rows x columns or stages x rows x columns, got rank 1}}
func.func @f(%s: !hopper.smem<64xbf16>) { return }

// -----
// (C1) of barrier types
// expected-error @below {{expected 1 to 1024 stages, got 0}}
func.func @f(%b: !hopper.barrier<0>) { return }

// -----
// (C1) of acc
// expected-error @below {{expected 64 or 32 rows and a multiple of 8 columns, at most 512, for #hopper.acc}}
func.func @f(%a: tensor<64x12xf32, #hopper.acc>) { return }

// -----
// (C2) of acc
// expected-error @below {{expected f32, i32 or i1 elements, got 'bf16'}}
func.func @f(%a: tensor<64x16xbf16, #hopper.acc>) { return }

// -----
// (C1) of operand_a
// expected-error @below {{expected 64 or 32 rows and a multiple of 16 columns, at most 1024, for #hopper.operand_a}}
func.func @f(%a: tensor<64x8xbf16, #hopper.operand_a>) { return }

// -----
// (C2) of operand_a
// expected-error @below {{expected bf16 or f16 elements, got 'f32'}}
func.func @f(%a: tensor<64x16xf32, #hopper.operand_a>) { return }

// -----
// (C1) of row
// expected-error @below {{expected 64 or 32 values for #hopper.row}}
func.func @f(%a: tensor<16xf32, #hopper.row>) { return }

// -----
// (C1) of row_partial
// expected-error @below {{expected 64 or 32 rows and 4 columns for #hopper.row_partial}}
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
// (C2) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected registers that are a multiple of 8 in [24, 256], got 20}}
  hopper.roles producer registers(20) {
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected at most 504 registers over all warpgroups, got 536}}
  hopper.roles producer registers(56) {
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of roles: setmaxnreg would wait forever for what 384 threads were
// launched with at most where two CTAs share an SM.
func.func @f() attributes {hopper.kernel, hopper.ctas_per_sm = 2 : i64} {
  // expected-error @below {{expected at most 240 registers over all warpgroups, got 248}}
  hopper.roles producer registers(24) {
  } consumers(2) registers(112) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected consumers with one i32 argument}}
  hopper.roles producer registers(24) {
  } consumers(2) registers(240) {
  }
  return
}

// -----
// (C5) of smem
// expected-error @below {{expected at most 232448 bytes, got 2x512x128 elements of 2}}
func.func @f(%s: !hopper.smem<2x512x128xbf16>) { return }

// -----
// (C5) of smem, of more bytes than 64 bits count
// expected-error @below {{expected at most 232448 bytes}}
func.func @f(%s: !hopper.smem<1099511627776x1099511627776x1024xbf16>) { return }

// -----
// (C1) of barrier types
// expected-error @below {{expected 1 to 1024 stages, got 1025}}
func.func @f(%s: !hopper.barrier<1025>) { return }

// -----
// (C1) of acc
// expected-error @below {{expected 64 or 32 rows and a multiple of 8 columns, at most 512, for #hopper.acc}}
func.func @f(%s: tensor<64x520xf32, #hopper.acc>) { return }

// -----
// (C1) of acc
// expected-error @below {{expected 64 or 32 rows and a multiple of 8 columns, at most 512, for #hopper.acc}}
func.func @f(%s: tensor<64x?xf32, #hopper.acc>) { return }

// -----
// (C1) of operand_a
// expected-error @below {{expected 64 or 32 rows and a multiple of 16 columns, at most 1024, for #hopper.operand_a}}
func.func @f(%s: tensor<64x1040xbf16, #hopper.operand_a>) { return }

// -----
// (C2) of row
// expected-error @below {{expected f32, i32 or i1 elements, got 'f16'}}
func.func @f(%s: tensor<64xf16, #hopper.row>) { return }

// -----
// (C2) of row_partial
// expected-error @below {{expected f32, i32 or i1 elements, got 'i64'}}
func.func @f(%s: tensor<64x4xi64, #hopper.row_partial>) { return }

// -----
// (C1) of acc: 16 rows are those of warps only.
// expected-error @below {{expected 64 or 32 rows and a multiple of 8 columns, at most 512, for #hopper.acc}}
func.func @f(%s: tensor<16x64xf32, #hopper.acc>) { return }

// -----
// (C1) of acc, per_warp
// expected-error @below {{expected 64, 32 or 16 rows and a multiple of 16 columns, at most 512, for #hopper.acc<per_warp>}}
func.func @f(%s: tensor<8x64xf32, #hopper.acc<per_warp>>) { return }

// -----
// (C1) of acc, per_warp
// expected-error @below {{expected 64, 32 or 16 rows and a multiple of 16 columns, at most 512, for #hopper.acc<per_warp>}}
func.func @f(%s: tensor<16x24xf32, #hopper.acc<per_warp>>) { return }

// -----
// (C1) of acc, per_warp
// expected-error @below {{expected 64, 32 or 16 rows and a multiple of 16 columns, at most 512, for #hopper.acc<per_warp>}}
func.func @f(%s: tensor<32x528xf32, #hopper.acc<per_warp>>) { return }

// -----
// (C2) of acc, per_warp
// expected-error @below {{expected f32, i32 or i1 elements, got 'f64'}}
func.func @f(%s: tensor<16x64xf64, #hopper.acc<per_warp>>) { return }

// -----
// (C1) of operand_a, per_warp
// expected-error @below {{expected 64 or 32 rows and a multiple of 16 columns, at most 1024, for #hopper.operand_a<per_warp>}}
func.func @f(%s: tensor<16x64xbf16, #hopper.operand_a<per_warp>>) { return }

// -----
// (C1) of operand_a, per_warp
// expected-error @below {{expected 64 or 32 rows and a multiple of 16 columns, at most 1024, for #hopper.operand_a<per_warp>}}
func.func @f(%s: tensor<32x24xbf16, #hopper.operand_a<per_warp>>) { return }

// -----
// (C2) of operand_a, per_warp
// expected-error @below {{expected bf16 or f16 elements, got 'f32'}}
func.func @f(%s: tensor<32x64xf32, #hopper.operand_a<per_warp>>) { return }

// -----
// (C1) of row, per_warp
// expected-error @below {{expected 64, 32 or 16 values for #hopper.row<per_warp>}}
func.func @f(%s: tensor<8xf32, #hopper.row<per_warp>>) { return }

// -----
// (C2) of row, per_warp
// expected-error @below {{expected f32, i32 or i1 elements, got 'bf16'}}
func.func @f(%s: tensor<16xbf16, #hopper.row<per_warp>>) { return }

// -----
// (C1) of row_partial, per_warp
// expected-error @below {{expected 64, 32 or 16 rows and 8 columns for #hopper.row_partial<per_warp>}}
func.func @f(%s: tensor<16x4xf32, #hopper.row_partial<per_warp>>) { return }

// -----
// (C1) of row_partial, per_warp
// expected-error @below {{expected 64, 32 or 16 rows and 8 columns for #hopper.row_partial<per_warp>}}
func.func @f(%s: tensor<8x8xf32, #hopper.row_partial<per_warp>>) { return }

// -----
// (C2) of row_partial, per_warp
// expected-error @below {{expected f32, i32 or i1 elements, got 'f16'}}
func.func @f(%s: tensor<16x8xf16, #hopper.row_partial<per_warp>>) { return }

// -----
// Only that word stands in brackets.
// expected-error @below {{expected 'per_warp'}}
func.func @f(%s: tensor<16x64xf32, #hopper.acc<per_lane>>) { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.kernel' to be a unit attribute, got 1 : i64}}
func.func @f() attributes {hopper.kernel = 1} { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.awaits_grids' to be a unit attribute, got false}}
func.func @f() attributes {hopper.awaits_grids = false} { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.kernel' on a func.func with a body}}
func.func private @f() attributes {hopper.kernel}

// -----
// Attributes of the dialect
// expected-error @below {{expected a kernel without results, got 1}}
func.func @f(%i: i32) -> i32 attributes {hopper.kernel} { return %i : i32 }

// -----
// Attributes of the dialect
// expected-error @below {{expected a kernel of one block}}
func.func @f() attributes {hopper.kernel} {
  cf.br ^end
^end:
  return
}

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.tile_tokens' to be an i64 of at least 1, got 0 : i64}}
func.func @f() attributes {hopper.tile_tokens = 0} { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.packed_heads' to be an i64 of at least 1, got }}
func.func @f() attributes {hopper.packed_heads = "4"} { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.parameter' to be a dictionary with a string 'kind', got 3 : i64}}
func.func @f(%i: i32 {hopper.parameter = 3}) { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected 'hopper.parameter' to be a dictionary with a string 'kind', got {}}}
func.func @f(%i: i32 {hopper.parameter = {}}) { return }

// -----
// Attributes of the dialect
// expected-error @below {{expected no argument attribute of this dialect but 'hopper.parameter', got 'hopper.kernel'}}
func.func @f(%i: i32 {hopper.kernel}) { return }

// -----
// (C1) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected 1 to 7 consumers, got 0}}
  hopper.roles producer registers(24) {
  } consumers(0) registers(24) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected 1 to 7 consumers, got 8}}
  hopper.roles producer registers(24) {
  } consumers(8) registers(24) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected registers that are a multiple of 8 in [24, 256], got 264}}
  hopper.roles producer registers(24) {
  } consumers(1) registers(264) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected a producer without arguments}}
  hopper.roles producer registers(24) {
  ^bb0(%w: i32):
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// Two of them in a kernel
// expected-error @below {{expected one hopper.roles in a kernel, got 2}}
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// Converters are no consumers.
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected inside the consumers' region of hopper.roles}}
    hopper.commit
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// Three warps don't meet as a warpgroup does.
func.func @f(%tickets: !llvm.ptr<1>, %n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected inside the region of a whole warpgroup of hopper.roles}}
    %is_last = hopper.arrive_last %tickets[%n] of %n
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// The producer arrives by expecting bytes.
func.func @f() attributes {hopper.kernel} {
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(56) {
    // expected-error @below {{expected inside the consumers' or converters' region of hopper.roles}}
    hopper.arrive %b : !hopper.barrier<1>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of hopper.roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected converters without arguments}}
  hopper.roles producer registers(56) {
  } converters {
  ^bb0(%w: i32):
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of !hopper.smem
// expected-error @below {{expected columns that are a multiple of 128, got 64}}
func.func private @f(!hopper.smem<64x64xf8E4M3FN>)

// -----
// (C2) of hopper.roles: converters with registers are one more warpgroup.
func.func @f() attributes {hopper.kernel, hopper.ctas_per_sm = 2 : i64} {
  // expected-error @below {{expected at most 240 registers over all warpgroups, got 248}}
  hopper.roles producer registers(24) {
  } converters registers(72) {
  } consumers(1) registers(152) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of hopper.roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected registers that are a multiple of 8 in [24, 256], got 20}}
  hopper.roles producer registers(24) {
  } converters registers(20) {
  } consumers(1) registers(152) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C4) of hopper.roles
func.func @f() attributes {hopper.kernel} {
  // expected-error @below {{expected a region of the converters that have registers}}
  "hopper.roles"() <{producer_registers = 24 : i64, converter_registers = 64 : i64, consumers = 1 : i64,
                     consumer_registers = 152 : i64}> ({
    "hopper.role_end"() : () -> ()
  }, {
  ^bb0(%w: i32):
    "hopper.role_end"() : () -> ()
  }, {}) : () -> ()
  return
}

// -----
// (C1) of entries
func.func @f(%e: tensor<12xi32, #hopper.entries>) { // expected-error {{expected shape N, a multiple of 8 in [8, 256], for #hopper.entries}}
  return
}

// -----
// (C2) of entries
func.func @f(%e: tensor<16xf32, #hopper.entries>) { // expected-error {{expected i32 elements, got 'f32'}}
  return
}

// -----

// (C1) of hopper.find
func.func @f(%n: i32) attributes {hopper.kernel} {
  // expected-error @below {{expected a region of one i32 argument}}
  %index, %before = hopper.find %n of %n {
  ^bb0(%i: i64):
    hopper.weight %n
  }
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----

// (C3) of hopper.find
func.func @f(%n: i32) attributes {hopper.kernel} {
  // expected-error @below {{expected a target, got none}}
  "hopper.find"(%n) ({
  ^bb0(%i: i32):
    hopper.weight %n
  }) : (i32) -> ()
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----

func.func @f(%n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
    // expected-error @below {{expected at the top level of a kernel}}
    %index, %before = hopper.find %n of %n {
    ^bb0(%i: i32):
      hopper.weight %i
    }
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}
