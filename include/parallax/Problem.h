//===- Problem.h - An attention problem as plain data ---------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parallax attention adds one vector r per query to softmax attention:
//
//   s1 = scale * q.k     s2 = r.k
//   p1 = exp(s1 - max)   d1 = sum p1    O1 = sum p1 v
//   p2 = p1 * s2         d2 = sum p2    O2 = sum p2 v
//   o  = O1/d1 * (1 + d2/d1) - O2/d1
//
// A Problem says which one is to be solved: operation, types, sizes, strides,
// mask and outputs. It knows nothing of tiles, targets or MLIR.
//
// The state of a row is (m, d1, d2, O1, O2), where m is any number and p1 =
// 2^(x - m) with x = log2(e) * s1: the same sums, relative to a reference that
// need not be the maximum. States of disjoint keys merge exactly: scale all by
// 2^(m - max m) and add.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_PROBLEM_H
#define PARALLAX_PROBLEM_H

#include "parallax/Export.h"
#include "parallax/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// Marks a size or stride that is not known when a kernel is compiled and is
/// given at launch.
inline constexpr int64_t kDynamic = -1;

enum class ProblemKind {
  Forward, ///< Prefill and training: many query tokens.
  Decode,  ///< 1 to 16 query tokens against a cache.
  Merge,   ///< States of the same queries and different keys become one result.
};

enum class DType {
  F32,
  BF16,
  F16,
  E4M3, ///< 8 bits of a cache: 4 of exponent, 3 of fraction, no infinity.
};

enum class MaskKind {
  None,
  Causal, ///< Bottom-right aligned: key j is seen by query i iff
          ///< j <= i + keyLength - queryLength.
};

/// Strides, in elements, of a tensor of logical shape (batch, length, heads,
/// head dimension). The head dimension itself is always contiguous.
struct Strides {
  int64_t batch = kDynamic;
  int64_t length = kDynamic;
  int64_t head = kDynamic;

  /// Strides of a contiguous (B, L, H, D) tensor.
  PARALLAX_API static Strides blhd(int64_t length, int64_t heads,
                                   int64_t headDim);
  /// Strides of a contiguous (B, H, L, D) tensor.
  PARALLAX_API static Strides bhld(int64_t length, int64_t heads,
                                   int64_t headDim);

  bool operator==(const Strides &) const = default;
};

/// Which optional float32 outputs of shape (batch, length, heads) are written.
struct RowOutputs {
  bool rowMax = false;    ///< m = max of scale*q.k, natural units.
  bool d1 = false;        ///< d1 = sum exp(s1 - m).
  bool tbar = false;      ///< d2/d1, the mean of r.k under the softmax.
  bool logSumExp = false; ///< m + log d1; -inf for a row that sees no key.

  bool operator==(const RowOutputs &) const = default;
};

/// One attention problem. Sizes and strides may be kDynamic and scale and
/// window absent when only a kernel is wanted; a launch needs all of them.
struct Problem {
  ProblemKind kind = ProblemKind::Forward;
  DType dtype = DType::BF16;
  MaskKind mask = MaskKind::None;

  int64_t batch = kDynamic;
  int64_t queryLength = kDynamic;
  int64_t keyLength = kDynamic;
  int64_t queryHeads = kDynamic;
  int64_t kvHeads = kDynamic;
  int64_t headDim = 128;

  /// Keys a query sees, itself included: [i-W+1, i]. Needs a causal mask.
  /// kDynamic: there is a window, its size comes at launch.
  std::optional<int64_t> window;

  /// Factor of q.k, any sign. Defaults to 1/sqrt(headDim).
  std::optional<double> scale;
  /// The scale comes at launch and need not be positive. A kernel for positive
  /// ones multiplies less often.
  bool anyScale = false;

  /// Of k and v with pages, `batch` is the stride of pages and `length` that of
  /// tokens in a page.
  Strides q, r, k, v, o;

  /// Decode: an int32 per sequence says how much of the cache is used; the
  /// rest is never read into a result.
  bool usedLengths = false;

