//===- Workspace.h - Memory in which CTAs meet ------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CTAs that share the keys of a tile of queries each write the state of their
// rows, and the last to finish merges them. What they write lies in one piece
// of device memory, which a launch has to itself while it runs.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_LIB_DATA_WORKSPACE_H
#define PARALLAX_LIB_DATA_WORKSPACE_H

#include "parallax/KernelImage.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parallax {

/// The pieces of a workspace. Tickets are int32, one for each tile of queries:
/// all zero before a launch, and again after it. The others are float32 of
/// shape (places, query length, packed heads) and, of the two last, (..., head
/// dimension), with a place for each part of each tile; nothing reads what no
/// CTA has written.
enum class WorkspacePiece { Tickets, M, D1, D2, O1, O2 };
inline constexpr int kNumWorkspacePieces = 6;

/// Names them in the IR: "tickets", "split_m", ...
std::string_view toString(WorkspacePiece piece);
std::optional<WorkspacePiece> parseWorkspacePiece(std::string_view text);

/// Where the pieces lie, in bytes from the start of a workspace that is aligned
/// to `kAlignment`.
struct Workspace {
  static constexpr int64_t kAlignment = 256;
  /// The tickets come first and are as many for every problem, so that one
  /// launch leaves the tickets of any other at zero.
  static constexpr int64_t kTickets = 65536, kTicketBytes = 4 * kTickets;

  std::array<int64_t, kNumWorkspacePieces> offsets = {};
  int64_t bytes = 0; ///< Of all; 0 without places.

  /// Of a problem all of whose sizes are given, with so many places of parts,
  /// of so many heads each.
  static Workspace of(const Problem &problem, int64_t places,
                      int64_t packedHeads);
};

/// How many CTAs share a tile of queries.
struct SplitPolicy {
  int64_t multiprocessors = 132;
  /// As many as the length of the cache asks for, whatever else is in the
  /// batch: a row is then bitwise the same in every batch.
  bool batchInvariant = false;
  int64_t splits = 0; ///< At most so many; 0: as many as is best.
  /// `KernelImage::cluster`: the most that may be started as a cluster.
  int64_t cluster = 0;
};

/// How many CTAs can share one tile of queries: each takes `splitKeys` keys at
/// least.
int64_t mostSplits(const Problem &problem, int64_t splitKeys);

/// The splits of a launch of a kernel with `KernelImage::splitKeys`; 1 if that
/// is 0, or there are no tickets for all `programs`: the tiles of queries, of
/// all heads and sequences.
int64_t chooseSplits(const Problem &problem, int64_t splitKeys,
                     int64_t programs, const SplitPolicy &policy);

/// The CTAs of each cluster of a launch of `splits` CTAs for each of
/// `programs`: those that share the keys of a tile, if they are few enough, and
/// so are all, so that none waits for an SM; 1: they meet in memory. Which way
/// they join may change the last bits of a row, so a batch-invariant launch has
/// none.
int64_t chooseCluster(int64_t splits, int64_t programs,
                      const SplitPolicy &policy);

} // namespace parallax

#endif // PARALLAX_LIB_DATA_WORKSPACE_H
