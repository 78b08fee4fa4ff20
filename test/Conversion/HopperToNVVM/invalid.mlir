// What hopper-to-nvvm refuses.
//
// RUN: parallax-opt %s --hopper-to-nvvm --split-input-file --verify-diagnostics

// Each is at most 227 KiB, but not both.
// expected-error @below {{expected at most 232448 bytes of shared memory, got 262144}}
func.func @shared() attributes {hopper.kernel} {
  %a = hopper.alloc : !hopper.smem<512x128xbf16>
  %b = hopper.alloc : !hopper.smem<512x128xbf16>
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.zero_rows %a from %w : !hopper.smem<512x128xbf16>
    hopper.zero_rows %b from %w : !hopper.smem<512x128xbf16>
  }
  return
}

// -----
// Queries are read as 64 rows, also where the tile has fewer and ends before.
// expected-error @below {{expected at most 232448 bytes of shared memory, got 237568}}
func.func @read() attributes {hopper.kernel} {
  %k = hopper.alloc : !hopper.smem<28x64x64xbf16>
  %q = hopper.alloc : !hopper.smem<8x64xbf16>
  %c0 = arith.constant 0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %s = hopper.wgmma %q, %k[%c0] transpose only 8 : !hopper.smem<8x64xbf16>, !hopper.smem<28x64x64xbf16> -> tensor<64x64xf32, #hopper.acc>
  }
  return
}

// -----
// A register of a packed fragment holds two elements.
func.func @packed() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %a = arith.constant dense<1.0> : tensor<64x16xbf16, #hopper.operand_a>
    // expected-error @below {{failed to legalize operation 'arith.addf'}}
    %b = arith.addf %a, %a : tensor<64x16xbf16, #hopper.operand_a>
  }
  return
}

// -----
// The approximations are of f32.
func.func @double() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant 1.0 : f64
    // expected-error @below {{failed to legalize operation 'math.exp2'}}
    %y = math.exp2 %x : f64
  }
  return
}

// -----
func.func @splat() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %x = arith.constant 1.0 : bf16
    // expected-error @below {{failed to legalize operation 'tensor.splat'}}
    %y = tensor.splat %x : tensor<64x16xbf16, #hopper.operand_a>
  }
  return
}

// -----
func.func private @callee()
func.func @call() attributes {hopper.kernel} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error @below {{failed to legalize operation 'func.call'}}
    func.call @callee() : () -> ()
  }
  return
}
