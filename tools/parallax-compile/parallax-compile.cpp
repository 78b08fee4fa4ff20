//===- parallax-compile.cpp - A problem to any phase's text or code -------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ChooseSchedule.h"
#include "parallax/Compiler.h"
#include "parallax/Report.h"
#include "tools/CommandLine/ProblemOptions.h"

#include <fmt/format.h>

#include <filesystem>

using namespace parallax;
using namespace parallax::tools;

namespace {

constexpr const char *kDescription =
    "Compiles an attention problem, given by options or as a file in the\n"
    "parallax dialect, down to any phase. Needs no GPU and no driver.\n";

constexpr const char *kFooter = R"(Phases, for --to:
  sm_90a  problem tile hopper nvvm llvm ptx cubin
  cpu     problem tile vector llvm object

Examples:
  parallax-compile --mask causal --to tile
      the algorithm of a causal forward, on stdout
  parallax-compile --op decode --dtype f16 --head-dim 64 --to cubin \
                   -o decode.cubin --report decode.json
      a decode kernel and what the assembler said of it
  parallax-compile problem.mlir --target cpu --to object -o problem.o
      a problem from a file, for this processor
  parallax-compile --mask causal --window 128 --dump phases
      every phase's text, one file each

Sizes that are left out stay dynamic: the kernel takes them at launch.
Exit status: 0, or 1 with one line on stderr.)";

struct Options {
  ProblemOptions problem;
  std::string file, target = "sm_90a", to, output, report, dump, layout,
                    schedule, pinned;
  bool usedLengths = false, specialize = false, allowSpills = false,
       printAll = false;
};

bool makesBytes(std::string_view phase) {
  return phase == "cubin" || phase == "object";
}

std::string_view extension(std::string_view phase, std::string_view text) {
  if (phase == "ptx")
    return "ptx";
  if (phase == "cubin")
    return "cubin";
  if (phase == "object")
    return "o";
  return text.find("\ntarget triple = ") == text.npos ? "mlir" : "ll";
}

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

/// Strides need every size but the batch.
Result<void> setLayout(Problem &p, const std::string &layout) {
  if (layout.empty())
    return {};
  if (layout != "blhd" && layout != "bhld")
    return wrong(
        fmt::format("expected --layout to be blhd or bhld, got '{}'", layout));
  for (int64_t size : {p.queryLength, p.keyLength, p.queryHeads, p.kvHeads})
    if (size == kDynamic)
      return wrong("expected --q-len, --k-len, --q-heads and --kv-heads beside "
                   "--layout, got fewer");
  auto strides = layout == "blhd" ? Strides::blhd : Strides::bhld;
  p.q = p.r = p.o = strides(p.queryLength, p.queryHeads, p.headDim);
  p.k = p.v =
      strides(p.isPaged() ? p.pageSize : p.keyLength, p.kvHeads, p.headDim);
  return {};
}

/// What the Jit does: the schedule is that of the problem, the kernel that of
/// all problems which it specialises on nothing else of.
Result<Compilation> compileSpecialized(const Problem &problem,
                                       CompileOptions how) {
  if (Result<void> ok = verify(problem); !ok)
    return ok.error();
  Result<Schedule> schedule =
      chooseSchedule(problem, how.target, how.pinned, how.schedule);
  if (!schedule)
    return schedule.error();
  how.schedule = toText(*schedule);
  return compile(specialized(problem), how);
}

Result<Compilation> compileGiven(const Options &options,
                                 const CompileOptions &how) {
  if (!options.file.empty()) {
    if (options.problem.anyGiven() || options.usedLengths ||
        !options.layout.empty())
      return wrong(fmt::format("expected a file or the options of a problem, "
                               "got both {} and options",
                               options.file));
    Result<std::string> text = readFile(options.file);
    if (!text)
      return text.error();
    return compileText(*text, how);
  }
  Result<Problem> problem = options.problem.problem();
  if (!problem)
    return problem.error();
  problem->usedLengths = options.usedLengths;
  if (Result<void> ok = setLayout(*problem, options.layout); !ok)
    return ok.error();
  return options.specialize ? compileSpecialized(*problem, how)
                            : compile(*problem, how);
}

