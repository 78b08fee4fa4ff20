//===- ProblemKey.cpp - A problem in a line -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ProblemKey.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <functional>
#include <limits>
#include <vector>

using namespace parallax;

namespace {

struct SizeField {
  std::string_view name;
  int64_t Problem::*size;
};
constexpr SizeField kSizes[] = {
    {"batch", &Problem::batch},      {"q_len", &Problem::queryLength},
    {"k_len", &Problem::keyLength},  {"q_heads", &Problem::queryHeads},
    {"kv_heads", &Problem::kvHeads}, {"parts", &Problem::parts}};

/// Sizes of what need not be there: absent, any, or a number.
struct OptionalField {
  std::string_view name;
  std::optional<int64_t> Problem::*size;
};
constexpr OptionalField kOptional[] = {{"window", &Problem::window},
                                       {"new_len", &Problem::newLength}};
constexpr std::string_view kAny = "any";

struct OutputField {
  std::string_view name;
  std::function<bool(const Problem &)> get;
  std::function<void(Problem &)> set;
};
const std::vector<OutputField> &outputFields() {
  static const std::vector<OutputField> fields = {
      {"row_max", [](const Problem &p) { return p.outputs.rowMax; },
       [](Problem &p) { p.outputs.rowMax = true; }},
      {"d1", [](const Problem &p) { return p.outputs.d1; },
       [](Problem &p) { p.outputs.d1 = true; }},
      {"tbar", [](const Problem &p) { return p.outputs.tbar; },
       [](Problem &p) { p.outputs.tbar = true; }},
      {"log_sum_exp", [](const Problem &p) { return p.outputs.logSumExp; },
       [](Problem &p) { p.outputs.logSumExp = true; }},
      {"state", [](const Problem &p) { return p.state; },
       [](Problem &p) { p.state = true; }},
      {"no_o", [](const Problem &p) { return !p.writesOutput; },
       [](Problem &p) { p.writesOutput = false; }}};
  return fields;
}

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

Result<int64_t> parseNumber(std::string_view name, std::string_view text) {
  int64_t value = 0;
  const char *end = text.data() + text.size();
  auto [stopped, status] = std::from_chars(text.data(), end, value);
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (status != std::errc() || stopped != end || value < 1 || value > most)
    return wrong(fmt::format("expected {} of a problem to be an integer in [1, "
                             "{}], got '{}'",
                             name, most, text));
  return value;
}

Result<void> parseOutputs(std::string_view names, Problem &problem) {
  while (true) {
    const std::string_view name = names.substr(0, names.find(','));
    const OutputField *known = nullptr;
    for (const OutputField &field : outputFields())
      if (field.name == name)
        known = &field;
    if (!known)
      return wrong(fmt::format("expected outputs of a problem among row_max, "
                               "d1, tbar, log_sum_exp, state, no_o, got '{}'",
                               name));
    known->set(problem);
    if (name.size() == names.size())
      return {};
    names.remove_prefix(name.size() + 1);
  }
}

template <typename T, typename Target>
Result<void> store(const Result<T> &parsed, Target &target) {
  if (!parsed)
    return parsed.error();
  target = *parsed;
  return {};
}

/// Sets what `name` means to what `text` says.
Result<void> parseField(std::string_view name, std::string_view text,
                        Problem &problem) {
  if (name == "op")
    return store(parseProblemKind(text), problem.kind);
  if (name == "dtype")
    return store(parseDType(text), problem.dtype);
  if (name == "cache_dtype")
    return store(parseDType(text), problem.cacheDType);
  if (name == "mask")
    return store(parseMaskKind(text), problem.mask);
  if (name == "head_dim")
    return store(parseNumber(name, text), problem.headDim);
  if (name == "page_size")
    return store(parseNumber(name, text), problem.pageSize);
  if (name == "outputs")
    return parseOutputs(text, problem);
  for (const SizeField &field : kSizes)
    if (field.name == name)
      return store(parseNumber(name, text), problem.*field.size);
  for (const OptionalField &field : kOptional)
    if (field.name == name) {
      problem.*field.size = kDynamic;
      return text == kAny
                 ? Result<void>()
                 : store(parseNumber(name, text), *(problem.*field.size));
    }
  for (auto [flag, set] : {std::pair("used_lengths", &problem.usedLengths),
                           {"k_scale", &problem.keyScale},
                           {"v_scale", &problem.valueScale}})
    if (name == flag && text == "1") {
      *set = true;
      return {};
    }
  return wrong(fmt::format(
      "expected a field of a problem, NAME=VALUE with a name among op, dtype, "
      "cache_dtype, mask, head_dim, batch, q_len, k_len, q_heads, kv_heads, "
      "parts, window, "
      "new_len, page_size and outputs, or used_lengths=1, k_scale=1 or "
      "v_scale=1, got '{}={}'",
      name, text));
}

} // namespace

