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
