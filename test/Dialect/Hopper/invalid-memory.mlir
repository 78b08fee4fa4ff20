// Numbered constraints of the hopper dialect: what MemoryOps.td says.
//
// RUN: parallax-opt %s --split-input-file --verify-diagnostics

// (C1) of tma_load
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
// (C2) of tma_load
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
// (C1) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a box of [heads, tokens], got 3 sizes}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [1, 1, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected box sizes in [1, 256], got 0}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [0, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected box sizes in [1, 256], got 257}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [1, 257]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected columns that are a multiple of 64, at most the tile's 64, got -64}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [1, 64] columns -64
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [1, 64]
        : !hopper.smem<2x64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of tma_load
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.tma_load %m[%i, %i, %i, %i], %s, %b box [1, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of tma_store
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a box of at most the tile's 64 rows, got 65}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [5, 13] : !hopper.smem<64x64xbf16>
  }
  return
}

// -----
// (C2) of tma_store
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected columns that are a multiple of 64, at most the tile's 64, got 32}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] columns 32 : !hopper.smem<64x64xbf16>
  }
  return
}

// -----
// (C3) of tma_store
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] : !hopper.smem<2x64x64xbf16>
  }
  return
}

// -----
// (C1) of tma_store, of f32
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x32xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a box of at most the tile's 64 rows, got 65}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [5, 13] add : !hopper.smem<64x32xf32>
  }
  return
}

// -----
// (C2) of tma_store, of f32
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected columns that are a multiple of 32, at most the tile's 64, got 16}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] columns 16 add : !hopper.smem<64x64xf32>
  }
  return
}

// -----
// (C3) of tma_store, of f32
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] add : !hopper.smem<2x64x64xf32>
  }
  return
}

// -----
// (C4) of tma_store, of f32
func.func @f(%i: i32, %m: !hopper.tensor_map {hopper.parameter = {kind = "tensor_map", operand = "o", box = array<i64: 64, 1, 64, 1>}}) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a tensor map of a block's 32 columns, got 64}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] add : !hopper.smem<64x64xf32>
  }
  return
}

// -----
// The tile of tma_store
func.func @f(%i: i32, %m: !hopper.tensor_map) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{operand #0 must be ring of shared-memory tiles of 16-bit or f32 elements}}
    hopper.tma_store %s, %m[%i, %i, %i, %i] box [1, 64] add : !hopper.smem<64x128xf8E4M3FN>
  }
  return
}

// -----
// f32 is not multiplied.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xf32>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{operand #0 must be ring of shared-memory tiles of elements of at most 16 bits}}
    hopper.zero_rows %s from %n : !hopper.smem<64x64xf32>
  }
  return
}

// -----
// (C1) of store_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x128xf32, #hopper.acc>
    // expected-error @below {{expected a value of at most 64x64, got 'tensor<64x128xf32, #hopper.acc>'}}
    hopper.store_fragment %x, %s : tensor<64x128xf32, #hopper.acc>, !hopper.smem<64x64xbf16>
  }
  return
}

// -----
// (C1) of store_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<32x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x128xf32, #hopper.acc>
    // expected-error @below {{expected a value of at most 32x128, got}}
    hopper.store_fragment %x, %s : tensor<64x128xf32, #hopper.acc>, !hopper.smem<32x128xbf16>
  }
  return
}

// -----
// (C1) of store_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64x64xi32, #hopper.acc>
    // expected-error @below {{expected an f32 value, got 'tensor<64x64xi32, #hopper.acc>'}}
    hopper.store_fragment %x, %s : tensor<64x64xi32, #hopper.acc>, !hopper.smem<64x64xbf16>
  }
  return
}

// -----
// (C2) of store_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.store_fragment %x, %s : tensor<64x64xf32, #hopper.acc>, !hopper.smem<2x64x64xbf16>
  }
  return
}

// -----
// (C1) of zero_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.zero_rows %s from %i : !hopper.smem<2x64x64xbf16>
  }
  return
}

// -----
// (C1) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64xi32, #hopper.row>
    // expected-error @below {{expected an f32 value, got 'tensor<64xi32, #hopper.row>'}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) rows 64
        : tensor<64xi32, #hopper.row>
  }
  return
}

