//===- Vectorised.h - Loops for the processor at hand -----------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_VECTORISED_H
#define PARALLAX_SIMULATOR_VECTORISED_H

// Loops over lanes are compiled for what a server of the last ten years has,
// too, and the best is picked when the program starts.
#if defined(__x86_64__) && defined(__clang__) &&                               \
    !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

#endif // PARALLAX_SIMULATOR_VECTORISED_H
