//===- RoleOps.td - Warpgroup roles -----------------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_ROLEOPS
#define PARALLAX_DIALECT_HOPPER_ROLEOPS

include "dialect/Hopper/HopperBase.td"

def RolesOp : Hopper_Op<"roles", [Hopper_InKernel,
    SingleBlockImplicitTerminator<"RoleEndOp">]> {
  let summary = "what each role of the CTA does";
  let description = [{
    A CTA is 1 + `consumers` warpgroups. One elected thread of the first runs
    the producer's region, and its other three warps the converters', if there
    is one; each of the others runs the consumers' region, whose
    argument is its index from 0. Converters with registers of their own are one
    more warpgroup, all four warps of it. `registers(n)` sets the registers that a
    thread of each kind of warpgroup may use.
    All that stands before it, barriers initialised, is visible to all.

    Constraints:
    - (C1) consumers are in [1, 7].
    - (C2) registers are multiples of 8 in [24, 256], and their sum over the
      warpgroups is at most what a CTA is launched with: for each
      warpgroup 65536 / (threads * `hopper.ctas_per_sm`) a thread, down to a
      multiple of 8, at most 256. One that asks for more waits forever.
    - (C3) the producer's and the converters' regions have no argument, the
      consumers' one of i32.
    - (C4) converters that have registers have a region.

    ```mlir
    hopper.roles producer registers(24) {
    } consumers(2) registers(240) {
    ^bb0(%warpgroup: i32):
    }
    ```

    ```mlir
    hopper.roles producer registers(56) {
    } converters {
    } consumers(1) registers(200) {
    ^bb0(%warpgroup: i32):
    }
    ```

    ```mlir
    hopper.roles producer registers(24) {
    } converters registers(64) {
    } consumers(1) registers(152) {
    ^bb0(%warpgroup: i32):
    }
    ```
  }];
  let arguments = (ins I64Attr:$producer_registers, I64Attr:$consumers,
                       I64Attr:$consumer_registers,
                       OptionalAttr<I64Attr>:$converter_registers);
  let regions = (region SizedRegion<1>:$producer, SizedRegion<1>:$consumer,
                        MaxSizedRegion<1>:$converter);
  let assemblyFormat = [{
    `producer` `registers` `(` $producer_registers `)` $producer
    (`converters` (`registers` `(` $converter_registers^ `)`)? $converter^)?
    `consumers` `(` $consumers `)` `registers` `(` $consumer_registers `)`
    $consumer attr-dict
  }];
  let builders = [OpBuilder<(ins "int64_t":$producerRegisters,
                                 "int64_t":$consumers,
                                 "int64_t":$consumerRegisters,
                                 CArg<"bool", "false">:$hasConverters,
                                 CArg<"int64_t", "0">:$converterRegisters)>];
  let skipDefaultBuilders = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The index of the warpgroup that runs the consumers' region.
    ::mlir::BlockArgument getWarpgroup() { return getConsumer().getArgument(0); }
    ::mlir::Block &getProducerBlock() { return getProducer().front(); }
    ::mlir::Block &getConsumerBlock() { return getConsumer().front(); }
    bool hasConverters() { return !getConverter().empty(); }
    ::mlir::Block &getConverterBlock() { return getConverter().front(); }
    /// Whether the converters are a warpgroup, which is the second of the CTA.
    bool hasConverterWarpgroup() { return getConverterRegisters().has_value(); }
    int64_t getConverterWarps() { return hasConverterWarpgroup() ? 4 : 3; }
    int64_t getWarpgroups() {
      return 1 + hasConverterWarpgroup() + getConsumers();
    }
    /// Threads of the CTA.
    int64_t getThreads() { return 128 * getWarpgroups(); }
  }];
}

def RoleEndOp : Hopper_Op<"role_end", [Terminator, Pure, HasParent<"RolesOp">]> {
  let summary = "the end of a role";
  let description = [{
    Stands at the end of the regions of `hopper.roles` and isn't printed.
  }];
  let assemblyFormat = "attr-dict";
}

def AwaitGridsOp : Hopper_Op<"await_grids"> {
  let summary = "wait until what was launched before is complete";
  let description = [{
    Behind it this thread sees all that earlier launches of the stream wrote, and
    they read nothing more. A kernel with `hopper.awaits_grids` may be started
    before they are (programmatic dependent launch), so none of its threads
    touches device memory before. In one that was started behind them it
    doesn't wait.

    ```mlir
    hopper.await_grids
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def LaunchDependentsOp : Hopper_Op<"launch_dependents"> {
  let summary = "let what is launched next start";
  let description = [{
    Once all CTAs have come here or ended, launches of the stream that may start
    before this one is complete do so, where there is room beside it. They know
    nothing of it before it is.

    ```mlir
    hopper.launch_dependents
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def CtaIdOp : Hopper_Op<"cta_id", [Pure]> {
  let summary = "the index of this CTA in a dimension of the grid";
  let description = [{
    CTAs of a cluster are those that share all but dimension 1.

    Constraints:
    - (C1) the dimension, 0 by default, is 0, 1 or 2.

    ```mlir
    %id = hopper.cta_id
    %rank = hopper.cta_id 1
    ```
  }];
  let arguments = (ins DefaultValuedAttr<ConfinedAttr<I64Attr,
                       [IntNonNegative, IntMaxValue<2>]>, "0">:$dim);
  let results = (outs I32:$result);
  let assemblyFormat = "($dim^)? attr-dict";
}

def DivideOp : Hopper_Op<"divide", [Pure]> {
  let summary = "divide by what the launch knows";
  let description = [{
    The quotient of a number that is not negative, rounded down. Of the divisor
    a parameter of the kernel gives the reciprocal (lib/Data/Reciprocal.h), so
    that this takes three instructions, where `arith.divui` takes a tenth of a
    microsecond.

    ```mlir
    %n = hopper.divide %a by %reciprocal
    ```
  }];
  let arguments = (ins I32:$dividend, I64:$reciprocal);
  let results = (outs I32:$result);
  let assemblyFormat = "$dividend `by` $reciprocal attr-dict";
}

#endif // PARALLAX_DIALECT_HOPPER_ROLEOPS
