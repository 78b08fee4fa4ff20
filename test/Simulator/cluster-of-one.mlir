// A cluster of one CTA, which reads its own memory as it would another's.
// RUN: parallax-opt %s --hopper-simulate -verify-diagnostics -o /dev/null

// Nothing orders the read behind the write: the cluster's barrier comes too early.
!row = tensor<64xf32, #hopper.row>
!sums = tensor<64x64xf32, #hopper.acc>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<2x64x64xbf16>
func.func @no_barrier() attributes {hopper.kernel} {
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
    hopper.cluster_barrier
    // expected-note @below {{the other op}}
    hopper.put_part %one, %one, %one, %sums, %sums, %k rows 16 columns 64 : !row, !sums, !k
    // expected-error-re @below {{read before landing: consumer 0, hopper.merge_peers{{.*}}the threads that wrote have not met since}}
    %m:5 = hopper.merge_peers %k count(%c1) at(%c3) : !k -> !one, !one_sums
    hopper.cluster_barrier
  }
  return
}