// -----
// (C2) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads 0 and rows 64}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) heads 0 rows 64
        : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads 5 and rows 4}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) heads 5 rows 4
        : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads -1 and rows -1}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) heads -1 rows -1
        : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads 257 and rows 512}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) heads 257 rows 512
        : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C2) of store_rows
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads 1 and rows 4294967296}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) heads 1 rows 4294967296
        : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// The pointer of load_scalar is to global memory
func.func @f(%i: i32) attributes {hopper.kernel} {
  %p = llvm.mlir.zero : !llvm.ptr<3>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{must be pointer to global memory, but got '!llvm.ptr<3>'}}
    %x = "hopper.load_scalar"(%p, %i) : (!llvm.ptr<3>, i32) -> i32
  }
  return
}

// -----
// (C1) of load_scalar
func.func @f(%i: i32, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{must be 32-bit signless integer or 64-bit signless integer or 32-bit float, but got 'f64'}}
    %x = hopper.load_scalar %p[%i] : f64
  }
  return
}

// -----
// (C1) of put_scalar
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x8x64xbf16>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a place in [0, 256), got 256}}
    hopper.put_scalar %i, %s[%i] at 256 : !hopper.smem<2x8x64xbf16>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of get_scalar
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of tiles}}
    %x = hopper.get_scalar %s at 0 : !hopper.smem<2x8x64xbf16>
  }
  return
}

// -----
// (C1) of put
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0> : tensor<64xi32, #hopper.row>
    // expected-error @below {{expected elements of f32, bf16 or f16, got 'i32'}}
    hopper.put %x, %s[%i] : tensor<64xi32, #hopper.row>, !hopper.smem<2x64x64xbf16>
  }
  return
}

// -----
// (C2) of put: two stages hold what one doesn't
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    hopper.put %x, %s : tensor<64x64xf32, #hopper.acc>, !hopper.smem<2x64x64xbf16>
    // expected-error @below {{expected a value of at most 8192 bytes, got 'tensor<64x64xf32, #hopper.acc>' of 16384}}
    hopper.put %x, %s[%i] : tensor<64x64xf32, #hopper.acc>, !hopper.smem<2x64x64xbf16>
  }
  return
}

// -----
// (C1) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 'bf16', got 'tensor<64x64xf16, #hopper.operand_a>'}}
    %x = hopper.load_fragment %s : !hopper.smem<64x64xbf16> -> tensor<64x64xf16, #hopper.operand_a>
  }
  return
}

// -----
// (C2) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 64 rows, or per_warp, of a tile of at least 64x80, got 'tensor<64x80xbf16, #hopper.operand_a>' of '!hopper.smem<64x64xbf16>'}}
    %x = hopper.load_fragment %s : !hopper.smem<64x64xbf16> -> tensor<64x80xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C2) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 64 rows, or per_warp, of a tile of at least 64x64, got 'tensor<32x64xbf16, #hopper.operand_a>'}}
    %x = hopper.load_fragment %s : !hopper.smem<64x64xbf16> -> tensor<32x64xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C2) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<32x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 64 rows, or per_warp, of a tile of at least 64x64, got 'tensor<64x64xbf16, #hopper.operand_a>' of '!hopper.smem<32x64xbf16>'}}
    %x = hopper.load_fragment %s : !hopper.smem<32x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C3) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    %x = hopper.load_fragment %s : !hopper.smem<2x64x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C4) of load_fragment
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected only a multiple of 8 in [8, 64] rows, got 12}}
    %x = hopper.load_fragment %s only 12 : !hopper.smem<64x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C2) of get
func.func @f(%i: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = hopper.get %s : !hopper.smem<8x64xbf16> -> tensor<64xf32, #hopper.row>
    // expected-error @below {{expected a value of at most 1024 bytes, got 'tensor<64x16xbf16, #hopper.operand_a>' of 2048}}
    %x = hopper.get %s : !hopper.smem<8x64xbf16> -> tensor<64x16xbf16, #hopper.operand_a>
  }
  return
}

