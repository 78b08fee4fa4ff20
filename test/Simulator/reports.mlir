// One kernel for each kind of report: each is right but for one thing.
// RUN: parallax-opt %s --hopper-simulate -split-input-file -verify-diagnostics -o /dev/null
// RUN: parallax-opt %s --hopper-simulate="seed=7 orders=3" -split-input-file -verify-diagnostics -o /dev/null

// Nothing is wrong with this one.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @right(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    hopper.store_fragment %t, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// The wait is for another copy than the one that is read.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @read_before_landing(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  %tile2 = hopper.alloc : !tile
  %go = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    // expected-note@below {{the other op}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
    hopper.expect %go, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile2, %go box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %go : !bar
    // expected-error@below {{read before landing: consumer 0, hopper.wgmma}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    hopper.wait %full : !bar
  }
  return
}

// -----

// Nobody ever wrote the tile.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @never_written(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error@below {{nothing was ever written there}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
  }
  return
}

// -----

// The tile is released before the multiplication that reads it was waited for.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @overwrite_before_release(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  %go = hopper.barriers count 4 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
    hopper.wait %go : !bar
    hopper.expect %full, 8192 : !bar
    // expected-error@below {{overwrite before release: producer, hopper.tma_load}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-note@below {{the other op}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    hopper.arrive %go : !bar
    %t = hopper.wait_group pending 0 %s : !acc
  }
  return
}

// -----

// A fragment is read before its copy has landed.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @load_fragment_before_landing(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  %tile2 = hopper.alloc : !tile
  %go = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    // expected-note@below {{the other op}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
    hopper.expect %go, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile2, %go box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %go : !bar
    // expected-error@below {{read before landing: consumer 0, hopper.load_fragment}}
    %q = hopper.load_fragment %tile : !tile -> !frag
    hopper.wait %full : !bar
  }
  return
}

// -----

// Threads may still read a fragment where the next copy goes.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @copy_over_a_fragment(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  %empty = hopper.barriers count 4 : !bar
  %again = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
    hopper.wait %empty : !bar
    hopper.expect %again, 8192 : !bar
    // expected-error@below {{overwrite before release: producer, hopper.tma_load}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %again box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-note@below {{the other op}}
    %q = hopper.load_fragment %tile : !tile -> !frag
    hopper.arrive %empty : !bar
  }
  return
}

// -----

// A fragment that a multiplication may still read is put to another use.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @fragment_in_flight(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %q = hopper.load_fragment %tile : !tile -> !frag
    // expected-note@below {{the other op}}
    %s = hopper.wgmma %q, %tile transpose : !frag, !tile -> !acc
    hopper.commit
    // expected-error@below {{use in flight: consumer 0, hopper.unpack}}
    %x = hopper.unpack %q : !frag -> !acc
    %t, %r = hopper.wait_group pending 0 %s, %q : !acc, !frag
  }
  return
}

// -----

// The tile is written again while the copy may still read it.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @store_after_tma_store(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    hopper.store_fragment %t, %tile : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    // expected-note@below {{the other op}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
    // expected-error@below {{overwrite before release: consumer 0, hopper.store_fragment}}
    hopper.store_fragment %t, %tile : !acc, !tile
  }
  return
}

// -----

// A barrier alone does not show plain stores to TMA.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @missing_fence(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    // expected-note@below {{the other op}}
    hopper.store_fragment %t, %tile : !acc, !tile
    hopper.warpgroup_barrier
    // expected-error@below {{missing proxy fence: consumer 0, hopper.tma_store}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// Nor does a fence that no barrier follows.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @fence_after_barrier(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    // expected-note@below {{the other op}}
    hopper.store_fragment %t, %tile : !acc, !tile
    hopper.warpgroup_barrier
    hopper.fence_async
    // expected-error@below {{no barrier follows the fence}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// A fence orders the writes of its own thread only.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @missing_barrier(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    // expected-note@below {{the other op}}
    hopper.store_fragment %t, %tile : !acc, !tile
    hopper.fence_async
    // expected-error@below {{read before landing: consumer 0, hopper.tma_store}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// A group is used that the wait leaves pending.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @result_in_flight(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-note@below {{the other op}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 1 %s : !acc
    // expected-error@below {{the result of a multiplication in flight is used}}
    %u = arith.addf %t, %t : !acc
    %v = hopper.wait_group pending 0 %t : !acc
  }
  return
}

// -----

// The result is used, not that of its wait.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @result_not_threaded(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-note@below {{the other op}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    // expected-error@below {{not that of the wait_group that retired it}}
    %u = arith.addf %s, %s : !acc
  }
  return
}

