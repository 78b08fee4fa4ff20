//===- CpuTest.h - Compiles and runs problems on the CPU --------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_CPU_CPUTEST_H
#define PARALLAX_TEST_UNIT_CPU_CPUTEST_H

#include "lib/Compiler/CpuKernel.h"
#include "tools/Support/Case.h"
#include "tools/Support/Comparison.h"
#include "tools/Support/HostTensor.h"

#include <functional>
#include <string>
#include <vector>

namespace parallax::test {

/// Compiles a problem whose sizes, strides, scale and window may be dynamic.
Result<KernelImage> compileForCpu(const Problem &problem);

/// The same for vectors of `lanes` float32 values, of which there are
/// `registers`; this processor need not have them.
Result<KernelImage> compileForVectors(const Problem &problem, int64_t lanes,
                                      int64_t registers);

/// What a run wrote.
struct Outputs {
  tools::HostTensor o;
  std::vector<float> rowMax, d1, tbar, logSumExp;
  std::vector<float> o1, o2, m, stateD1, stateD2;
};

/// Runs a case, its tensors in `layout`.
Result<Outputs> run(const CpuKernel &kernel, const tools::Case &c,
                    tools::Layout layout, int threads);

/// Compiles the kernel that `c` needs (dynamic in all that a kernel does not
/// specialise on, or, with `isStatic`, in nothing), runs it and expects what
/// the oracle says of every output.
void expectRight(const tools::Case &c,
                 tools::Layout layout = tools::Layout::BLHD,
                 bool isStatic = false);

/// Runs `c` with a kernel and expects the same.
void expectRightOf(const KernelImage &image, const tools::Case &c,
                   tools::Layout layout = tools::Layout::BLHD);

/// A random case.
tools::Case makeCase(Problem problem, const tools::Sizes &sizes,
                     std::vector<int32_t> usedLengths = {}, uint64_t seed = 1);

} // namespace parallax::test

#endif // PARALLAX_TEST_UNIT_CPU_CPUTEST_H
