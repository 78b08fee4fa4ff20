//===- Report.h - What a compilation cost and gave --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON that parallax-compile writes and the C interface returns:
//
//   target, schedule, cache   strings; cache is memory, disk or compiled
//   kernels                   [{name, registers, spill_stores, spill_loads,
//                             shared_bytes, notes: [string]}]
//   stages_ms                 {phase: milliseconds}, in order
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_REPORT_H
#define PARALLAX_REPORT_H

#include "parallax/Compiler.h"
#include "parallax/Export.h"
#include "parallax/KernelImage.h"

#include <string>
#include <string_view>
#include <vector>

namespace parallax {

struct Report {
  std::string_view target, schedule;
  std::string_view cache = "compiled"; ///< Where the kernel came from.
  const KernelImage *image = nullptr;  ///< Null: no kernel was assembled.
  const std::vector<PhaseTime> *times = nullptr;
};

/// `report` as JSON, indented by two spaces, with a newline at its end.
PARALLAX_API std::string toJson(const Report &report);

} // namespace parallax

#endif // PARALLAX_REPORT_H