// -----

// The multiplication still reads the fragment.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @fragment_in_flight(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    %a = hopper.pack %t : !acc -> !frag
    // expected-note@below {{the other op}}
    %x = hopper.wgmma %a, %tile : !frag, !tile -> !acc
    hopper.commit
    // expected-error@below {{the fragment of a multiplication in flight is used}}
    %b = hopper.unpack %a : !frag -> !acc
    %y = hopper.wait_group pending 0 %x : !acc
  }
  return
}

// -----

// The multiplication adds to the accumulator that is read.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @accumulator_in_flight(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
    // expected-note@below {{the other op}}
    %x = hopper.wgmma %tile, %tile into %t transpose : !tile, !tile -> !acc
    hopper.commit
    // expected-error@below {{the accumulator of a multiplication in flight is used}}
    %b = arith.addf %t, %t : !acc
    %y = hopper.wait_group pending 0 %x : !acc
  }
  return
}

// -----

// Phase 2 is waited for, and nobody waited for 0 and 1.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @phase_aliasing(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %free = hopper.barriers count 4 : !bar
  %ring = hopper.barriers count 4 : !bars
  hopper.roles producer registers(24) {
    // expected-error@below {{phase aliasing: producer, hopper.wait}}
    hopper.wait %ring[%c3] : !bars
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.arrive %ring[%c1] : !bars
    hopper.arrive %ring[%c1] : !bars
    hopper.arrive %ring[%c1] : !bars
  }
  return
}

// -----

// Nobody arrives.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @deadlock(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %free = hopper.barriers count 4 : !bar
  hopper.roles producer registers(24) {
    // expected-error@below {{could come from nobody}}
    hopper.wait %free : !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):

  }
  return
}

// -----

// More bytes are expected than come.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @missing_bytes(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8320 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error@below {{1 of 1 arrivals, 128 bytes missing}}
    hopper.wait %full : !bar
  }
  return
}

// -----

// Four warps arrive where one arrival is a phase.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @too_many_arrivals(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %free = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error@below {{expected 1 arrivals in a phase, got 4}}
    hopper.arrive %free : !bar
  }
  return
}

// -----

// Four of eight arrivals come.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
// expected-error@below {{4 of 8 arrivals and 0 bytes are pending at exit}}
func.func @leaked_arrivals(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %free = hopper.barriers count 8 : !bar
  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.arrive %free : !bar
  }
  return
}

// -----

// Nobody waits for the copy.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @copy_at_exit(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    // expected-error@below {{in flight at exit: producer, hopper.tma_load}}
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):

  }
  return
}

// -----

// No wait retires the multiplication.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @multiplication_at_exit(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-error@below {{in flight at exit: consumer 0, hopper.wgmma}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
  }
  return
}

// -----

// The threads of a barrier change before it completes.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @named_threads(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32

  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.named_arrive %c0 threads 256
    // expected-error@below {{expected 256 threads as those who came before, got 384}}
    hopper.named_sync %c0 threads 384
  }
  return
}

// -----

// A warpgroup comes twice.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @named_twice(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32

  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.named_arrive %c0 threads 256
    // expected-error@below {{got this one twice}}
    hopper.named_sync %c0 threads 256
  }
  return
}

// -----

// There are 7.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @named_id(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32

  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %c7 = arith.constant 7 : i32
    // expected-error@below {{expected an id in [0, 6], got 7}}
    hopper.named_sync %c7 threads 128
  }
  return
}

// -----

// Accumulators in flight together do not fit.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @registers(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %big = hopper.alloc : !hopper.smem<256x64xbf16>
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 32768 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %big, %full box [1, 256] : !hopper.smem<256x64xbf16>, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %s = hopper.wgmma %big, %big transpose : !hopper.smem<256x64xbf16>, !hopper.smem<256x64xbf16> -> tensor<64x256xf32, #hopper.acc>
    hopper.commit
    // expected-error@below {{expected at most 240 registers, got 256}}
    %t = hopper.wgmma %big, %big transpose : !hopper.smem<256x64xbf16>, !hopper.smem<256x64xbf16> -> tensor<64x256xf32, #hopper.acc>
    hopper.commit
    %r:2 = hopper.wait_group pending 0 %s, %t : tensor<64x256xf32, #hopper.acc>, tensor<64x256xf32, #hopper.acc>
  }
  return
}

// -----

// Two tiles that each fit do not fit together.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
// expected-error@below {{expected at most 232448 bytes of shared memory, got 262144}}
func.func @shared_memory(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %a = hopper.alloc : !hopper.smem<2x256x128xbf16>
  %b = hopper.alloc : !hopper.smem<2x256x128xbf16>
  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):

  }
  return
}