std::string parallax::problemKey(const Problem &p) {
  std::string key =
      fmt::format("op={} dtype={} mask={} head_dim={}", toString(p.kind),
                  toString(p.dtype), toString(p.mask), p.headDim);
  if (p.cacheDType)
    key += fmt::format(" cache_dtype={}", toString(*p.cacheDType));
  for (const SizeField &field : kSizes)
    if (p.*field.size != kDynamic)
      key += fmt::format(" {}={}", field.name, p.*field.size);
  for (const OptionalField &field : kOptional)
    if (const std::optional<int64_t> &size = p.*field.size)
      key += fmt::format(" {}={}", field.name,
                         *size == kDynamic ? kAny : fmt::to_string(*size));
  if (p.isPaged())
    key += fmt::format(" page_size={}", p.pageSize);
  for (auto [flag, given] : {std::pair("used_lengths", p.usedLengths),
                             {"k_scale", p.keyScale},
                             {"v_scale", p.valueScale}})
    if (given)
      key += fmt::format(" {}=1", flag);
  std::vector<std::string_view> outputs;
  for (const OutputField &field : outputFields())
    if (field.get(p))
      outputs.push_back(field.name);
  if (!outputs.empty())
    key += fmt::format(" outputs={}", fmt::join(outputs, ","));
  return key;
}

Result<Problem> parallax::parseProblemKey(std::string_view key) {
  Problem problem;
  std::vector<std::string_view> seen;
  while (true) {
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    if (key.empty())
      break;
    const std::string_view word = key.substr(0, key.find(' '));
    key.remove_prefix(word.size());
    const size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    for (std::string_view other : seen)
      if (other == name)
        return wrong(fmt::format("expected each field of a problem once, got "
                                 "{} twice",
                                 name));
    seen.push_back(name);
    if (Result<void> ok = parseField(
            name, word.substr(std::min(equals + 1, word.size())), problem);
        !ok)
      return ok.error();
  }
  if (Result<void> ok = verify(problem); !ok)
    return ok.error();
  return problem;
}

/// Whether one kernel serves both, whatever their scales.
static bool haveOneKernel(const Problem &one, Problem other) {
  Problem kernel = specialized(one);
  other = specialized(other);
  other.anyScale = kernel.anyScale;
  return kernel == other;
}

std::optional<int> parallax::sizesGivenBy(const Problem &pattern,
                                          const Problem &problem) {
  if (!haveOneKernel(pattern, problem))
    return std::nullopt;
  int given = 0;
  auto fits = [&](int64_t wanted, int64_t size) {
    given += wanted != kDynamic;
    return wanted == kDynamic || wanted == size;
  };
  for (const SizeField &field : kSizes)
    if (!fits(pattern.*field.size, problem.*field.size))
      return std::nullopt;
  // They are there in both or in neither.
  for (const OptionalField &field : kOptional)
    if (pattern.*field.size &&
        !fits(*(pattern.*field.size), *(problem.*field.size)))
      return std::nullopt;
  return given;
}

std::optional<Problem> parallax::narrowed(Problem problem,
                                          const Problem &pattern) {
  if (!haveOneKernel(pattern, problem))
    return std::nullopt;
  auto narrow = [](int64_t &size, int64_t wanted) {
    if (size == kDynamic)
      size = wanted;
    return wanted == kDynamic || wanted == size;
  };
  for (const SizeField &field : kSizes)
    if (!narrow(problem.*field.size, pattern.*field.size))
      return std::nullopt;
  for (const OptionalField &field : kOptional)
    if (pattern.*field.size &&
        !narrow(*(problem.*field.size), *(pattern.*field.size)))
      return std::nullopt;
  return problem;
}
