//===- ScheduleText.cpp - Schedules as text -------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

using namespace parallax;

std::span<const ScheduleField> parallax::scheduleFields() {
  static constexpr ScheduleField fields[] = {
      {"rows", [](const Schedule &s) { return s.tile.rows; },
       [](Schedule &s, int64_t v) { s.tile.rows = v; }},
      {"keys", [](const Schedule &s) { return s.tile.keys; },
       [](Schedule &s, int64_t v) { s.tile.keys = v; }},
      {"packed_heads", [](const Schedule &s) { return s.tile.packedHeads; },
       [](Schedule &s, int64_t v) { s.tile.packedHeads = v; }},
      {"consumers", [](const Schedule &s) { return s.consumers; },
       [](Schedule &s, int64_t v) { s.consumers = v; }},
      {"partition", [](const Schedule &s) { return int64_t(s.partition); },
       [](Schedule &s, int64_t v) { s.partition = static_cast<Partition>(v); }},
      {"stages", [](const Schedule &s) { return s.stages; },
       [](Schedule &s, int64_t v) { s.stages = v; }},
      {"converted_stages", [](const Schedule &s) { return s.convertedStages; },
       [](Schedule &s, int64_t v) { s.convertedStages = v; }},
      {"overlap", [](const Schedule &s) { return int64_t(s.overlap); },
       [](Schedule &s, int64_t v) { s.overlap = static_cast<Overlap>(v); }},
      {"ping_pong", [](const Schedule &s) { return int64_t(s.pingPong); },
       [](Schedule &s, int64_t v) { s.pingPong = v; }},
      {"rescale_lag", [](const Schedule &s) { return s.rescaleLag; },
       [](Schedule &s, int64_t v) { s.rescaleLag = v; }},
      {"tensor_sums", [](const Schedule &s) { return int64_t(s.tensorSums); },
       [](Schedule &s, int64_t v) { s.tensorSums = v; }},
      {"queries_in_registers",
       [](const Schedule &s) { return int64_t(s.queriesInRegisters); },
       [](Schedule &s, int64_t v) { s.queriesInRegisters = v; }},
      {"split_tiles", [](const Schedule &s) { return s.splitTiles; },
       [](Schedule &s, int64_t v) { s.splitTiles = v; }},
      {"cluster", [](const Schedule &s) { return s.cluster; },
       [](Schedule &s, int64_t v) { s.cluster = v; }},
      {"ctas_per_sm", [](const Schedule &s) { return s.ctasPerSm; },
       [](Schedule &s, int64_t v) { s.ctasPerSm = v; }},
      {"persistent", [](const Schedule &s) { return int64_t(s.persistent); },
       [](Schedule &s, int64_t v) { s.persistent = v; }},
      {"producer_registers",
       [](const Schedule &s) { return s.producerRegisters; },
       [](Schedule &s, int64_t v) { s.producerRegisters = v; }},
      {"consumer_registers",
       [](const Schedule &s) { return s.consumerRegisters; },
       [](Schedule &s, int64_t v) { s.consumerRegisters = v; }},
      {"converter_registers",
       [](const Schedule &s) { return s.converterRegisters; },
       [](Schedule &s, int64_t v) { s.converterRegisters = v; }},
  };
  return fields;
}

std::string parallax::toText(const Schedule &schedule) {
  std::string text;
  for (const ScheduleField &field : scheduleFields())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", field.name,
                        field.get(schedule));
  return text;
}

/// Sets the field that `word`, "name=value", names.
static Result<void> parseField(std::string_view word, Schedule &schedule) {
  const size_t equals = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, equals);
  const std::string_view digits =
      word.substr(std::min(equals + 1, word.size()));
  for (const ScheduleField &field : scheduleFields()) {
    if (field.name != name)
      continue;
    int32_t value = 0;
    const char *end = digits.data() + digits.size();
    auto [stopped, status] = std::from_chars(digits.data(), end, value);
    if (status != std::errc() || stopped != end)
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("expected a number of 32 bits for {} of a "
                               "schedule, got '{}'",
                               name, digits)};
    field.set(schedule, value);
    return {};
  }
  std::string names;
  for (const ScheduleField &field : scheduleFields())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
  return Error{ErrorCode::InvalidArgument,
               fmt::format("expected a field of a schedule, one of {}, got "
                           "'{}'",
                           names, name)};
}

Result<Schedule> parallax::parseSchedule(std::string_view text, Schedule base) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty())
      return base;
    const size_t end = std::min(text.find(' '), text.size());
    if (Result<void> ok = parseField(text.substr(0, end), base); !ok)
      return ok.error();
    text.remove_prefix(end);
  }
}
