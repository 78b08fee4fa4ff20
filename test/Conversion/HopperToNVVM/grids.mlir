// A kernel and the launches before and behind it.
//
// RUN: parallax-opt %s --hopper-to-nvvm --split-input-file | FileCheck %s

// Its maps are fetched while it waits.
// CHECK-LABEL: llvm.func @one
// CHECK: nvvm.prefetch tensormap
// CHECK: nvvm.griddepcontrol wait
// CHECK: nvvm.griddepcontrol launch_dependents
func.func @one(%map: !hopper.tensor_map) attributes {hopper.kernel, hopper.awaits_grids} {
  hopper.roles producer registers(24) {
    hopper.await_grids
    hopper.launch_dependents
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}

// -----

// In kernels for few keys they are used as soon as they could be fetched.
// CHECK-LABEL: llvm.func @few
// CHECK-NOT: nvvm.prefetch
// CHECK: llvm.return
func.func @few(%map: !hopper.tensor_map) attributes {hopper.kernel, hopper.cluster = 8 : i64} {
  hopper.roles producer registers(24) {
  } consumers(1) registers(240) {
  ^bb0(%w: i32):
  }
  return
}
