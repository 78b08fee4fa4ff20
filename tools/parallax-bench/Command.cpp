//===- Command.cpp - A time that another program measures -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Command.h"

#include "tools/CommandLine/Tool.h"
#include "tools/parallax-bench/Process.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace parallax::tools {

Result<Peer> parsePeer(const std::string &text, std::string_view option) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("expected {} to be NAME=COMMAND, got '{}'", option, text)};
  return Peer{text.substr(0, equals), text.substr(equals + 1)};
}

/// `line` as milliseconds.
static Result<double> parseTime(std::string_view what,
                                const std::string &line) {
  constexpr const char *blanks = " \t\r";
  const size_t begin = line.find_first_not_of(blanks);
  const std::string text =
      begin == std::string::npos
          ? ""
          : line.substr(begin, line.find_last_not_of(blanks) + 1 - begin);
  Result<double> ms = parseNumber(what, text);
  if (ms && !(std::isfinite(*ms) && *ms > 0))
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("expected milliseconds above 0, got {}", *ms)};
  return ms;
}

static bool isBlank(const std::string &line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

static Error late(double seconds) {
  return {ErrorCode::IoFailed,
          fmt::format("expected an answer within {} s, got none", seconds)};
}

Result<double> timeCommand(const std::string &command, double seconds) {
  Result<std::unique_ptr<Process>> process = Process::start(command, "");
  if (!process)
    return process.error();
  const auto begin = std::chrono::steady_clock::now();
  std::string line, last;
  while (true) {
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - begin;
    const Process::Read read =
        (*process)->readLine(seconds - taken.count(), line);
    if (read == Process::Read::Late)
      return late(seconds);
    if (read == Process::Read::End)
      break;
    if (!isBlank(line))
      last = line;
  }
  if (Result<void> ok = (*process)->wait(); !ok)
    return ok.error();
  return parseTime("its last line", last);
}

std::vector<Result<double>> timeList(const std::string &command,
                                     const std::vector<std::string> &problems,
                                     double seconds) {
  std::vector<Result<double>> times;
  while (times.size() < problems.size()) {
    // Again for those behind one that it did not survive.
    std::string input;
    for (size_t i = times.size(); i < problems.size(); ++i)
      input += problems[i] + "\n";
    Result<std::unique_ptr<Process>> process = Process::start(command, input);
    if (!process) {
      times.push_back(process.error());
      continue;
    }
    std::string line;
    Process::Read read = Process::Read::Line;
    while (times.size() < problems.size() &&
           (read = (*process)->readLine(seconds, line)) == Process::Read::Line)
      if (!isBlank(line))
        times.push_back(parseTime("its line for a problem", line));
    if (times.size() == problems.size())
      break;
    if (read == Process::Read::Late) {
      times.push_back(late(seconds));
      continue;
    }
    const Result<void> ended = (*process)->wait();
    times.push_back(
        Error{ErrorCode::IoFailed,
              fmt::format("expected a line for each problem, got the end of "
                          "its output{}",
                          ended ? "" : "; " + ended.error().message)});
  }
  return times;
}

} // namespace parallax::tools
