//===- Trace.h - What happened when, for a trace viewer ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Roles against steps, in the JSON of Chrome's and Perfetto's trace viewers: a
// step is shown as a microsecond, a wait as long as it took, and an arrow leads
// from the arrival that completed a phase to the wait that it let through.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_SIMULATOR_TRACE_H
#define PARALLAX_SIMULATOR_TRACE_H

#include <cstdint>
#include <string>
#include <vector>

namespace parallax::simulator {

class Trace {
public:
  explicit Trace(bool isOn) : isOn(isOn) {}
  bool on() const { return isOn; }
  void name(int track, const std::string &name);
  void span(int track, int64_t begin, int64_t steps, const std::string &name);
  void arrow(int from, int64_t begin, int to, int64_t end);
  /// Of several CTAs, each a process.
  static std::string join(const std::vector<std::string> &events);
  std::string events(int64_t process) const;

private:
  bool isOn;
  struct Event {
    char kind; ///< 'M' name, 'X' span, 's' and 'f' the ends of an arrow.
    int track;
    int64_t begin, steps;
    std::string name;
  };
  std::vector<Event> all;
  int64_t arrows = 0;
};

} // namespace parallax::simulator

#endif // PARALLAX_SIMULATOR_TRACE_H