Result<void> run(const Options &options) {
  CompileOptions how;
  Result<Target> target = parseTarget(options.target);
  if (!target)
    return target.error();
  how.target = *target;
  how.to = options.to.empty() ? phases(*target).back() : options.to;
  how.allowSpills = options.allowSpills;
  how.schedule = options.schedule;
  if (!options.pinned.empty()) {
    Result<PinnedSchedules> pinned = readPinnedSchedules(options.pinned);
    if (!pinned)
      return pinned.error();
    how.pinned = std::move(*pinned);
  }
  // Without --to, --dump and --report are reason enough to compile.
  const bool wantsOutput =
      !options.output.empty() ||
      !(options.printAll || !options.dump.empty() || !options.report.empty());
  if (wantsOutput && options.output.empty() && makesBytes(how.to))
    return wrong(fmt::format("expected -o FILE for {}, which is no text, got "
                             "none; -o - writes it to stdout",
                             how.to));

  // The first failed write stops nothing but is the error that is reported.
  Result<void> written;
  int number = 0;
  auto dump = [&](std::string_view phase, std::string_view bytes) {
    if (options.dump.empty() || !written)
      return;
    written = writeFile(fmt::format("{}/{}-{}.{}", options.dump, number, phase,
                                    extension(phase, bytes)),
                        bytes);
  };
  if (!options.dump.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.dump, error);
    if (error)
      return Error{ErrorCode::IoFailed,
                   fmt::format("expected to make the folder {}, got: {}",
                               options.dump, error.message())};
  }
  if (options.printAll || !options.dump.empty())
    how.onPhase = [&](std::string_view phase, std::string_view text) {
      ++number;
      if (options.printAll)
        fmt::print(stderr, "// ----- {} -----\n{}\n", phase, text);
      if (!makesBytes(phase))
        dump(phase, text);
    };

  Result<Compilation> made = compileGiven(options, how);
  if (!made)
    return made.error();
  std::string_view result = made->text;
  if (makesBytes(made->phase)) {
    result = {reinterpret_cast<const char *>(made->bytes.data()),
              made->bytes.size()};
    dump(made->phase, result);
  }
  if (!written)
    return written;

  if (!options.report.empty()) {
    Report report;
    report.target = toString(*target);
    report.schedule = made->schedule;
    report.image = made->image ? &*made->image : nullptr;
    report.times = &made->times;
    if (Result<void> ok = writeFile(options.report, toJson(report)); !ok)
      return ok;
  }
  if (!wantsOutput)
    return {};
  if (!options.output.empty() && options.output != "-")
    return writeFile(options.output, result);
  std::fwrite(result.data(), 1, result.size(), stdout);
  return {};
}

} // namespace

int main(int argc, char **argv) {
  auto app = makeApp("parallax-compile", kDescription, kFooter);
  Options options;
  app->add_option("file", options.file,
                  "A problem in the parallax dialect, in place of the options "
                  "below")
      ->type_name("FILE.mlir");
  options.problem.addKind(*app);
  options.problem.addSizes(*app);
  app->add_flag("--used-lengths", options.usedLengths,
                "Decode: an int32 per sequence says how much of the cache is "
                "used")
      ->group("Problem");
  app->add_option("--layout", options.layout,
                  "Fix the strides to those of blhd or bhld; needs the lengths "
                  "and heads")
      ->type_name("LAYOUT")
      ->group("Problem");

  app->add_option("--target", options.target, "sm_90a (Hopper), or cpu")
      ->type_name("TARGET")
      ->capture_default_str()
      ->group("Compilation");
  app->add_option("--to", options.to,
                  "Phase to stop after; the target's last if left out")
      ->type_name("PHASE")
      ->group("Compilation");
  app->add_option("--schedule", options.schedule,
                  "Replace fields of the proposed schedule, e.g. \"keys=96 "
                  "stages=2\"")
      ->type_name("FIELD=N ...")
      ->group("Compilation");
  app->add_option("--pinned", options.pinned,
                  "Take the schedule of this file, which parallax-bench --tune "
                  "writes, if it has one for the problem")
      ->type_name("FILE")
      ->group("Compilation");
  app->add_flag("--specialize", options.specialize,
                "Compile what the JIT would for the problem: sizes, strides, "
                "scale and window come at launch")
      ->group("Compilation");
  app->add_flag("--allow-spills", options.allowSpills,
                "Accept a kernel that spills or that the assembler serialised")
      ->group("Compilation");
  app->add_option("-o,--output", options.output,
                  "Where the result goes; - is stdout, the default for text")
      ->type_name("FILE")
      ->group("Output");
  app->add_option("--report", options.report,
                  "Write registers, spills, notes and times as JSON")
      ->type_name("FILE.json")
      ->group("Output");
  app->add_flag("--print-after-all", options.printAll,
                "Print every phase's text on stderr")
      ->group("Output");
  app->add_option("--dump", options.dump,
                  "Write every phase's text into a folder")
      ->type_name("DIR")
      ->group("Output");
  return runTool(*app, argc, argv, [&] { return run(options); });
}
