//===- Suite.cpp - Lists of problems --------------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Suite.h"

#include <fmt/format.h>

namespace parallax::tools {

namespace {

/// Training and prefill on a device.
constexpr std::string_view kForward = R"(
--batch 1 --k-len 16384 --q-heads 16 --head-dim 128
--batch 1 --k-len 16384 --q-heads 16 --head-dim 128 --mask causal
--batch 2 --k-len 8192 --q-heads 16 --head-dim 128 --mask causal
--batch 4 --k-len 4096 --q-heads 16 --head-dim 128 --mask causal
--batch 8 --k-len 2048 --q-heads 16 --head-dim 128 --mask causal
--batch 8 --k-len 512 --q-heads 16 --head-dim 128 --mask causal
--batch 4 --k-len 4096 --q-heads 32 --head-dim 64 --mask causal
--batch 1 --k-len 16384 --q-heads 32 --head-dim 64
--batch 2 --k-len 4096 --q-heads 8 --head-dim 256 --mask causal
--batch 4 --k-len 4096 --q-heads 16 --head-dim 192 --mask causal
--batch 4 --k-len 4096 --q-heads 16 --head-dim 96 --mask causal
--batch 4 --k-len 4096 --q-heads 16 --head-dim 128 --mask causal --window 512
--batch 4 --k-len 4096 --q-heads 32 --kv-heads 8 --head-dim 128 --mask causal
)";

/// Decode on a device: one sequence and many, then what servers do.
constexpr std::string_view kDecode = R"(
--op decode --batch 1 --k-len 512 --q-heads 8
--op decode --batch 1 --k-len 1024 --q-heads 8
--op decode --batch 1 --k-len 4096 --q-heads 8
--op decode --batch 1 --k-len 16384 --q-heads 8
--op decode --batch 32 --k-len 512 --q-heads 8
--op decode --batch 32 --k-len 1024 --q-heads 8
--op decode --batch 32 --k-len 4096 --q-heads 8
--op decode --batch 32 --k-len 16384 --q-heads 8
--op decode --batch 1 --k-len 8192 --q-heads 32 --kv-heads 8 # grouped heads
--op decode --batch 8 --k-len 8192 --q-heads 32 --kv-heads 8
--op decode --batch 64 --k-len 2048 --q-heads 32 --kv-heads 8
--op decode --batch 64 --k-len 4096 --q-heads 16 --kv-heads 4 --head-dim 64
--op decode --batch 8 --k-len 8192 --q-heads 32 --kv-heads 8 --q-len 4 --mask causal
--op decode --batch 32 --k-len 8192 --q-heads 32 --kv-heads 8 --used-lengths random
--op decode --batch 1 --k-len 16384 --q-heads 8 --cache-dtype e4m3 --k-scale head --v-scale head
--op decode --batch 32 --k-len 16384 --q-heads 8 --cache-dtype e4m3 --k-scale head --v-scale head
--op decode --batch 64 --k-len 2048 --q-heads 32 --kv-heads 8 --cache-dtype e4m3 --k-scale head --v-scale head
)";

/// What a processor does in seconds.
constexpr std::string_view kCpu = R"(
--batch 1 --k-len 1024 --q-heads 8 --head-dim 128 --mask causal --dtype f32
--batch 1 --k-len 1024 --q-heads 8 --head-dim 128 --dtype f32
--batch 1 --k-len 1024 --q-heads 8 --head-dim 64 --mask causal --dtype f32
--batch 1 --k-len 1024 --q-heads 8 --head-dim 128 --mask causal --dtype bf16
--op decode --batch 8 --k-len 2048 --q-heads 8 --dtype f32
)";

/// A moment on any target: does the tool work?
constexpr std::string_view kSmoke = R"(
--batch 2 --k-len 160 --q-heads 2 --head-dim 64 --mask causal
--batch 1 --k-len 200 --q-heads 4 --kv-heads 2 --head-dim 64 --mask causal --window 50
--op decode --batch 2 --k-len 256 --q-heads 4 --kv-heads 2 --head-dim 64 --used-lengths 256,100
)";

} // namespace

Result<std::string_view> suiteText(std::string_view name) {
  const std::pair<std::string_view, std::string_view> suites[] = {
      {"forward", kForward},
      {"decode", kDecode},
      {"cpu", kCpu},
      {"smoke", kSmoke}};
  for (auto [known, text] : suites)
    if (known == name)
      return text;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected --suite to be forward, decode, cpu or "
                           "smoke, got '{}'",
                           name)};
}

/// The problem of one line.
static Result<ListedProblem> parseLine(const std::string &line, uint64_t seed) {
  auto options = std::make_shared<CaseOptions>();
  CLI::App app;
  app.set_help_flag();
  options->add(app);
  try {
    app.parse(line, false);
  } catch (const CLI::ExtrasError &) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected options that say a problem, got: {}",
                             fmt::join(app.remaining(), " "))};
  } catch (const CLI::ParseError &error) {
    return Error{ErrorCode::InvalidArgument, error.what()};
  }
  if (Result<Problem> problem = options->sizedProblem(seed); !problem)
    return problem.error();
  return ListedProblem(std::move(options));
}

Result<std::vector<ListedProblem>>
parseList(std::string_view text, const std::string &name, uint64_t seed) {
  std::vector<ListedProblem> problems;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    Result<ListedProblem> problem = parseLine(line, seed);
    if (!problem)
      return Error{problem.error().code, fmt::format("{}:{}: {}", name, number,
                                                     problem.error().message)};
    problems.push_back(std::move(*problem));
  }
  if (problems.empty())
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected a problem a line in {}, got none", name)};
  return problems;
}

} // namespace parallax::tools
