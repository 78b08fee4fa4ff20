//===- BarrierOps.td - mbarrier rings and named barriers --*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_BARRIEROPS
#define PARALLAX_DIALECT_HOPPER_BARRIEROPS

include "dialect/Hopper/HopperBase.td"

def BarriersOp : Hopper_Op<"barriers", [Hopper_InKernel,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "allocate and initialise a ring of mbarriers";
  let description = [{
    Each barrier completes when `count` arrivals and all expected bytes have
    come, and then starts its next phase. All are initialised before any role
    starts.

    Constraints:
    - (C1) `count` is in [1, 1048575].

    ```mlir
    %full = hopper.barriers count 1 : !hopper.barrier<3>
    %empty = hopper.barriers count 8 : !hopper.barrier<3>
    ```
  }];
  let arguments = (ins I64Attr:$count);
  let results = (outs Hopper_BarrierType:$result);
  let assemblyFormat = "`count` $count attr-dict `:` qualified(type($result))";
  let hasVerifier = 1;
}

def WaitOp : Hopper_Op<"wait", [Hopper_InRole]> {
  let summary = "wait for a completion of a barrier";
  let description = [{
    Use n of a ring of S barriers: waits until barrier n mod S has completed
    its phase number n div S - lag, counted from 0. A negative phase has
    completed before the kernel starts. So `wait %full[%n]` waits until use n
    has been filled, and `wait %empty[%n] lag 1` until what lay in its stage
    before, use n - S, has been released.

    The hardware compares parities only: a role that runs two phases ahead
    would be let through, and it is the program's ring discipline that excludes
    this. What the arriving threads did before they arrived, and the bytes of
    the copies, are visible afterwards.

    Constraints:
    - (C1) lag is 0 or 1.
    - (C2) a ring of more than one barrier is indexed.

    ```mlir
    hopper.wait %full[%n] : !hopper.barrier<3>
    hopper.wait %empty[%n] lag 1 : !hopper.barrier<3>
    ```
  }];
  let arguments = (ins Hopper_BarrierType:$barrier, Optional<I32>:$use,
                       DefaultValuedAttr<I64Attr, "0">:$lag);
  let assemblyFormat = [{
    $barrier (`[` $use^ `]`)? (`lag` $lag^)? attr-dict `:` qualified(type($barrier))
  }];
  let hasVerifier = 1;
}

def ExpectOp : Hopper_ProducerOp<"expect"> {
  let summary = "arrive once and expect bytes";
  let description = [{
    One arrival on barrier n mod S, whose current phase now also waits for that
    many bytes of TMA.

    Constraints:
    - (C1) bytes are in [1, 1048575].
    - (C2) a ring of more than one barrier is indexed.

    ```mlir
    hopper.expect %full[%n], 16384 : !hopper.barrier<3>
    ```
  }];
  let arguments = (ins Hopper_BarrierType:$barrier, Optional<I32>:$use,
                       I64Attr:$bytes);
  let assemblyFormat = [{
    $barrier (`[` $use^ `]`)? `,` $bytes attr-dict `:` qualified(type($barrier))
  }];
  let hasVerifier = 1;
}

def ArriveOp : Hopper_Op<"arrive", [Hopper_InWarps]> {
  let summary = "arrive on a barrier, once for each warp of the role";
  let description = [{
    Four arrivals of a warpgroup, or three of converters that are none, on barrier
    n mod S; so a ring that W consumers release has count 4 * W.

    Constraints:
    - (C1) a ring of more than one barrier is indexed.

    ```mlir
    hopper.arrive %empty[%n] : !hopper.barrier<3>
    ```
  }];
  let arguments = (ins Hopper_BarrierType:$barrier, Optional<I32>:$use);
  let assemblyFormat = "$barrier (`[` $use^ `]`)? attr-dict `:` qualified(type($barrier))";
  let hasVerifier = 1;
}

def WarpgroupBarrierOp : Hopper_WarpgroupOp<"warpgroup_barrier"> {
  let summary = "wait for all threads of this warpgroup";
  let description = [{
    ```mlir
    hopper.warpgroup_barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def NamedSyncOp : Hopper_ConsumerOp<"named_sync"> {
  let summary = "arrive at a named barrier and wait for it";
  let description = [{
    The barrier completes when `threads` threads have come, by this or by
    `hopper.named_arrive`. Consumers' regions have 7 of them, ids 0 to 6.

    Constraints:
    - (C1) threads are a multiple of 128 in [128, 896].

    ```mlir
    hopper.named_sync %id threads 256
    ```
  }];
  let arguments = (ins I32:$id, I64Attr:$threads);
  let assemblyFormat = "$id `threads` $threads attr-dict";
  let hasVerifier = 1;
}

def NamedArriveOp : Hopper_ConsumerOp<"named_arrive"> {
  let summary = "arrive at a named barrier and go on";
  let description = [{
    Constraints:
    - (C1) threads are a multiple of 128 in [128, 896].

    ```mlir
    hopper.named_arrive %id threads 256
    ```
  }];
  let arguments = (ins I32:$id, I64Attr:$threads);
  let assemblyFormat = "$id `threads` $threads attr-dict";
  let hasVerifier = 1;
}

#endif // PARALLAX_DIALECT_HOPPER_BARRIEROPS
