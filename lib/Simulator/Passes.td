//===- Passes.td - The simulator as a pass ----------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_PASSES
#define PARALLAX_SIMULATOR_PASSES

include "mlir/Pass/PassBase.td"

def HopperSimulate : Pass<"hopper-simulate", "::mlir::ModuleOp"> {
  let summary = "run hopper kernels and report races, deadlocks and leaks";
  let description = [{
    Input: functions marked `hopper.kernel`. Output: the same. Each kernel is
    run in the simulator (docs/simulator.md) on made-up tensors of 256 columns,
    4 heads, 512 tokens and 2 batch entries. Other functions are left alone.

    Fails with an error at the op that is wrong, and a note at the one that it
    races with, if the simulator has something to report, or if it does not know
    an op. What is computed is not judged: `parallax-run --target sim` does that.
  }];
  let options = [
    Option<"seed", "seed", "uint64_t", "1", "draws the orders">,
    Option<"orders", "orders", "int64_t", "8",
           "in how many orders each CTA is run">,
    Option<"grid", "grid", "int64_t", "1", "CTAs">,
    Option<"cluster", "cluster", "int64_t", "1",
           "CTAs of each cluster, which divide them">,
    ListOption<"scalars", "scalars", "int64_t",
               "values of the i32 and i64 arguments in order; 1 for the rest">];
}

#endif // PARALLAX_SIMULATOR_PASSES
