// Barriers: initialised by one thread before the roles start, indexed modulo the
// ring, waited for by parity.
//
// RUN: parallax-opt %s --hopper-to-nvvm | FileCheck %s

// CHECK-LABEL: llvm.func @barriers
// CHECK-SAME: (%[[N:.*]]: i32)
// CHECK: %[[SMEM:.*]] = llvm.mlir.addressof @hopper_shared_memory : !llvm.ptr<3>
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x range <i32, 0, 384>
// CHECK: %[[LANE:.*]] = arith.andi %[[THREAD]], %{{.*}}
// CHECK: nvvm.shfl.sync {{ *}}idx
// CHECK: %[[WARPGROUP:.*]] = arith.divui %{{.*}}, %{{c4.*}} :
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]], %{{c0.*}} :
// CHECK: scf.if %[[FIRST]] {
// CHECK: nvvm.mbarrier.init %[[SMEM]], %{{c1_.*}} :
// CHECK: nvvm.mbarrier.init %{{.*}}, %{{c8_.*}} :
// CHECK: nvvm.mbarrier.init %{{.*}}, %{{c8_.*}} :
// CHECK: nvvm.mbarrier.init %{{.*}}, %{{c8_.*}} :
// CHECK-NOT: nvvm.mbarrier.init
// CHECK: nvvm.fence.mbarrier.init
// CHECK-NEXT: }
// CHECK: %[[RING:.*]] = llvm.getelementptr %[[SMEM]][8]

// A wait with a lag of 1 is for completion n / 3 - 1, of parity (n / 3 + 1) & 1.
// CHECK: scf.if
// CHECK: %[[SLOT:.*]] = arith.remui %[[N]], %{{c3.*}} :
// CHECK: %[[BYTES:.*]] = arith.muli %[[SLOT]], %{{c8.*}} :
// CHECK: %[[ADDRESS:.*]] = llvm.getelementptr %[[RING]][%[[BYTES]]]
// CHECK: %[[PHASE:.*]] = arith.divui %[[N]], %{{c3.*}} :
// CHECK: %[[LAGGED:.*]] = arith.addi %[[PHASE]], %{{c1.*}} :
// CHECK: %[[PARITY:.*]] = arith.andi %[[LAGGED]], %{{c1.*}} :
// CHECK: nvvm.mbarrier.try_wait.parity %[[ADDRESS]], %[[PARITY]], %{{.*}}
// CHECK: nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c16384

// Without an index it is for the first completion; a lone barrier that is
// indexed has the parity of its use.
// CHECK: } else {
// CHECK: nvvm.mbarrier.try_wait.parity %[[SMEM]], %{{c0.*}}, %{{.*}}
// CHECK: %[[PARITY:.*]] = arith.andi %[[N]], %{{c1.*}} :
// CHECK: nvvm.mbarrier.try_wait.parity %[[SMEM]], %[[PARITY]], %{{.*}}
// Lane 0 of each warp arrives, by a predicate.
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[LANE]], %{{c0.*}} :
// CHECK: llvm.inline_asm has_side_effects {{.*}}"@$1 mbarrier.arrive.shared::cta.b64 _, [$0];"{{.*}} %{{.*}}, %[[ONE]]
// Hardware barriers: 0 is the CTA's, the program's follow, then one for each
// warpgroup.
// CHECK: %[[OWN:.*]] = arith.addi %[[WARPGROUP]], %{{c7.*}} :
// CHECK: nvvm.barrier id = %[[OWN]] number_of_threads = %c128
// CHECK: %[[ID:.*]] = arith.addi %[[N]], %{{c1.*}} :
// CHECK: nvvm.barrier id = %[[ID]] number_of_threads = %c256
// CHECK: nvvm.barrier.arrive id = %{{.*}} number_of_threads = %c128
func.func @barriers(%n: i32) attributes {hopper.kernel} {
  %one = hopper.barriers count 1 : !hopper.barrier<1>
  %ring = hopper.barriers count 8 : !hopper.barrier<3>
  hopper.roles producer registers(24) {
    hopper.wait %ring[%n] lag 1 : !hopper.barrier<3>
    hopper.expect %ring[%n], 16384 : !hopper.barrier<3>
  } consumers(2) registers(240) {
  ^bb0(%w: i32):
    hopper.wait %one : !hopper.barrier<1>
    hopper.wait %one[%n] : !hopper.barrier<1>
    hopper.arrive %ring[%n] : !hopper.barrier<3>
    hopper.warpgroup_barrier
    hopper.named_sync %n threads 256
    hopper.named_arrive %n threads 128
  }
  return
}