// -----
// (C1) of append
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  // expected-error @below {{expected columns that are a positive multiple of 4, got 10}}
  hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 10
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of append
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  // expected-error @below {{expected columns that are a positive multiple of 4, got 0}}
  hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 0
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of append
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  // expected-error @below {{expected a page size that is a power of two in [1, 256], got 24}}
  hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 64 pages(%p[%i], %j) size 24
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of append
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  // expected-error @below {{expected a page size that is a power of two in [1, 256], got 512}}
  hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 64 pages(%p[%i], %j) size 512
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of append
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  // expected-error @below {{expected pages with a row, a stride and a size, got some of them}}
  hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 64 {size = 16 : i64}
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// append at the top level of a kernel
func.func @f(%i: i32, %j: i64, %p: !llvm.ptr<1>) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
    // expected-error @below {{kernel}}
    hopper.append %p[%j, %j], %p[%j, %j] from %i count %i limit %i columns 64
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of store_rows
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected columns that are a multiple of 8, of an accumulator of at least as many, got 72 of 'tensor<64x64xf32, #hopper.acc>'}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) rows 64 columns 72 : tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C4) of store_rows
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<64xf32, #hopper.row>
    // expected-error @below {{expected to round a tile to bf16 or f16, got 'tensor<64xf32, #hopper.row>' as 'bf16'}}
    hopper.store_rows %x, %p[%j, %j, %j] at(%i, %i) length(%i) rows 64 as bf16 : tensor<64xf32, #hopper.row>
  }
  return
}

// -----
// (C1) of load_rows
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected an f32 value, got 'tensor<4xi32, #hopper.lanes>'}}
    %x = hopper.load_rows %p[%j, %j, %j] at(%i, %i) length(%i) rows 64 : tensor<4xi32, #hopper.lanes>
  }
  return
}

// -----
// (C1) of lanes
func.func @f() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected shape R, or RxN, R 1, 2 or 4, N a multiple of 8 in [8, 256], for #hopper.lanes}}
    %x = arith.constant dense<1.0> : tensor<4x12xf32, #hopper.lanes>
  }
  return
}

// -----
// (C2) of broadcast
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant dense<1.0> : tensor<4xf32, #hopper.lanes>
    // expected-error @below {{expected both or neither to be lanes, got 'tensor<4xf32, #hopper.lanes>' and 'tensor<64x64xf32, #hopper.acc>'}}
    %y = hopper.broadcast %x : tensor<4xf32, #hopper.lanes> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// (C4) of tma_load
func.func @f(%m: !hopper.tensor_map {hopper.parameter = {kind = "tensor_map", operand = "k", box = array<i64: 64, 1, 8, 1>}}, %c: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected the box of its tensor map, [1, 8], got [1, 64]}}
    hopper.tma_load %m[%c, %c, %c, %c], %s, %b box [1, 64]
        : !hopper.smem<64x64xbf16>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of tma_load
func.func @f(%m: !hopper.tensor_map, %c: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x256xf8E4M3FN>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected columns that are a multiple of 128, at most the tile's 256, got 64}}
    hopper.tma_load %m[%c, %c, %c, %c], %s, %b box [1, 64] columns 64
        : !hopper.smem<64x256xf8E4M3FN>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C4) of tma_load
func.func @f(%m: !hopper.tensor_map {hopper.parameter = {box = array<i64: 64, 1, 64, 1>, kind = "tensor_map", operand = "k"}},
             %c: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  %b = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
    // expected-error @below {{expected a tensor map of a block's 128 columns, got 64}}
    hopper.tma_load %m[%c, %c, %c, %c], %s, %b box [1, 64]
        : !hopper.smem<64x128xf8E4M3FN>, !hopper.barrier<1>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of convert
func.func @f() attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x128xbf16>
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected a source of f8E4M3FN, got '!hopper.smem<64x128xbf16>'}}
    hopper.convert %s to %s : !hopper.smem<64x128xbf16>, !hopper.smem<64x128xbf16>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of convert
