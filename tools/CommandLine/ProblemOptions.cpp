//===- ProblemOptions.cpp - A problem on the command line -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/CommandLine/ProblemOptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace parallax::tools {

constexpr int64_t kMaxSize = std::numeric_limits<int32_t>::max();

CLI::Option *ProblemOptions::add(CLI::App &app, const char *name,
                                 std::string &text, const char *help,
                                 const char *placeholder) {
  return app.add_option(name, text, help)
      ->type_name(placeholder)
      ->group("Problem")
      ->capture_default_str();
}

void ProblemOptions::addKind(CLI::App &app) {
  kinds = {
      add(app, "--op", op,
          "Operation: forward, decode (1 to 16 query tokens), or merge (states "
          "of different keys become one)",
          "OP"),
      add(app, "--dtype", dtype, "Element type: bf16, f16, or f32 (on the CPU)",
          "TYPE"),
      add(app, "--cache-dtype", cacheDType,
          "Decode: element type of k and v: that of --dtype, or e4m3", "TYPE"),
      add(app, "--k-scale", keyScale,
          "Decode: what an e4m3 key is multiplied by: one a head, or one for "
          "the tensor; none: 1",
          "head|tensor"),
      add(app, "--v-scale", valueScale, "The same of values", "head|tensor"),
      add(app, "--mask", mask,
          "none, or causal (bottom-right aligned: the last query sees all)",
          "MASK"),
      add(app, "--window", window,
          "Keys a query sees, itself included; needs --mask causal", "W"),
      add(app, "--scale", scale,
          "Factor of q.k, any sign; default 1/sqrt(head dimension)", "S"),
      add(app, "--outputs", outputs,
          "Further outputs: row_max, d1, tbar, log_sum_exp, and state: the "
          "sums and their reference; no_o: o is not written",
          "NAME,...")};
}

void ProblemOptions::addSizes(CLI::App &app) {
  sizes = {add(app, "--head-dim", headDim,
               "Head dimension: a multiple of 8 up to 256", "D"),
           add(app, "--q-heads", queryHeads,
               "Query heads, a multiple of the key heads", "N"),
           add(app, "--kv-heads", kvHeads, "Key and value heads", "N"),
           add(app, "--batch", batch, "Sequences", "N"),
           add(app, "--q-len", queryLength, "Query tokens per sequence", "N"),
           add(app, "--k-len", keyLength, "Keys per sequence", "N"),
           add(app, "--page-size", pageSize,
               "Decode: tokens of a page of the cache, a power of two up to "
               "256; none: no pages",
               "N"),
           add(app, "--new-len", newLength,
               "Decode: tokens per sequence that are appended to the cache "
               "first; used lengths include them",
               "N"),
           add(app, "--parts", parts, "Merge: states that become one", "N")};
}

static bool anyCounted(const std::vector<CLI::Option *> &options) {
  return std::any_of(options.begin(), options.end(),
                     [](const CLI::Option *o) { return o->count() != 0; });
}

bool ProblemOptions::sizesGiven() const { return anyCounted(sizes); }
bool ProblemOptions::anyGiven() const {
  return anyCounted(kinds) || sizesGiven();
}

static Result<void> parseOutputs(const std::string &names, Problem &problem) {
  RowOutputs &outputs = problem.outputs;
  bool omitsOutput = false;
  const std::pair<std::string_view, bool *> known[] = {
      {"row_max", &outputs.rowMax}, {"d1", &outputs.d1},
      {"tbar", &outputs.tbar},      {"log_sum_exp", &outputs.logSumExp},
      {"state", &problem.state},    {"no_o", &omitsOutput}};
  for (const std::string &name : splitList(names)) {
    bool found = false;
    for (auto [output, wanted] : known)
      if (name == output)
        *wanted = found = true;
    if (!found)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected --outputs among row_max, d1, tbar, "
                               "log_sum_exp, state, no_o, got '{}'",
                               name)};
  }
  problem.writesOutput = !omitsOutput;
  return {};
}

Result<Problem> ProblemOptions::problem() const {
  Problem problem;
  Result<ProblemKind> kind = parseProblemKind(op);
  if (!kind)
    return kind.error();
  problem.kind = *kind;
  Result<DType> type = parseDType(dtype);
  if (!type)
    return type.error();
  problem.dtype = *type;
  if (!cacheDType.empty()) {
    Result<DType> cacheType = parseDType(cacheDType);
    if (!cacheType)
      return cacheType.error();
    problem.cacheDType = *cacheType;
  }
  for (auto [name, text, given, stride] :
       {std::tuple("--k-scale", &keyScale, &problem.keyScale,
                   &problem.keyScaleStride),
        {"--v-scale", &valueScale, &problem.valueScale,
         &problem.valueScaleStride}}) {
    if (text->empty())
      continue;
    if (*text != "head" && *text != "tensor")
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected {} to be head or tensor, got '{}'",
                               name, *text)};
    *given = true;
    if (*text == "tensor")
      *stride = 0;
  }
  Result<MaskKind> maskKind = parseMaskKind(mask);
  if (!maskKind)
    return maskKind.error();
  problem.mask = *maskKind;

  if (!scale.empty()) {
    Result<double> value = parseNumber("--scale", scale);
    if (!value)
      return value.error();
    problem.scale = *value;
  }
  // -1 stands for dynamic inside, so it is refused here.
  if (window == "dynamic") {
    problem.window = kDynamic;
  } else if (!window.empty()) {
    Result<int64_t> value = parseInteger("--window", window, 1, kMaxSize);
    if (!value)
      return value.error();
    problem.window = *value;
  }
  const std::tuple<const char *, const std::string &, int64_t *> numbers[] = {
      {"--q-heads", queryHeads, &problem.queryHeads},
      {"--kv-heads", kvHeads, &problem.kvHeads},
      {"--batch", batch, &problem.batch},
      {"--q-len", queryLength, &problem.queryLength},
      {"--k-len", keyLength, &problem.keyLength},
      {"--head-dim", headDim, &problem.headDim},
      {"--page-size", pageSize, &problem.pageSize},
      {"--parts", parts, &problem.parts}};
  for (auto &[name, text, number] : numbers) {
    if (text.empty())
      continue;
    Result<int64_t> value = parseInteger(name, text, 1, kMaxSize);
    if (!value)
      return value.error();
    *number = *value;
  }
  if (!newLength.empty()) {
    Result<int64_t> value = parseInteger("--new-len", newLength, 1, kMaxSize);
    if (!value)
      return value.error();
    problem.newLength = *value;
  }
  if (Result<void> ok = parseOutputs(outputs, problem); !ok)
    return ok.error();
  return problem;
}

} // namespace parallax::tools
