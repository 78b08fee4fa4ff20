//===- Contest.h - Which of a problem's schedules is fastest ----*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TOOLS_PARALLAX_BENCH_CONTEST_H
#define PARALLAX_TOOLS_PARALLAX_BENCH_CONTEST_H

#include "lib/Schedule/Schedule.h"
#include "tools/parallax-bench/Subject.h"
#include "tools/parallax-bench/Tuner.h"

#include <optional>
#include <string>
#include <vector>

namespace parallax::tools {

/// One problem's candidates on the way to a winner.
class Contest {
public:
  Contest(const TuneOptions &options, const Jit &jit, Subject &subject,
          std::string title);

  /// The winner; none if it was interrupted before all had their trial.
  Result<std::optional<Tuned>> run();

private:
  struct Candidate {
    Schedule schedule;
    std::string change; ///< The fields in which it is not the proposal.
    std::optional<Plan> plan;
    std::unique_ptr<Sampler> sampler; ///< Null: skipped.
    Timing time;
  };

  void compile();
  void placeSamplers();
  bool runRounds(int64_t count, const std::vector<Candidate *> &among);
  std::vector<Candidate *> chooseFinalists();
  std::vector<Candidate *> timed();
  void skip(Candidate &candidate, const std::string &why);
  void progress(const std::string &what) const;

  const TuneOptions &options;
  const Jit &jit;
  Subject &subject;
  const std::string title;
  std::vector<Candidate> all; ///< The first is the proposal.
  std::string firstReason;    ///< Why one was skipped.
};

} // namespace parallax::tools

#endif // PARALLAX_TOOLS_PARALLAX_BENCH_CONTEST_H
