//===- Workspace.cpp - Memory in which CTAs meet --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Workspace.h"

#include <algorithm>

using namespace parallax;

static constexpr std::string_view kNames[kNumWorkspacePieces] = {
    "tickets", "split_m", "split_d1", "split_d2", "split_o1", "split_o2"};

std::string_view parallax::toString(WorkspacePiece piece) {
  return kNames[static_cast<size_t>(piece)];
}

std::optional<WorkspacePiece>
parallax::parseWorkspacePiece(std::string_view text) {
  const auto *name = std::find(std::begin(kNames), std::end(kNames), text);
  if (name == std::end(kNames))
    return std::nullopt;
  return static_cast<WorkspacePiece>(name - std::begin(kNames));
}

static int64_t ceilDiv(int64_t value, int64_t divisor) {
  return (value + divisor - 1) / divisor;
}

Workspace Workspace::of(const Problem &problem, int64_t splits) {
  Workspace workspace;
  if (splits <= 1)
    return workspace;
  const int64_t rows =
      splits * problem.batch * problem.queryLength * problem.queryHeads;
  for (int i = 0; i < kNumWorkspacePieces; ++i) {
    const auto piece = static_cast<WorkspacePiece>(i);
    int64_t bytes = piece == WorkspacePiece::Tickets ? kTicketBytes : 4 * rows;
    if (piece == WorkspacePiece::O1 || piece == WorkspacePiece::O2)
      bytes *= problem.headDim;
    workspace.offsets[i] = workspace.bytes;
    workspace.bytes += ceilDiv(bytes, kAlignment) * kAlignment;
  }
  return workspace;
}

int64_t parallax::chooseSplits(const Problem &problem, int64_t splitKeys,
                               int64_t programs, const SplitPolicy &policy) {
  if (!splitKeys || programs < 1 || programs > Workspace::kTickets)
    return 1;
  int64_t keys = problem.keyLength;
  if (problem.window)
    keys = std::min(keys, *problem.window + problem.queryLength - 1);
  // A window may begin in the middle of a tile of keys.
  const int64_t most = ceilDiv(keys, splitKeys) + problem.window.has_value();
  if (policy.batchInvariant)
    return std::max<int64_t>(most, 1);
  if (policy.splits)
    return std::clamp<int64_t>(policy.splits, 1, std::max<int64_t>(most, 1));
  // In units of `splitKeys` keys: a CTA's start, and what joining costs.
  constexpr double start = 2, join = 2, joinOne = 0.125;
  // Where lengths differ, shorter work lets the device even it out.
  const int64_t evenOut = problem.usedLengths ? 4 : 1;
  int64_t best = 1;
  double least = 0;
  for (int64_t splits = 1; splits <= std::min<int64_t>(most, 256); ++splits) {
    const int64_t waves =
        ceilDiv(programs * splits, policy.slots * evenOut) * evenOut;
    const double cost =
        double(waves) / evenOut * (double(ceilDiv(most, splits)) + start) +
        (splits > 1 ? join + joinOne * double(splits) : 0);
    if (splits == 1 || cost < least) {
      best = splits;
      least = cost;
    }
  }
  return best;
}
