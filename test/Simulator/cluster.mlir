// CTAs of a cluster that write each other's shared memory: each kernel is right but for one thing.
// RUN: parallax-opt %s --hopper-simulate="grid=4 cluster=2" -split-input-file -verify-diagnostics -o /dev/null
// RUN: parallax-opt %s --hopper-simulate="grid=2 cluster=2 seed=7 orders=3" -split-input-file -verify-diagnostics -o /dev/null

// Each sends rows to the other and to itself, and merges its own of 3. Nothing is wrong with this one.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @right() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
    %m:5 = hopper.merge_received %inbox of %c2 at(%rank) : !inbox -> !one, !one_sums
  }
  return
}

// -----

// Nor with this one: CTA 1 gets no row, and ends.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @fewer_rows() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c1) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    scf.if %first {
      hopper.await_rows %bar rows(%c1) of %c2 columns 64 : !bar
      %m:5 = hopper.merge_received %inbox of %c2 at(%rank) : !inbox -> !one, !one_sums
    }
  }
  return
}

// -----

// The other may not run yet.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @no_wait() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    // expected-error-re @below {{absent peer: {{.*}}cta 0 of the cluster, which gets row 0, may not run yet}}
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    hopper.cluster_wait
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
    %m:5 = hopper.merge_received %inbox of %c2 at(%rank) : !inbox -> !one, !one_sums
  }
  return
}

// -----

// CTA 1 does not wait for what it is sent, and may have ended by then.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @no_await() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    scf.if %first {
      // expected-error-re @below {{{{absent peer: .*cta 1 of the cluster, which gets row 1, may have ended|in flight at exit: .*}}}}
      hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c2) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    }
  }
  return
}

// -----

// Rows are read before they are there.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @too_early() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    // expected-note @below {{the other op}}
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    // expected-error-re @below {{read before landing: consumer 0, hopper.merge_received{{.*}}}}
    %m:5 = hopper.merge_received %inbox of %c2 at(%rank) : !inbox -> !one, !one_sums
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
  }
  return
}

// -----

// Nobody sends the third row.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @too_few() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c2) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    // expected-error-re @below {{deadlock: consumer 0, hopper.await_rows{{.*}}}}
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
  }
  return
}

// -----

// There is no third CTA.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @too_many() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    // expected-error-re @below {{out of bounds: {{.*}}expected at most 8 rows for 1 to 2 CTAs of the cluster, got 3 for 3}}
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c3 most 8 : !row, !sums, !k, !inbox, !bar
  }
  return
}

// -----

// Rows of 528 bytes are 31 in the inbox.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @outside() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.cluster_wait
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
    %c31 = arith.constant 31 : i32
    // expected-error-re @below {{out of bounds: {{.*}}got row 31 of 2 CTAs}}
    %m:5 = hopper.merge_received %inbox of %c2 at(%c31) : !inbox -> !one, !one_sums
  }
  return
}

// -----

// The inbox was in use, and the sender knows nothing of that.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @in_use() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %other = hopper.alloc : !k
  %inbox = hopper.alloc : !inbox
  %bar = hopper.barriers count 1 : !bar
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %big = arith.constant dense<2.0> : tensor<64x64xf32, #hopper.acc>
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.cluster_arrive
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.store_fragment %big, %inbox : tensor<64x64xf32, #hopper.acc>, !inbox
    hopper.cluster_wait
    // expected-error-re @below {{overwrite before release: {{.*}}of %2 of cta {{.*}}the threads that wrote have not met since}}
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c2 most 8 : !row, !sums, !k, !inbox, !bar
    hopper.await_rows %bar rows(%c3) of %c2 columns 64 : !bar
  }
  return
}
