//===- HopperOps.td - The hopper dialect ------------------*- tablegen -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_DIALECT_HOPPER_HOPPEROPS
#define PARALLAX_DIALECT_HOPPER_HOPPEROPS

include "dialect/Hopper/BarrierOps.td"
include "dialect/Hopper/MatmulOps.td"
include "dialect/Hopper/MemoryOps.td"
include "dialect/Hopper/MergeOps.td"
include "dialect/Hopper/RegisterOps.td"
include "dialect/Hopper/RoleOps.td"

#endif // PARALLAX_DIALECT_HOPPER_HOPPEROPS
