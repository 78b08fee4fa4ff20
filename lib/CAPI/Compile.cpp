//===- Compile.cpp - Compilation from C -----------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/CAPI/Support.h"

#include "parallax/Report.h"

using namespace parallax;
using namespace parallax::capi;

struct plx_compilation {
  Compilation made;
  std::string result, report;
};

namespace {

Result<CompileOptions> readOptions(const plx_compile_options *given) {
  const plx_compile_options defaults = PLX_COMPILE_OPTIONS_INIT;
  Result<plx_compile_options> known = readStruct<plx_compile_options>(
      "options", given ? given : &defaults, defaults,
      offsetof(plx_compile_options, pinned));
  if (!known)
    return known.error();
  CompileOptions options;
  Result<Target> target = readTarget(known->target);
  if (!target)
    return target.error();
  options.target = *target;
  if (known->to)
    options.to = known->to;
  if (known->schedule)
    options.schedule = known->schedule;
  options.allowSpills = known->allow_spills != 0;
  Result<PinnedSchedules> pinned = readPinned(known->pinned);
  if (!pinned)
    return pinned.error();
  options.pinned = std::move(*pinned);
  if (known->on_phase)
    options.onPhase = [callback = known->on_phase, user = known->user](
                          std::string_view phase, std::string_view text) {
      callback(user, std::string(phase).c_str(), std::string(text).c_str(),
               text.size());
    };
  return options;
}

/// Runs `compile` with the options and hands out what it made.
template <typename Compile>
plx_status compileWith(const plx_compile_options *given, plx_compilation **out,
                       Compile &&compile) noexcept {
  if (out)
    *out = nullptr;
  return guarded([&]() -> Result<void> {
    if (!out)
      return isNull("out");
    Result<CompileOptions> options = readOptions(given);
    if (!options)
      return options.error();
    Result<Compilation> made = compile(*options);
    if (!made)
      return made.error();
    Report report;
    report.target = toString(options->target);
    report.schedule = made->schedule;
    report.image = made->image ? &*made->image : nullptr;
    report.times = &made->times;
    auto compilation = std::make_unique<plx_compilation>();
    compilation->report = toJson(report);
    compilation->result = made->bytes.empty() ? std::move(made->text)
                                              : std::string(made->bytes.begin(),
                                                            made->bytes.end());
    compilation->made = std::move(*made);
    *out = compilation.release();
    return {};
  });
}

} // namespace

plx_status plxCompile(const plx_problem *problem,
                      const plx_compile_options *options,
                      plx_compilation **out) {
  return compileWith(options, out,
                     [&](const CompileOptions &how) -> Result<Compilation> {
                       Result<Problem> p = readProblem(problem);
                       if (!p)
                         return p.error();
                       return compile(*p, how);
                     });
}

plx_status plxCompileText(const char *text, size_t length,
                          const plx_compile_options *options,
                          plx_compilation **out) {
  return compileWith(options, out,
                     [&](const CompileOptions &how) -> Result<Compilation> {
                       if (!text)
                         return isNull("text");
                       return compileText({text, length}, how);
                     });
}

void plxCompilationDestroy(plx_compilation *compilation) { delete compilation; }

const char *plxCompilationPhase(const plx_compilation *compilation) {
  return compilation ? compilation->made.phase.c_str() : "";
}

const char *plxCompilationResult(const plx_compilation *compilation,
                                 size_t *length) {
  if (length)
    *length = compilation ? compilation->result.size() : 0;
  return compilation ? compilation->result.c_str() : "";
}

const char *plxCompilationReport(const plx_compilation *compilation) {
  return compilation ? compilation->report.c_str() : "";
}
