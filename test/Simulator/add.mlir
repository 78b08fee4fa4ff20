// What TMA stores in global memory, and adds to it: each kernel is right but for one thing.
// RUN: parallax-opt %s --hopper-simulate="grid=2" -split-input-file -verify-diagnostics -o /dev/null
// RUN: parallax-opt %s --hopper-simulate="grid=2 seed=7 orders=3" -split-input-file -verify-diagnostics -o /dev/null

// Two consumers of two CTAs add to the same elements. Nothing is wrong with this one.
!tile = !hopper.smem<2x64x64xf32>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @right(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(2) registers(232) {
  ^bb0(%w: i32):
    hopper.store_fragment %ones, %tile[%w] : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %tile[%w], %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
    hopper.warpgroup_barrier
    hopper.store_fragment %ones, %tile[%w] : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %tile[%w], %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
  }
  return
}

// -----

// There is no fence.
!tile = !hopper.smem<64x64xf32>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @no_fence(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-note@below {{the other op}}
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.warpgroup_barrier
    // expected-error@below {{missing proxy fence: consumer 0, hopper.tma_store}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
  }
  return
}

// -----

// The threads do not meet behind it.
!tile = !hopper.smem<64x64xf32>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @no_barrier(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-note@below {{the other op}}
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    // expected-error@below {{read before landing: consumer 0, hopper.tma_store}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
  }
  return
}

// -----

// The threads have not met since the thread that adds has waited.
!tile = !hopper.smem<64x64xf32>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @overwrite(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    // expected-note@below {{the other op}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
    // expected-error@below {{overwrite before release: consumer 0, hopper.store_fragment}}
    hopper.store_fragment %ones, %tile : !acc, !tile
  }
  return
}

// -----

// One CTA stores what the other adds to.
!tile = !hopper.smem<64x64xf32>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @store_and_add(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %cta = hopper.cta_id
  %first = arith.cmpi eq, %cta, %c0 : i32
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    scf.if %first {
      // expected-note@below {{the other op}}
      hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
    } else {
      // expected-error@below {{overwrite before release: consumer 0, hopper.tma_store}}
      hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
    }
  }
  return
}

// -----

// Both CTAs store the same rows.
!tile = !hopper.smem<64x64xbf16>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @store_twice(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    // expected-error@below {{overwrite before release: consumer 0, hopper.tma_store}}
    // expected-note@below {{the other op}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// Each stores columns of its own, but for one.
!tile = !hopper.smem<64x64xbf16>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @a_column(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c63 = arith.constant 63 : i32
  %tile = hopper.alloc : !tile
  %cta = hopper.cta_id
  %column = arith.muli %cta, %c63 : i32
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    // expected-error@below {{overwrite before release: consumer 0, hopper.tma_store}}
    // expected-note@below {{the other op}}
    hopper.tma_store %tile, %map[%column, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// The producer of one CTA loads what the consumer of the other has added to.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
!acc = tensor<64x64xf32, #hopper.acc>
func.func @load(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  %cta = hopper.cta_id
  %ones = arith.constant dense<1.0> : !acc
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    // expected-error@below {{read before landing: producer, hopper.tma_load}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    hopper.store_fragment %ones, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    // expected-note@below {{the other op}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] add : !tile
  }
  return
}
