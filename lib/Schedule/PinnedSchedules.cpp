//===- PinnedSchedules.cpp - Schedules that a tuner found -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ChooseSchedule.h"
#include "lib/Schedule/ProblemKey.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

using namespace parallax;
using Json = nlohmann::ordered_json;

/// Of the file's format.
constexpr int kFormat = 1;
constexpr const char *kFormatName = "parallax_schedules";

namespace {

/// "FILE: entry 3 (op=forward ...)", as far as that is known.
std::string place(const std::string &file, size_t index,
                  const std::string &problem) {
  return fmt::format("{}: entry {}{}", file, index + 1,
                     problem.empty() ? "" : fmt::format(" ({})", problem));
}

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

/// What of `json` is not as it should be is named shortly.
std::string shown(const Json &json) {
  constexpr size_t most = 60;
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

Result<std::string> readText(const Json &entry, const char *name) {
  const auto found = entry.find(name);
  if (found == entry.end() || !found->is_string())
    return wrong(fmt::format("expected a string '{}', got {}", name,
                             found == entry.end() ? "none" : shown(*found)));
  return found->get<std::string>();
}

/// Where an entry comes from.
Result<void> readOrigin(const Json &entry, PinnedSchedule &pinned) {
  for (auto [name, number] :
       {std::pair("ms", &pinned.ms), {"speedup", &pinned.speedup}})
    if (entry.contains(name)) {
      const Json &value = entry[name];
      const double given = value.is_number() ? value.get<double>() : NAN;
      if (!(std::isfinite(given) && given >= 0))
        return wrong(fmt::format("expected a number of 0 or more for '{}', got "
                                 "{}",
                                 name, shown(value)));
      *number = given;
    }
  for (auto [name, text] :
       {std::pair("device", &pinned.device), {"version", &pinned.version}})
    if (entry.contains(name)) {
      Result<std::string> given = readText(entry, name);
      if (!given)
        return given.error();
      *text = *given;
    }
  return {};
}

/// Reads an entry; `problem` is its key as soon as that is known.
Result<PinnedSchedule> readEntry(const Json &entry, std::string &problem) {
  if (!entry.is_object())
    return wrong(fmt::format("expected an object, got {}", shown(entry)));
  for (const auto &[name, value] : entry.items()) {
    constexpr const char *known[] = {"target",  "problem", "schedule", "ms",
                                     "speedup", "device",  "version"};
    if (std::find(std::begin(known), std::end(known), name) == std::end(known))
      return wrong(fmt::format("expected fields among {}, got '{}'",
                               fmt::join(known, ", "), name));
  }
  Result<std::string> key = readText(entry, "problem");
  if (!key)
    return key.error();
  problem = *key;
  Result<std::string> targetName = readText(entry, "target");
  if (!targetName)
    return targetName.error();
  Result<Target> target = parseTarget(*targetName);
  if (!target)
    return target.error();
  Result<std::string> schedule = readText(entry, "schedule");
  if (!schedule)
    return schedule.error();
  Result<Problem> parsed = parseProblemKey(*key);
  if (!parsed)
    return parsed.error();
  PinnedSchedule pinned;
  pinned.target = *target;
  pinned.problem = *parsed;
  pinned.schedule = *schedule;
  if (Result<void> ok = readOrigin(entry, pinned); !ok)
    return ok.error();
  // What can't run for any of its problems is told here, not at a launch.
  if (Result<Schedule> fits =
          chooseSchedule(pinned.problem, *target, {}, pinned.schedule);
      !fits)
    return fits.error();
  return pinned;
}

} // namespace

const PinnedSchedule *PinnedSchedules::find(const Problem &problem,
                                            Target target) const {
  const PinnedSchedule *best = nullptr;
  int most = -1;
  for (const PinnedSchedule &entry : entries) {
    if (entry.target != target)
      continue;
    const std::optional<int> given = sizesGivenBy(entry.problem, problem);
    if (given && *given > most) {
      best = &entry;
      most = *given;
    }
  }
  return best;
}

void PinnedSchedules::put(PinnedSchedule entry) {
  const std::string key = problemKey(entry.problem);
  for (PinnedSchedule &other : entries)
    if (other.target == entry.target && problemKey(other.problem) == key) {
      other = std::move(entry);
      return;
    }
  entries.push_back(std::move(entry));
}

Result<PinnedSchedules>
parallax::parsePinnedSchedules(std::string_view text, const std::string &file) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error &error) {
    // "[json.exception...] parse error at line 1, column 2: ..."
    const std::string_view what = error.what();
    return wrong(
        fmt::format("{}: expected JSON, got a {}", file,
                    what.substr(std::min(what.find("] ") + 2, what.size()))));
  }
  const Json entries =
      json.is_object() ? json.value("schedules", Json()) : Json();
  if (!entries.is_array() || json.value(kFormatName, Json()) != kFormat)
    return wrong(fmt::format("{}: expected an object with \"{}\": {} and an "
                             "array \"schedules\", as parallax-bench --tune "
                             "writes it, got {}",
                             file, kFormatName, kFormat, shown(json)));
  PinnedSchedules pinned;
  pinned.file = file;
  for (size_t index = 0; index < entries.size(); ++index) {
    std::string problem;
    Result<PinnedSchedule> entry = readEntry(entries[index], problem);
    if (!entry)
      return Error{entry.error().code,
                   fmt::format("{}: {}", place(file, index, problem),
                               entry.error().message)};
    pinned.put(std::move(*entry));
    if (pinned.entries.size() != index + 1)
      return wrong(fmt::format("{}: expected one entry a problem and target, "
                               "got another",
                               place(file, index, problem)));
  }
  return pinned;
}

