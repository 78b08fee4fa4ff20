//===- Mutator.h - Changes MLIR text by words and lines ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_FUZZ_MUTATOR_H
#define PARALLAX_TEST_FUZZ_MUTATOR_H

#include <cstddef>
#include <cstdint>

namespace parallax::fuzz {

/// Changes a text in place, and returns its new size: a number, a type or a
/// name for another, a line removed, repeated or moved. Few changes of bytes
/// leave a text that parses; most of these do.
size_t mutateText(uint8_t *data, size_t size, size_t maxSize, unsigned seed);

} // namespace parallax::fuzz

#endif // PARALLAX_TEST_FUZZ_MUTATOR_H
