//===- SimulatePass.h - Runs the kernels of a module ------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_SIMULATEPASS_H
#define PARALLAX_SIMULATOR_SIMULATEPASS_H

namespace parallax::simulator {

/// Makes hopper-simulate known to pass managers that are made from text.
void registerSimulatePass();

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_SIMULATEPASS_H