Result<PinnedSchedules> parallax::readPinnedSchedules(const std::string &file) {
  auto failed = [&](int code) {
    return Error{
        code == ENOENT ? ErrorCode::NotFound : ErrorCode::IoFailed,
        fmt::format("expected to read {}, got: {}", file, std::strerror(code))};
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> stream(
      std::fopen(file.c_str(), "rb"), std::fclose);
  if (!stream)
    return failed(errno);
  std::string text;
  char block[1 << 14];
  while (size_t size = std::fread(block, 1, sizeof(block), stream.get()))
    text.append(block, size);
  if (std::ferror(stream.get()))
    return failed(errno);
  return parsePinnedSchedules(text, file);
}

std::string parallax::toJson(const PinnedSchedules &pinned) {
  Json json = {{kFormatName, kFormat}, {"schedules", Json::array()}};
  for (const PinnedSchedule &entry : pinned.entries) {
    Json fields = {{"target", toString(entry.target)},
                   {"problem", problemKey(entry.problem)},
                   {"schedule", entry.schedule}};
    if (entry.ms > 0)
      fields["ms"] = entry.ms;
    if (entry.speedup > 0)
      fields["speedup"] = entry.speedup;
    if (!entry.device.empty())
      fields["device"] = entry.device;
    if (!entry.version.empty())
      fields["version"] = entry.version;
    json["schedules"].push_back(std::move(fields));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::optional<Schedule>>
parallax::pinnedSchedule(const Problem &problem, Target target,
                         const PinnedSchedules &pinned) {
  const PinnedSchedule *entry = pinned.find(problem, target);
  if (!entry)
    return std::optional<Schedule>();
  Result<Schedule> schedule =
      chooseSchedule(problem, target, {}, entry->schedule);
  if (!schedule)
    return Error{schedule.error().code,
                 fmt::format("{}: {}",
                             place(pinned.file, entry - pinned.entries.data(),
                                   problemKey(entry->problem)),
                             schedule.error().message)};
  return std::optional<Schedule>(*schedule);
}

Result<Schedule> parallax::chooseSchedule(const Problem &problem, Target target,
                                          const PinnedSchedules &pinned,
                                          std::string_view overrides,
                                          bool fixedSplits) {
  Result<std::optional<Schedule>> found =
      pinnedSchedule(problem, target, pinned);
  if (!found)
    return found.error();
  Result<Schedule> schedule = parseSchedule(
      overrides, *found ? **found : propose(problem, target, fixedSplits));
  if (!schedule)
    return schedule.error();
  if (Result<void> ok = verify(*schedule, problem, target); !ok)
    return ok.error();
  return schedule;
}
