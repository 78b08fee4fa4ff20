//===- CaseOptions.cpp - A problem with inputs on the command line --------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/CommandLine/CaseOptions.h"

#include "parallax/KernelImage.h"
#include "tools/Support/Pages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <random>

namespace parallax::tools {

void CaseOptions::add(CLI::App &app) {
  problemOptions.addKind(app);
  problemOptions.addSizes(app);
  app.add_option("--used-lengths", usedLengths,
                 "Decode: keys in use per sequence; those behind them are NaN")
      ->type_name("N,...|random")
      ->group("Problem");
}

bool CaseOptions::sizesGiven() const {
  return problemOptions.sizesGiven() || !usedLengths.empty();
}
bool CaseOptions::anyGiven() const {
  return problemOptions.anyGiven() || !usedLengths.empty();
}

/// "3,7" or "random".
Result<std::vector<int32_t>> CaseOptions::lengths(const Sizes &sizes,
                                                  uint64_t seed) const {
  std::vector<int32_t> lengths;
  if (usedLengths == "random") {
    std::mt19937_64 engine(seed);
    std::uniform_int_distribution<int32_t> any(1, sizes.keyLength);
    for (int64_t b = 0; b < sizes.batch; ++b)
      lengths.push_back(any(engine));
    return lengths;
  }
  for (const std::string &item : splitList(usedLengths)) {
    Result<int64_t> length =
        parseInteger("--used-lengths", item, 1, sizes.keyLength);
    if (!length)
      return length.error();
    lengths.push_back(static_cast<int32_t>(*length));
  }
  return lengths;
}

Result<CaseOptions::Resolved> CaseOptions::resolve(uint64_t seed) const {
  Result<Problem> problem = problemOptions.problem();
  if (!problem)
    return problem.error();
  const bool isDecode = problem->kind == ProblemKind::Decode;
  auto orElse = [](int64_t given, int64_t otherwise) {
    return given == kDynamic ? otherwise : given;
  };
  Sizes sizes;
  if (problem->kind == ProblemKind::Merge) {
    problem->parts = orElse(problem->parts, 4);
    sizes = {orElse(problem->batch, 1), orElse(problem->queryLength, 1),
             problem->keyLength,        orElse(problem->queryHeads, 8),
             problem->kvHeads,          problem->headDim};
    return Resolved{*problem, sizes, {}};
  }
  sizes.batch = orElse(problem->batch, 1);
  sizes.keyLength = orElse(problem->keyLength, isDecode ? 4096 : 1024);
  sizes.queryLength =
      orElse(problem->queryLength, isDecode ? 1 : sizes.keyLength);
  sizes.queryHeads = orElse(
      problem->queryHeads, problem->kvHeads == kDynamic ? 8 : problem->kvHeads);
  sizes.kvHeads = orElse(problem->kvHeads, sizes.queryHeads);
  sizes.headDim = problem->headDim;
  Result<std::vector<int32_t>> used = lengths(sizes, seed);
  if (!used)
    return used.error();
  return Resolved{*problem, sizes, std::move(*used)};
}

Result<Problem> CaseOptions::sizedProblem(uint64_t seed) const {
  Result<Resolved> resolved = resolve(seed);
  if (!resolved)
    return resolved.error();
  Problem problem = withSizes(resolved->problem, resolved->sizes);
  problem.usedLengths = !resolved->usedLengths.empty();
  if (problem.isPaged())
    problem.pages = randomPoolPages(problem);
  if (Result<void> ok = verifyForLaunch(withDefaultStrides(problem)); !ok)
    return ok.error();
  return problem;
}

Result<Case> CaseOptions::randomCase(uint64_t seed) const {
  Result<Resolved> resolved = resolve(seed);
  if (!resolved)
    return resolved.error();
  return tools::randomCase(resolved->problem, resolved->sizes,
                           std::move(resolved->usedLengths), seed);
}

std::string toFlags(const Case &c) {
  const Problem &p = c.problem;
  std::string flags = fmt::format(
      "--op {} --dtype {} --mask {} --batch {} --q-len {}", toString(p.kind),
      toString(p.dtype), toString(p.mask), p.batch, p.queryLength);
  if (p.cacheDType)
    flags += fmt::format(" --cache-dtype {}", toString(*p.cacheDType));
  for (auto [given, stride, name] :
       {std::tuple(p.keyScale, p.keyScaleStride, "k"),
        {p.valueScale, p.valueScaleStride, "v"}})
    if (given)
      flags += fmt::format(" --{}-scale {}", name, stride ? "head" : "tensor");
  if (p.keyLength != kDynamic)
    flags += fmt::format(" --k-len {}", p.keyLength);
  flags += fmt::format(" --q-heads {}", p.queryHeads);
  if (p.kvHeads != kDynamic)
    flags += fmt::format(" --kv-heads {}", p.kvHeads);
  flags += fmt::format(" --head-dim {}", p.headDim);
  if (p.parts != kDynamic)
    flags += fmt::format(" --parts {}", p.parts);
  if (p.window)
    flags += fmt::format(" --window {}", *p.window);
  if (p.scale)
    flags += fmt::format(" --scale {}", *p.scale);
  if (p.isPaged())
    flags += fmt::format(" --page-size {}", p.pageSize);
  if (p.newLength)
    flags += fmt::format(" --new-len {}", *p.newLength);
  std::vector<std::string_view> outputs;
  const std::pair<bool, std::string_view> known[] = {
      {p.outputs.rowMax, "row_max"},
      {p.outputs.d1, "d1"},
      {p.outputs.tbar, "tbar"},
      {p.outputs.logSumExp, "log_sum_exp"},
      {p.state, "state"},
      {!p.writesOutput, "no_o"}};
  for (auto [wanted, name] : known)
    if (wanted)
      outputs.push_back(name);
  if (!outputs.empty())
    flags += fmt::format(" --outputs {}", fmt::join(outputs, ","));
  if (p.usedLengths)
    flags +=
        fmt::format(" --used-lengths {}", fmt::join(c.inputs.usedLengths, ","));
  return flags;
}

Result<Target> parseRunTarget(const std::string &name) {
  if (name == "cuda")
    return Target::Sm90a;
  if (name == "cpu")
    return Target::Cpu;
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("expected --target to be cpu or cuda, got '{}'", name)};
}

} // namespace parallax::tools
