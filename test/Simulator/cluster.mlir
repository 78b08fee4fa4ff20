// CTAs of a cluster that read each other's shared memory: each kernel is right but for one thing.
// RUN: parallax-opt %s --hopper-simulate="grid=4 cluster=2" -split-input-file -verify-diagnostics -o /dev/null
// RUN: parallax-opt %s --hopper-simulate="grid=2 cluster=2 seed=7 orders=3" -split-input-file -verify-diagnostics -o /dev/null

// Each puts, and merges what both have. Nothing is wrong with this one.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @right() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
    hopper.cluster_barrier
  }
  return
}

// -----

// Nor with this one, which puts again behind the second barrier.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @again() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
    hopper.cluster_barrier
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
  }
  return
}

// -----

// Nor with this one: CTA 1 has ended, which counts as having come, and none reads its memory.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @ended() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    scf.if %first {
      hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
      hopper.cluster_barrier
      %m:5 = hopper.merge_peers %k count(%c1) at(%c3) : !k -> !one, !one_sums
      hopper.cluster_barrier
    }
  }
  return
}

// -----

// A CTA may end while the other reads its memory.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @no_end() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    // expected-error-re @below {{exit before read: {{.*}}}}
    %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
  }
  return
}

// -----

// A CTA overwrites what the other may still read.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @overwrites() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    // expected-note @below {{the other op}}
    %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
    // expected-error-re @below {{overwrite before release: consumer 0, hopper.put_part{{.*}}}}
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
  }
  return
}

// -----

// There is no third CTA.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @too_many() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    // expected-error-re @below {{out of bounds: {{.*}}row 3 of 2}}
    %m:5 = hopper.merge_peers %k count(%c3) at(%c3) : !k -> !one, !one_sums
    hopper.cluster_barrier
  }
  return
}

// -----

// There are rows of 528 bytes in 16384.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @outside() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    %c31 = arith.constant 31 : i32
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    // expected-error-re @below {{out of bounds: {{.*}}row 31 of 0}}
    %m:5 = hopper.merge_peers %k count(%c2) at(%c31) : !k -> !one, !one_sums
    hopper.cluster_barrier
  }
  return
}

// -----

// CTA 1 has ended when its memory is read.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @gone() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    scf.if %first {
      hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
      hopper.cluster_barrier
      // expected-error-re @below {{exit before read: {{.*}}cta 1 of the cluster, whose memory it reads, may have ended}}
      %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
      hopper.cluster_barrier
    }
  }
  return
}

// -----

// A relaxed barrier does for the end. Nothing is wrong with this one.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @relaxed() attributes {hopper.kernel} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %k = hopper.alloc : !k
  %rank = hopper.cta_id 1
  %one = arith.constant dense<1.0> : !row
  %sums = arith.constant dense<2.0> : !sums
  %first = arith.cmpi eq, %rank, %c0 : i32
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    hopper.cluster_barrier
    %m:5 = hopper.merge_peers %k count(%c2) at(%c3) : !k -> !one, !one_sums
    hopper.cluster_barrier relaxed
  }
  return
}