// -----

// A row is appended behind the array's end.
func.func @appended_behind_the_end(%new: !llvm.ptr<1>, %cache: !llvm.ptr<1>) attributes {hopper.kernel} {
  %none = arith.constant 0 : i64
  %far = arith.constant 1000000000 : i64
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  // expected-error@below {{out of bounds: producer, hopper.append}}
  hopper.append %new[%none, %none], %cache[%far, %none] from %c0 count %c1 limit %c1 columns 64
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----

// Rows 8 to 71 of 64.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @out_of_bounds(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %row = arith.constant 8 : i32
    // expected-error@below {{out of bounds: consumer 0, hopper.wgmma}}
    %s = hopper.wgmma %tile rows(%row), %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
  }
  return
}

// -----

// A loop that never ends.
!tile = !hopper.smem<64x64xbf16>
!ring = !hopper.smem<2x64x64xbf16>
!bar = !hopper.barrier<1>
!bars = !hopper.barrier<2>
!acc = tensor<64x64xf32, #hopper.acc>
!frag = tensor<64x64xbf16, #hopper.operand_a>
func.func @endless(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32

  hopper.roles producer registers(24) {

  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %most = arith.constant 2147483647 : i32
    // expected-error@below {{a loop without a step does not end}}
    scf.for %i = %c0 to %most step %c0 : i32 {
    }
  }
  return
}

// -----

// The scalar is put behind the arrival that says that it is there.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
func.func @late_scalar(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %board = hopper.alloc : !hopper.smem<8x64xbf16>
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    // expected-note@below {{the other op}}
    hopper.put_scalar %c0, %board at 0 : !hopper.smem<8x64xbf16>
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    // expected-error@below {{read before landing: consumer 0, hopper.get_scalar}}
    %x = hopper.get_scalar %board at 0 : !hopper.smem<8x64xbf16>
  }
  return
}

// -----

// Rows that threads gather: behind a fence of the one who multiplies them.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
!acc = tensor<64x64xf32, #hopper.acc>
!pages = tensor<64xi32, #hopper.entries>
func.func @gathered(%pool: !llvm.ptr<1>, %table: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %limit = arith.constant 50 : i32
  %base = arith.constant 0 : i64
  %stride = arith.constant 64 : i64
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 96 : !bar
  hopper.roles producer registers(24) {
  } converters {
    %e = hopper.load_entries %table[%c0] from %c0 limit %limit size 1 : !pages
    hopper.gather %pool[%base, %stride, %stride] pages %e at %c0 size 1 columns 64 to %tile, %full
        : !pages, !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    hopper.fence_async
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
  }
  return
}

// -----

// A fence before the wait is none.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
!acc = tensor<64x64xf32, #hopper.acc>
!pages = tensor<64xi32, #hopper.entries>
func.func @gathered_unfenced(%pool: !llvm.ptr<1>, %table: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %limit = arith.constant 50 : i32
  %base = arith.constant 0 : i64
  %stride = arith.constant 64 : i64
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 96 : !bar
  hopper.roles producer registers(24) {
  } converters {
    %e = hopper.load_entries %table[%c0] from %c0 limit %limit size 1 : !pages
    // expected-note@below {{the other op}}
    hopper.gather %pool[%base, %stride, %stride] pages %e at %c0 size 1 columns 64 to %tile, %full
        : !pages, !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.fence_async
    hopper.wait %full : !bar
    // expected-error@below {{missing proxy fence: consumer 0, hopper.wgmma}}
    %s = hopper.wgmma %tile, %tile transpose : !tile, !tile -> !acc
    hopper.commit
    %t = hopper.wait_group pending 0 %s : !acc
  }
  return
}

// -----

// Twice in one phase.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
!pages = tensor<64xi32, #hopper.entries>
func.func @gathered_twice(%pool: !llvm.ptr<1>, %table: !llvm.ptr<1>) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %limit = arith.constant 50 : i32
  %base = arith.constant 0 : i64
  %stride = arith.constant 64 : i64
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 96 : !bar
  hopper.roles producer registers(24) {
  } converters {
    %e = hopper.load_entries %table[%c0] from %c0 limit %limit size 1 : !pages
    // expected-note@below {{the other op}}
    hopper.gather %pool[%base, %stride, %stride] pages %e at %c0 size 1 columns 64 to %tile, %full
        : !pages, !tile, !bar
    // expected-error@below {{overwrite before release: converters, hopper.gather}}
    hopper.gather %pool[%base, %stride, %stride] pages %e at %c0 size 1 columns 64 to %tile, %full
        : !pages, !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
  }
  return
}

