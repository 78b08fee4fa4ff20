//===- Workspace.cpp - Memory in which CTAs meet --------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Data/Workspace.h"

#include <algorithm>
#include <bit>
#include <cmath>

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

Workspace Workspace::of(const Problem &problem, int64_t places,
                        int64_t packedHeads) {
  Workspace workspace;
  if (!places)
    return workspace;
  const int64_t rows = places * problem.queryLength * packedHeads;
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

namespace {

/// What a launch takes with a number of splits, in the time that one SM takes
/// to stream a smallest share of keys and values at its part of the memory's
/// rate. The constants are from an H200 (docs/benchmarks/tried.md).
class Cost {
public:
  Cost(const Problem &problem, int64_t shares, int64_t programs,
       int64_t shareKeys, const SplitPolicy &policy)
      : shares(double(shares)), programs(double(programs)),
        multiprocessors(double(policy.multiprocessors)),
        batch(double(problem.batch)), isRagged(problem.usedLengths),
        policy(policy),
        unit(32768 / (2.0 * double(sizeInBytes(problem.keyDType())) *
                      double(shareKeys * problem.headDim))) {}

  double of(int64_t splits) const {
    const double n = double(splits);
    // CTAs of a cluster have an SM each, which takes twice its part of the
    // memory's rate if others take nothing; but clusters of two come to lie in
    // a few groups of SMs, which don't.
    if (isCluster(splits))
      return std::max(programs * shares / multiprocessors,
                      std::ceil(shares / n) / (splits > 2 ? 2 : 1)) +
             0.5 * unit + join(splits);
    const double ctas = std::ceil(programs * n / multiprocessors);
    const double each = std::ceil(shares / n);
    if (isRagged) {
      // Of many sequences half of the cache is used, of one it may be all; the
      // last of several CTAs ends late, and shares of short sequences are so
      // short that their starts are not hidden.
      const double used = (1 + 1 / batch) / 2;
      const double all = used * programs * shares / multiprocessors;
      return std::max(all, each) + (1 - 1 / batch) * each / 2 +
             0.9 * unit * ctas + join(splits);
    }
    return ctas * each + 0.5 * unit * ctas + join(splits);
  }

private:
  /// A ticket, and the parts; or a cluster.
  double join(int64_t splits) const {
    if (splits == 1)
      return 0;
    if (isCluster(splits))
      return unit * 0.5;
    return unit * (1.6 + 0.03 * double(splits));
  }

  bool isCluster(int64_t splits) const {
    return chooseCluster(splits, int64_t(programs), policy) > 1;
  }

  double shares, programs, multiprocessors, batch;
  bool isRagged;
  const SplitPolicy &policy;
  double unit; ///< About a microsecond.
};

} // namespace

int64_t parallax::chooseCluster(int64_t splits, int64_t programs,
                                const SplitPolicy &policy) {
  // CTAs of a cluster are of one group of SMs, and not all groups are a whole
  // number of clusters.
  const bool fits = splits <= policy.cluster &&
                    11 * programs * splits <= 10 * policy.multiprocessors &&
                    std::has_single_bit(uint64_t(splits));
  return fits && !policy.batchInvariant ? splits : 1;
}

/// The most keys that a tile of queries sees.
static int64_t seenKeys(const Problem &problem, int64_t splitKeys) {
  if (!problem.window)
    return problem.keyLength;
  // It may begin in the middle of a tile of keys.
  return std::min(problem.keyLength,
                  *problem.window + problem.queryLength - 1 + splitKeys);
}

int64_t parallax::mostSplits(const Problem &problem, int64_t splitKeys) {
  return std::max<int64_t>(ceilDiv(seenKeys(problem, splitKeys), splitKeys), 1);
}

int64_t parallax::chooseSplits(const Problem &problem, int64_t splitKeys,
                               int64_t programs, const SplitPolicy &policy) {
  if (!splitKeys || programs < 1 || programs > Workspace::kTickets)
    return 1;
  const int64_t most = mostSplits(problem, splitKeys);
  constexpr int64_t invariantKeys = 512;
  if (policy.batchInvariant)
    return std::clamp<int64_t>(
        ceilDiv(seenKeys(problem, splitKeys), invariantKeys), 1, most);
  if (policy.splits)
    return std::clamp<int64_t>(policy.splits, 1, most);
  const Cost cost(problem, most, programs, splitKeys, policy);
  constexpr int64_t mostTried = 256;
  int64_t best = 1;
  for (int64_t splits = 2; splits <= std::min(most, mostTried); ++splits)
    if (cost.of(splits) < cost.of(best))
      best = splits;
  return best;
}