  /// Decode: tokens of a page, a power of two in [1, 256]; 0: no pages. With
  /// pages, k and v are pools of shape (pages, pageSize, kvHeads, headDim) and
  /// an int32 block table of shape (batch, keyLength / pageSize) deals them
  /// out: key j of sequence b is token j % pageSize of page table[b][j /
  /// pageSize]. Sequences may share pages. Of a sequence that uses n keys only
  /// the first ceil(n / pageSize) entries are read, and must be in [0, pages)
  /// even where a window hides their keys: checked on the CPU, the caller's
  /// word on a device.
  int64_t pageSize = 0;
  int64_t pages = kDynamic;            ///< In the pools of k and v.
  int64_t blockTableStride = kDynamic; ///< From one row to the next, elements.

  /// Decode: so many tokens, those of new_k and new_v of shape (batch,
  /// newLength, kvHeads, headDim), are written into the cache before attention.
  /// They are the last that each sequence uses, so used lengths include them:
  /// new token i becomes key used - newLength + i. One whose position is
  /// negative or past the cache is not written. Who appends to a page must not
  /// share it. kDynamic: how many comes at launch.
  std::optional<int64_t> newLength;
  Strides newK, newV;

  /// Decode: the element type of k, v, new_k and new_v; absent: `dtype`. An
  /// e4m3 cache holds keys and values divided by a scale of each key head,
  /// which float32 operands k_scale and v_scale of shape (kvHeads) give, read
  /// when the kernel runs: a key is k * k_scale in s1 and in s2, a value v *
  /// v_scale.
  std::optional<DType> cacheDType;
  bool keyScale = false, valueScale = false; ///< Whether they are given.
  /// From one head to the next, in elements; 0: one for all heads.
  int64_t keyScaleStride = kDynamic, valueScaleStride = kDynamic;

  RowOutputs outputs;

  /// Whether o is written; if not, something else is.
  bool writesOutput = true;

  /// Whether the state is written: float32, contiguous, o1 and o2 of shape
  /// (batch, queryLength, queryHeads, headDim), m, d1 and d2 of shape (batch,
  /// queryLength, queryHeads). m is in base 2 and is the reference that was
  /// used, not always the maximum. A row that sees no key has zeros, and the
  /// lowest finite m.
  bool state = false;

  /// Merge: how many states, each as above behind a first dimension of `parts`.
  /// One whose d1 is 0 is empty, whatever else it holds. Only o, tbar,
  /// logSumExp and the merged state can be asked for; there are no keys, mask
  /// and scale.
  int64_t parts = kDynamic;

  bool operator==(const Problem &) const = default;

  bool isPaged() const { return pageSize != 0; }
  DType keyDType() const { return cacheDType.value_or(dtype); }
  /// Entries of a row of the block table; kDynamic where keyLength is.
  int64_t pagesPerSequence() const {
    return keyLength == kDynamic ? kDynamic : keyLength / pageSize;
  }

  /// The scale that applies: the one given, or 1/sqrt(headDim).
  PARALLAX_API double effectiveScale() const;
};

/// Checks all that can be known of a problem whose sizes may be dynamic.
/// Returns InvalidArgument naming the field, what was expected and what came.
PARALLAX_API Result<void> verify(const Problem &problem);

/// As `verify`, and that everything a launch needs is given.
PARALLAX_API Result<void> verifyForLaunch(const Problem &problem);

/// `problem` with contiguous (B, L, H, D) strides where none are given.
PARALLAX_API Problem withDefaultStrides(Problem problem);

/// `problem` with all that a kernel does not specialise on made dynamic:
/// batch, lengths, heads, pages, parts, strides, scale, window size.
PARALLAX_API Problem specialized(Problem problem);

PARALLAX_API std::string_view toString(ProblemKind kind);
PARALLAX_API std::string_view toString(DType dtype);
PARALLAX_API std::string_view toString(MaskKind mask);
PARALLAX_API Result<ProblemKind> parseProblemKind(std::string_view text);
PARALLAX_API Result<DType> parseDType(std::string_view text);
PARALLAX_API Result<MaskKind> parseMaskKind(std::string_view text);

/// Bytes of one element.
PARALLAX_API int64_t sizeInBytes(DType dtype);

} // namespace parallax

#endif // PARALLAX_PROBLEM_H
