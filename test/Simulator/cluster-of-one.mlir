// A cluster of one CTA, which sends to itself.
// RUN: parallax-opt %s --hopper-simulate -verify-diagnostics -o /dev/null

// Nothing is wrong with this one.
!row = tensor<32xf32, #hopper.row<per_warp>>
!sums = tensor<32x64xf32, #hopper.acc<per_warp>>
!one = tensor<1xf32, #hopper.lanes>
!one_sums = tensor<1x64xf32, #hopper.lanes>
!k = !hopper.smem<4x64x64xbf16>
!inbox = !hopper.smem<128x64xbf16>
!bar = !hopper.barrier<1>
func.func @one() attributes {hopper.kernel} {
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
    hopper.send_rows %one, %one, %one, %sums, %sums through %k, %other to %inbox, %bar rows(%c3) of %c1 most 8 : !row, !sums, !k, !inbox, !bar
    hopper.await_rows %bar rows(%c3) of %c1 columns 64 : !bar
    %m:5 = hopper.merge_received %inbox of %c1 at(%rank) : !inbox -> !one, !one_sums
  }
  return
}
