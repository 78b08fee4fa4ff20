//===- Resources.cpp - What a kernel should not need ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Compiler/Resources.h"

#include <fmt/format.h>

using namespace parallax;

Result<void> parallax::checkResources(const KernelImage &image) {
  auto refuse = [&](std::string what) {
    return Error{ErrorCode::CompileFailed,
                 fmt::format("schedule {}: {}; choose another, or allow spills",
                             image.schedule, what)};
  };
  const ResourceReport &used = image.resources;
  if (used.spillStores || used.spillLoads)
    return refuse(fmt::format("expected no spills, got {} bytes stored and {} "
                              "loaded",
                              used.spillStores, used.spillLoads));
  for (const std::string &note : used.notes)
    if (note.find("(C75") != std::string::npos)
      return refuse(fmt::format("expected no advisory of the assembler, got "
                                "{}",
                                note));
  return {};
}
