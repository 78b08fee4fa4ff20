//===- Sections.h - The order of tiles that CTAs take in turn ---*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A persistent kernel (KernelImage::persistentCtas) deals tiles of queries to
// its CTAs, section by section: a section is some batch entries, small enough
// for their keys and values to stay in the L2 cache, and in it go tiles of the
// same number, so of the same length, together. Lengths fall in the last
// section, rise in the one before, and so on, and every other round of tiles is
// dealt backwards: so each CTA gets about the same sum.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_DATA_SECTIONS_H
#define PARALLAX_LIB_DATA_SECTIONS_H

#include "parallax/Problem.h"

namespace parallax {

/// Batch entries of a section of a problem all of whose sizes are given.
int64_t sectionBatches(const Problem &problem);

} // namespace parallax

#endif // PARALLAX_LIB_DATA_SECTIONS_H
