//===- Problems.h - Problems to have schedules for --------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_TEST_UNIT_SCHEDULE_PROBLEMS_H
#define PARALLAX_TEST_UNIT_SCHEDULE_PROBLEMS_H

#include "lib/Schedule/Schedule.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <functional>

namespace parallax::schedule_test {

inline Problem problem(DType dtype, int64_t headDim) {
  Problem p;
  p.dtype = dtype;
  p.headDim = headDim;
  return p;
}

/// Whether `ok` is Unsupported and says `what`.
inline void expectRefused(const Result<void> &ok, const char *what) {
  if (ok) {
    ADD_FAILURE() << "expected an error that says " << what;
    return;
  }
  EXPECT_EQ(ok.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(ok.error().message, testing::HasSubstr(what));
}

/// What is done to a right schedule for a head dimension of 64, and the error
/// that must come of it.
struct Wrong {
  std::function<void(Schedule &)> spoil;
  const char *says;
};

} // namespace parallax::schedule_test

#endif // PARALLAX_TEST_UNIT_SCHEDULE_PROBLEMS_H