// -----

// Each warp has read its own rows, but any may write them.
!tile = !hopper.smem<64x128xf8E4M3FN>
!bar = !hopper.barrier<1>
!frag = tensor<32x128xbf16, #hopper.operand_a<per_warp>>
func.func @warps_have_not_met(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    %q = arith.constant dense<1.0> : !frag
    // expected-note@below {{the other op}}
    %s = hopper.warp_mma %q, %tile transpose : !frag, !tile -> tensor<32x16xf32, #hopper.acc<per_warp>>
    // expected-error@below {{overwrite before release: consumer 0, hopper.zero_rows}}
    hopper.zero_rows %tile from %c0 : !tile
  }
  return
}

// -----

// A warp may still read what others have put there to be merged.
!tile = !hopper.smem<64x128xf8E4M3FN>
!acc = tensor<16x16xf32, #hopper.acc<per_warp>>
!row = tensor<16xf32, #hopper.row<per_warp>>
!sums = tensor<32x16xf32, #hopper.acc>
!merged = tensor<32xf32, #hopper.row>
func.func @merging(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %other = hopper.alloc : !tile
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %o = arith.constant dense<1.0> : !acc
    %m = arith.constant dense<1.0> : !row
    // expected-note@below {{the other op}}
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %tile, %other : !row, !acc, !tile -> !merged, !sums
    // expected-error@below {{overwrite before release: consumer 0, hopper.zero_rows}}
    hopper.zero_rows %tile from %c0 : !tile
  }
  return
}

// -----

// What is filled again once all warps have arrived, and merged through then.
!ring = !hopper.smem<64x128xf8E4M3FN>
!bar = !hopper.barrier<1>
!acc = tensor<32x16xf32, #hopper.acc<per_warp>>
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x16xf32, #hopper.acc>
!merged = tensor<32xf32, #hopper.row>
!frag = tensor<32x128xbf16, #hopper.operand_a<per_warp>>
func.func @warps_arrive(%map: !hopper.tensor_map) attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %tile = hopper.alloc : !ring
  %other = hopper.alloc : !ring
  %full = hopper.barriers count 1 : !bar
  %empty = hopper.barriers count 4 : !bar
  hopper.roles producer registers(24) {
    scf.for %n = %c0 to %c2 step %c1 : i32 {
      hopper.wait %empty[%n] lag 1 : !bar
      hopper.expect %full[%n], 8192 : !bar
      hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full[%n] box [1, 64] : !ring, !bar
    }
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %q = arith.constant dense<1.0> : !frag
    %o = arith.constant dense<1.0> : !acc
    %m = arith.constant dense<1.0> : !row
    scf.for %n = %c0 to %c2 step %c1 : i32 {
      hopper.wait %full[%n] : !bar
      %s = hopper.warp_mma %q, %tile transpose : !frag, !ring -> tensor<32x16xf32, #hopper.acc<per_warp>>
      hopper.arrive %empty[%n] : !bar
    }
    %r:5 = hopper.merge_warps %m, %m, %m, %o, %o through %tile, %other : !row, !acc, !ring -> !merged, !sums
    hopper.warpgroup_barrier
    hopper.zero_rows %tile from %c0 : !ring
  }
  return
}

// -----

// The consumer stores without waiting for earlier launches, which may still read; the producer waits.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
func.func @unawaited_grid(%map: !hopper.tensor_map) attributes {hopper.kernel, hopper.awaits_grids} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.await_grids
    hopper.launch_dependents
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    hopper.warpgroup_barrier
    // expected-error @below {{unawaited grid: consumer 0}}
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}

// -----

// Before the roles it is for all of them.
!tile = !hopper.smem<64x64xbf16>
!bar = !hopper.barrier<1>
func.func @awaited_by_all(%map: !hopper.tensor_map) attributes {hopper.kernel, hopper.awaits_grids} {
  %c0 = arith.constant 0 : i32
  %tile = hopper.alloc : !tile
  %full = hopper.barriers count 1 : !bar
  hopper.await_grids
  hopper.roles producer registers(24) {
    hopper.expect %full, 8192 : !bar
    hopper.tma_load %map[%c0, %c0, %c0, %c0], %tile, %full box [1, 64] : !tile, !bar
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %full : !bar
    hopper.warpgroup_barrier
    hopper.tma_store %tile, %map[%c0, %c0, %c0, %c0] box [1, 64] : !tile
  }
  return
}
