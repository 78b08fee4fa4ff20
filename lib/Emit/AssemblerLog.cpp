//===- AssemblerLog.cpp - What the PTX assembler says ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async ...
//   ptxas info    : Compiling entry function 'forward' for 'sm_90a'
//       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
//   ptxas info    : Used 168 registers, used 3 barriers, 16 bytes smem
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/AssemblerLog.h"

#include <algorithm>
#include <cctype>
#include <charconv>

using namespace parallax;

/// The number that stands before `what` in `line`, or none.
static bool numberBefore(std::string_view line, std::string_view what,
                         int32_t &number) {
  const size_t end = line.find(what);
  if (end == std::string_view::npos)
    return false;
  size_t begin = end;
  while (begin && std::isdigit(static_cast<unsigned char>(line[begin - 1])))
    --begin;
  return std::from_chars(line.data() + begin, line.data() + end, number).ec ==
         std::errc();
}

/// Whether a line says more than the numbers that are read from it.
static bool isAdvisory(std::string_view line) {
  return line.find("(C7") != std::string_view::npos ||
         line.find("warning") != std::string_view::npos;
}

ResourceReport parallax::parseAssemblerLog(std::string_view log) {
  ResourceReport report;
  while (!log.empty()) {
    const size_t end = std::min(log.find('\n'), log.size());
    std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    numberBefore(line, " bytes spill stores", report.spillStores);
    numberBefore(line, " bytes spill loads", report.spillLoads);
    numberBefore(line, " registers", report.registers);
    numberBefore(line, " bytes smem", report.sharedBytes);
    if (!isAdvisory(line))
      continue;
    if (const size_t text = line.find(" : "); text != std::string_view::npos)
      line.remove_prefix(text + 3);
    report.notes.emplace_back(line);
  }
  return report;
}
