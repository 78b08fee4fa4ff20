//===- AddTest.cpp - Tests of additions to global memory ------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Simulator/Simulator.h"
#include "lib/Simulator/Tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <set>

using namespace parallax;
using namespace parallax::simulator;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// CTA 0 has the value %value of `first`, the others that of `rest`; two
/// consumers do `body`, with a tile of 64 rows of `type` each.
std::string kernel(const std::string &type, float first, float rest,
                   const std::string &body) {
  return fmt::format(R"(
!tile = !hopper.smem<2x64x64x{}>
!acc = tensor<64x64xf32, #hopper.acc>
!row = tensor<64xf32, #hopper.row>
func.func @add(%sums: !hopper.tensor_map, %pointer: !llvm.ptr<1>)
    attributes {{hopper.kernel}} {{
  %c0 = arith.constant 0 : i32
  %c64 = arith.constant 64 : i32
  %none = arith.constant 0 : i64
  %stride = arith.constant 64 : i64
  %tile = hopper.alloc : !tile
  %cta = hopper.cta_id
  %is_first = arith.cmpi eq, %cta, %c0 : i32
  %one = arith.constant {:.1f} : f32
  %other = arith.constant {:.1f} : f32
  %value = arith.select %is_first, %one, %other : f32
  hopper.roles producer registers(24) {{
  }} consumers(2) registers(232) {{
  ^bb0(%w: i32):
    %acc = tensor.splat %value : !acc
    hopper.store_fragment %acc, %tile[%w] : !acc, !tile
    hopper.fence_async
    hopper.warpgroup_barrier
    {}
  }}
  return
}})",
                     type, first, rest, body);
}

constexpr const char *kAdd =
    "hopper.tma_store %tile[%w], %sums[%c0, %c0, %c0, %c0] box [1, 64] add "
    ": !tile";

/// 50 rows of 40 elements, 64 from one to the next, and what lies around them.
template <typename Element> struct Sums {
  static constexpr int kRows = 50, kColumns = 40, kStride = 64;
  std::vector<Element> memory;
  std::vector<Argument> arguments;

  explicit Sums(Element had) : memory(64 * kStride, had), arguments(2) {
    arguments[0].pointer = memory.data();
    arguments[0].sizes = {kColumns, 1, kRows, 1};
    arguments[0].strides = {1, kStride, kStride, 0};
    arguments[1].pointer = memory.data();
    arguments[1].bytes = memory.size() * sizeof(Element);
  }
  Outcome run(const std::string &text, const Options &options,
              int64_t ctas = 3) {
    Result<Kernel> kernel = Kernel::parse(text, "add");
    EXPECT_TRUE(kernel) << kernel.error().message;
    if (!kernel)
      return {};
    return kernel->run(arguments, {ctas}, options);
  }
  /// Whether the tensor is of `sum`, and all around it of `had`.
  void expect(Element sum, Element had) const {
    for (int row = 0; row < 64; ++row)
      for (int column = 0; column < kStride; ++column)
        ASSERT_EQ(memory[row * kStride + column],
                  row < kRows && column < kColumns ? sum : had)
            << row << ", " << column;
  }
};

Options options(uint64_t seed, int64_t orders) {
  Options options;
  options.seed = seed;
  options.orders = orders;
  return options;
}

} // namespace

TEST(AddTest, SumsWhatAllCtasAddInsideTheTensor) {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (int64_t orders : {1, 2, 7}) {
      Sums<float> sums(0.5f);
      Outcome outcome =
          sums.run(kernel("f32", 8, 2, kAdd), options(seed, orders));
      ASSERT_TRUE(outcome.reports.empty()) << outcome.reports.front().text();
      sums.expect(0.5f + 2 * (8 + 2 + 2), 0.5f);
    }
}

TEST(AddTest, RoundsEachSumOf16BitsToTheNearestEven) {
  // 1 is half of what lies between 256 and the next bf16; f16 has more bits.
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Sums<uint16_t> bf16(toHalf(256, 1)), f16(toHalf(256, 2));
    ASSERT_TRUE(
        bf16.run(kernel("bf16", 1, 1, kAdd), options(seed, 4)).reports.empty());
    bf16.expect(toHalf(256, 1), toHalf(256, 1));
    ASSERT_TRUE(
        f16.run(kernel("f16", 1, 1, kAdd), options(seed, 4)).reports.empty());
    f16.expect(toHalf(262, 2), toHalf(256, 2));
  }
}

TEST(AddTest, AddsInNoOrder) {
  // Behind 2^24 each 1 is lost; two before it are not.
  const std::string text =
      kernel("f32", 0x1p24f, 1,
             "%first = arith.cmpi eq, %w, %c0 : i32\n scf.if %first {\n" +
                 std::string(kAdd) + "\n}");
  auto sum = [&](uint64_t seed, int64_t orders) {
    Sums<float> sums(0);
    EXPECT_TRUE(sums.run(text, options(seed, orders)).reports.empty());
    return sums.memory.front();
  };
  EXPECT_EQ(sum(1, 1), 0x1p24f) << "from the first CTA to the last";
  EXPECT_EQ(sum(1, 2), 0x1p24f + 2) << "the other way round";
  // CTAs run in one order here; what they add lands in others, too.
  std::set<float> seen;
  for (uint64_t seed = 0; seed < 20; ++seed)
    seen.insert(sum(seed, 3));
  EXPECT_THAT(seen, ElementsAre(0x1p24f, 0x1p24f + 2));
}

TEST(AddTest, RacesWithRowsThatThreadsStore) {
  const std::string store =
      "\n %ones = arith.constant dense<1.0> : !acc\n"
      "hopper.store_rows %ones, %pointer[%none, %stride, %none] at(%c0, %c0) "
      "length(%c64) rows 64 : !acc\n";
  const std::string load =
      "\n %row = hopper.load_rows %pointer[%none, %stride, %none] at(%c0, %c0) "
      "length(%c64) rows 64 : tensor<4x64xf32, #hopper.lanes>\n";
  struct Case {
    std::string text;
    const char *op;
    Report::Kind kind;
  };
  // One CTA is enough, nor does a meeting of the threads help.
  for (const Case &c :
       {Case{store + kAdd, "hopper.tma_store",
             Report::Kind::OverwriteBeforeRelease},
        Case{kAdd + store, "hopper.store_rows",
             Report::Kind::OverwriteBeforeRelease},
        Case{kAdd + ("\n hopper.warpgroup_barrier" + load), "hopper.load_rows",
             Report::Kind::ReadBeforeLanding}}) {
    Sums<float> sums(0);
    const std::string body =
        "scf.if %is_first {\n %first = arith.cmpi eq, %w, %c0 : i32\n"
        "scf.if %first {" +
        c.text + "} }";
    Outcome outcome = sums.run(kernel("f32", 1, 1, body), options(1, 3), 1);
    ASSERT_EQ(outcome.reports.size(), 1u) << c.text;
    const Report &report = outcome.reports.front();
    EXPECT_EQ(report.kind, c.kind) << report.text();
    EXPECT_EQ(report.op, c.op) << report.text();
    EXPECT_THAT(report.detail, HasSubstr("nothing orders it"));
  }
}