func.func @f() attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{operand #1 must be ring of shared-memory tiles of 16-bit elements}}
    hopper.convert %s to %s : !hopper.smem<64x128xf8E4M3FN>, !hopper.smem<64x128xf8E4M3FN>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of convert
func.func @f() attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  %t = hopper.alloc : !hopper.smem<64x192xbf16>
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected a target of 64 rows and at most 128 columns, got '!hopper.smem<64x192xbf16>'}}
    hopper.convert %s to %t : !hopper.smem<64x128xf8E4M3FN>, !hopper.smem<64x192xbf16>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of convert
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<3x64x128xf8E4M3FN>
  %t = hopper.alloc : !hopper.smem<2x64x128xbf16>
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected an index into a ring of targets of 2 stages}}
    hopper.convert %s[%n] to %t : !hopper.smem<3x64x128xf8E4M3FN>, !hopper.smem<2x64x128xbf16>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of load_entries
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    // expected-error @below {{expected a page size that is a power of two in [1, 256], got 3}}
    %e = hopper.load_entries %p[%n] from %n limit %n size 3 : tensor<64xi32, #hopper.entries>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of gather
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<64xi32, #hopper.entries>
    // expected-error @below {{expected columns that are a positive multiple of 8, at most 64, got 72}}
    hopper.gather %p[%b, %b, %b] pages %e at %n size 4 columns 72 to %s[%n], %full[%n] : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C2) of gather
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<32xi32, #hopper.entries>
    // expected-error @below {{expected entries of the tile's 64 rows, got 'tensor<32xi32, #hopper.entries>'}}
    hopper.gather %p[%b, %b, %b] pages %e at %n size 4 columns 64 to %s[%n], %full[%n] : tensor<32xi32, #hopper.entries>, !hopper.smem<2x64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of gather
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<64xi32, #hopper.entries>
    // expected-error @below {{expected an index into a ring of tiles of 2 stages}}
    hopper.gather %p[%b, %b, %b] pages %e at %n size 4 columns 64 to %s, %full[%n] : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C3) of gather
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<64xi32, #hopper.entries>
    // expected-error @below {{expected an index into a ring of barriers of 2 stages}}
    hopper.gather %p[%b, %b, %b] pages %e at %n size 4 columns 64 to %s[%n], %full : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C4) of gather
func.func @f(%p: !llvm.ptr<1>, %b: i64, %n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<2x64x64xbf16>
  %full = hopper.barriers count 96 : !hopper.barrier<2>
  hopper.roles producer registers(56) {
  } converters {
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<64xi32, #hopper.entries>
    // expected-error @below {{expected a page size that is a power of two in [1, 256], got 512}}
    hopper.gather %p[%b, %b, %b] pages %e at %n size 512 columns 64 to %s[%n], %full[%n] : tensor<64xi32, #hopper.entries>, !hopper.smem<2x64x64xbf16>, !hopper.barrier<2>
  } consumers(1) registers(200) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// Only converters gather.
func.func @f(%p: !llvm.ptr<1>, %n: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
    // expected-error @below {{expected inside the converters' region of hopper.roles}}
    %e = hopper.load_entries %p[%n] from %n limit %n size 4 : tensor<64xi32, #hopper.entries>
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----
// (C1) of hopper.merge_rows
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %m64 = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<4xf32, #hopper.lanes>' and 'tensor<2x64xf32, #hopper.lanes>'}}
    %r:5 = hopper.merge_rows %p, %p, %p, %p, %p count(%i) [%j, %j, %j] at(%i, %i) length(%i) rows 64 : tensor<4xf32, #hopper.lanes>, tensor<2x64xf32, #hopper.lanes>
  }
  return
}

// -----

