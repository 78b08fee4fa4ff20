//===- Interrupt.h - Stopping at the next occasion --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_INTERRUPT_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_INTERRUPT_H

namespace parallax::tools {

/// From here on the first SIGINT or SIGTERM does nothing but make
/// `wasInterrupted` true; a second one ends the process as usual.
void catchInterrupts();
bool wasInterrupted();

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_INTERRUPT_H
