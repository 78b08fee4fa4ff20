//===- Trace.cpp - What happened when, for a trace viewer -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace parallax::simulator;

void Trace::name(int track, const std::string &name) {
  if (isOn)
    all.push_back({'M', track, 0, 0, name});
}

void Trace::span(int track, int64_t begin, int64_t steps,
                 const std::string &name) {
  if (isOn)
    all.push_back({'X', track, begin, steps, name});
}

void Trace::arrow(int from, int64_t begin, int to, int64_t end) {
  if (!isOn)
    return;
  all.push_back({'s', from, begin, arrows, ""});
  all.push_back({'f', to, end, arrows++, ""});
}

std::string Trace::events(int64_t process) const {
  std::vector<std::string> lines;
  for (const Event &event : all) {
    const std::string where =
        fmt::format(R"("pid":{},"tid":{})", process, event.track);
    if (event.kind == 'M')
      lines.push_back(fmt::format(
          R"({{"ph":"M","name":"thread_name",{},"args":{{"name":"{}"}}}})",
          where, event.name));
    else if (event.kind == 'X')
      lines.push_back(
          fmt::format(R"({{"ph":"X","name":"{}",{},"ts":{},"dur":{}}})",
                      event.name, where, event.begin, event.steps));
    else
      lines.push_back(fmt::format(
          R"({{"ph":"{}","name":"hand-over","cat":"barrier","id":"{}.{}",{},"ts":{}{}}})",
          event.kind, process, event.steps, where, event.begin,
          event.kind == 'f' ? R"(,"bp":"e")" : ""));
  }
  return fmt::format("{}", fmt::join(lines, ",\n"));
}

std::string Trace::join(const std::vector<std::string> &events) {
  return fmt::format("{{\"traceEvents\":[\n{}\n]}}\n",
                     fmt::join(events, ",\n"));
}