// (C2) of hopper.merge_rows
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %m64 = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected 1 <= heads <= 256 and heads <= rows < 2^31, got heads 8 and rows 4}}
    %r:5 = hopper.merge_rows %p, %p, %p, %p, %p count(%i) [%j, %j, %j] at(%i, %i) length(%i) heads 8 rows 4 : tensor<4xf32, #hopper.lanes>, tensor<4x64xf32, #hopper.lanes>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<64xf32, #hopper.row>' and 'tensor<32x64xf32, #hopper.acc>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 8 : tensor<64xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc>
    // expected-error @below {{expected values of 32 rows, or all per_warp and of 16 or 32, got 'tensor<64xf32, #hopper.row>' and 'tensor<64x64xf32, #hopper.acc>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<64xf32, #hopper.row>, tensor<64x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<64xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<64x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected values of 32 rows, or all per_warp and of 16 or 32, got 'tensor<64xf32, #hopper.row<per_warp>>' and 'tensor<64x64xf32, #hopper.acc<per_warp>>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<64xf32, #hopper.row<per_warp>>, tensor<64x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected values of 32 rows, or all per_warp and of 16 or 32, got 'tensor<32xf32, #hopper.row>' and 'tensor<32x64xf32, #hopper.acc<per_warp>>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<32xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected values of 32 rows, or all per_warp and of 16 or 32, got 'tensor<32xf32, #hopper.row<per_warp>>' and 'tensor<32x64xf32, #hopper.acc>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<16xf32, #hopper.row<per_warp>>' and 'tensor<32x64xf32, #hopper.acc<per_warp>>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<16xf32, #hopper.row<per_warp>>, tensor<32x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C2) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x72xf32, #hopper.acc>
    // expected-error @below {{expected a multiple of 16 columns, got 'tensor<32x72xf32, #hopper.acc>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 8 : tensor<32xf32, #hopper.row>, tensor<32x72xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected 1 to 32 rows, got 33}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 33 : tensor<32xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected 1 to 8 rows, got 9}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 9 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected a ring of at least 9216 bytes, got '!hopper.smem<64x64xbf16>' of 8192}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 8 : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows: 4 rows a warp
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected 1 to 4 rows, got 5}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 5 : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows: 4 rows a warp
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x128xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected a ring of at least 8704 bytes, got '!hopper.smem<64x64xbf16>' of 8192}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x128xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows: 4 rows a warp
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected two rings for O1 and O2 to cross through, got one}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 4 : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C3) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected 1 to 4 rows, got 0}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 0 : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C4) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<56x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected a ring of at least 7920 bytes, got '!hopper.smem<56x64xbf16>' of 7168}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 8 : tensor<32xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<56x64xbf16>, !hopper.barrier<1>
  }
  return
}

// -----

// (C4) of hopper.send_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  %inbox = hopper.alloc : !hopper.smem<128x64xbf16>
  %bar = hopper.barriers count 1 : !hopper.barrier<2>
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{expected a barrier of one slot, got '!hopper.barrier<2>'}}
    hopper.send_rows %m, %m, %m, %o, %o through %k, %k to %inbox, %bar rows(%i) of %i most 8 : tensor<32xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc>, !hopper.smem<64x64xbf16>, !hopper.smem<128x64xbf16>, !hopper.barrier<2>
  }
  return
}

// -----

// (C1) of hopper.await_rows
func.func @f(%i: i32) attributes {hopper.kernel} {
  %bar = hopper.barriers count 1 : !hopper.barrier<1>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a multiple of 16 in [16, 256] columns, got 72}}
    hopper.await_rows %bar rows(%i) of %i columns 72 : !hopper.barrier<1>
  }
  return
}

// -----

// (C1) of hopper.cluster_wait
func.func @f(%i: i32) attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a hopper.cluster_arrive before the roles}}
    hopper.cluster_wait
  }
  return
}

// -----

// (C1) of hopper.merge_received
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected one row, got 'tensor<2x64xf32, #hopper.lanes>'}}
    %r:5 = hopper.merge_received %k of %i at(%i) : !hopper.smem<64x64xbf16> -> tensor<2xf32, #hopper.lanes>, tensor<2x64xf32, #hopper.lanes>
  }
  return
}

// -----

// (C2) of hopper.merge_received
func.func @f(%i: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a ring of at least 1040 bytes}}
    %r:5 = hopper.merge_received %k of %i at(%i) : !hopper.smem<8x64xbf16> -> tensor<1xf32, #hopper.lanes>, tensor<1x120xf32, #hopper.lanes>
  }
  return
}

// -----

// (C1) of hopper.cta_id
func.func @f(%p: !llvm.ptr<1>, %i: i32, %j: i64) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %m64 = arith.constant dense<0.0> : tensor<64xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc>
    // expected-error @below {{attribute 'dim' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative whose maximum value is 2}}
    %x = hopper.cta_id 3
  }
  return
}

// -----

// (C5) of load_fragment
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected all rows of each warp, got only 16}}
    %x = hopper.load_fragment %s only 16 : !hopper.smem<64x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----

// (C5) of load_fragment
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<64x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected in_fours of what is per_warp only}}
    %x = hopper.load_fragment %s in_fours : !hopper.smem<64x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a>
  }
  return
}

// -----

// (C2) of load_fragment
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<8x64xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 64 rows, or per_warp, of a tile of at least 16x64, got 'tensor<64x64xbf16, #hopper.operand_a<per_warp>>' of '!hopper.smem<8x64xbf16>'}}
    %x = hopper.load_fragment %s : !hopper.smem<8x64xbf16> -> tensor<64x64xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----

// (C2) of load_fragment
func.func @f(%n: i32) attributes {hopper.kernel} {
  %s = hopper.alloc : !hopper.smem<8x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{expected a fragment of 64 rows, or per_warp, of a tile of at least 8x192, got 'tensor<32x192xbf16, #hopper.operand_a<per_warp>>' of '!hopper.smem<8x128xbf16>'}}
    %x = hopper.load_fragment %s : !hopper.smem<8x128xbf16> -> tensor<32x192xbf16, #hopper.operand_a<per_warp>>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<64xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<64x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected values of 16 or 32 rows and a merger of 32, got 'tensor<64x16xf32, #hopper.acc<per_warp>>' and 'tensor<32x16xf32, #hopper.acc>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<64xf32, #hopper.row<per_warp>>, tensor<64x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected values of 16 or 32 rows and a merger of 32, got 'tensor<32x16xf32, #hopper.acc<per_warp>>' and 'tensor<64x16xf32, #hopper.acc>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<64xf32, #hopper.row>, tensor<64x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C3) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected two rings for O1 and O2 to cross through, got one}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<16xf32, #hopper.row<per_warp>>' and 'tensor<32x16xf32, #hopper.acc<per_warp>>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<16xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<64xf32, #hopper.row>' and 'tensor<32x16xf32, #hopper.acc>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<64xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0> : tensor<16xi32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<16xi32, #hopper.row<per_warp>>' and 'tensor<16x16xf32, #hopper.acc<per_warp>>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<16xi32, #hopper.row<per_warp>>, tensor<16x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// (C1) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected f32 values of as many rows as the sums, got 'tensor<32xf32, #hopper.row>' and 'tensor<32x16xi32, #hopper.acc>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xi32, #hopper.acc>
  }
  return
}

// -----

// (C2) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x32xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected a merger of 32 columns, got 'tensor<32x48xf32, #hopper.acc>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x32xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x48xf32, #hopper.acc>
  }
  return
}

// -----

// (C2) of merge_warps
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x64xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected a ring of at least 9216 bytes, got '!hopper.smem<64x128xf8E4M3FN>' of 8192}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x64xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x64xf32, #hopper.acc>
  }
  return
}

// -----

// (C2) of merge_warps: 16 rows take half
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<16xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<16x128xf32, #hopper.acc<per_warp>>
    // expected-error @below {{expected a ring of at least 8704 bytes, got '!hopper.smem<64x128xf8E4M3FN>' of 8192}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<16xf32, #hopper.row<per_warp>>, tensor<16x128xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x128xf32, #hopper.acc>
  }
  return
}

// -----

// The states are each warp's, their merger is not.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc>
    // expected-error @below {{operand #0 must be tensor with encoding #hopper.row<per_warp>, but got 'tensor<32xf32, #hopper.row>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row>, tensor<32x16xf32, #hopper.acc>
  }
  return
}

// -----

// The states are each warp's, their merger is not.
func.func @f(%n: i32) attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<64x128xf8E4M3FN>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %m = arith.constant dense<0.0> : tensor<32xf32, #hopper.row<per_warp>>
    %o = arith.constant dense<0.0> : tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error @below {{result #0 must be tensor with encoding #hopper.row, but got 'tensor<32xf32, #hopper.row<per_warp>>'}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %k, %k : tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>, !hopper.smem<64x128xf8E4M3FN> -> tensor<32xf32, #hopper.row<per_warp>>, tensor<32x16xf32, #hopper.acc<per_warp>>
  }
  return
}
