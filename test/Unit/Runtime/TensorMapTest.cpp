//===- TensorMapTest.cpp - What TMA is told of a tensor -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Cuda/TensorMapShape.h"

#include "test/Unit/Runtime/CudaTest.h"
#include "test/Unit/Runtime/Prefill.h"

#include <limits>

using namespace parallax;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = KernelParameter::Kind;

TEST(TensorMapShape, DimensionsFastestFirst) {
  Result<TensorMapShape> map =
      TensorMapShape::create(prefill(), mapOf(Operand::K));
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_THAT(map->sizes, ElementsAre(128, 2, 500, 2));
  EXPECT_THAT(map->strides, ElementsAre(256, 512, 256000));
  EXPECT_THAT(map->box, ElementsAre(64, 1, 64, 1));
  map = TensorMapShape::create(prefill(), mapOf(Operand::O));
  ASSERT_TRUE(map);
  EXPECT_THAT(map->sizes, ElementsAre(128, 8, 300, 2));
}

TEST(TensorMapShape, AnyLayout) {
  Problem p = prefill();
  p.k = Strides::bhld(500, 2, 128);
  Result<TensorMapShape> map = TensorMapShape::create(p, mapOf(Operand::K));
  ASSERT_TRUE(map);
  EXPECT_THAT(map->strides, ElementsAre(128000, 256, 256000));
  p.k.batch = 0; // One cache for every sequence.
  map = TensorMapShape::create(p, mapOf(Operand::K));
  ASSERT_TRUE(map);
  EXPECT_THAT(map->strides, ElementsAre(128000, 256, 0));
}

TEST(TensorMapShape, PoolsOfPages) {
  Problem p = prefill();
  p.kind = ProblemKind::Decode;
  p.queryLength = 1;
  p.keyLength = 512;
  p.pageSize = 16;
  p.pages = 1000;
  p.k = p.v = p.q = Strides();
  p = withDefaultStrides(p);
  p.k.batch *= 2; // Pages of keys and of values take turns.
  Result<TensorMapShape> map = TensorMapShape::create(
      p, {Kind::TensorMap, Operand::K, 0, {64, 1, 16, 1}});
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_THAT(map->sizes, ElementsAre(128, 2, 16, 1000));
  EXPECT_THAT(map->strides, ElementsAre(256, 512, 2 * 16 * 512));
  EXPECT_THAT(map->box, ElementsAre(64, 1, 16, 1));
  p.k.batch += 1;
  map = TensorMapShape::create(p, mapOf(Operand::K));
  ASSERT_FALSE(map);
  EXPECT_THAT(map.error().message, HasSubstr("page stride of k"));
}

// Whatever the stride of a dimension of one says, the map is legal.
TEST(TensorMapShape, ADimensionOfOneHasACanonicalStride) {
  Problem p = prefill();
  p.batch = p.queryLength = p.kvHeads = 1;
  for (int64_t stride : {int64_t(0), int64_t(1), int64_t(1) << 50,
                         std::numeric_limits<int64_t>::max()}) {
    p.q.batch = p.q.length = p.k.head = p.k.batch = stride;
    for (Operand operand : {Operand::Q, Operand::K}) {
      Result<TensorMapShape> map = TensorMapShape::create(p, mapOf(operand));
      ASSERT_TRUE(map) << map.error().message;
      EXPECT_EQ(map->strides[2], 16u);
    }
  }
}

TEST(TensorMapShape, StridesThatTmaCannotTake) {
  struct {
    const char *what;
    void (*spoil)(Problem &);
    std::vector<const char *> says;
  } cases[] = {
      {"a multiple of 8 bytes",
       [](Problem &p) { p.q.head = 132; },
       {"heads stride of q", "multiple of 16 bytes", "132 elements of 2"}},
      {"odd", [](Problem &p) { p.q.length += 1; }, {"length stride of q"}},
      {"2^40 bytes",
       [](Problem &p) { p.q.batch = int64_t(1) << 39; },
       {"batch stride of q", "below 2^40 bytes"}},
      {"overflow",
       [](Problem &p) { p.q.batch = int64_t(1) << 62; },
       {"batch stride of q", "below 2^40 bytes"}},
  };
  for (const auto &test : cases) {
    SCOPED_TRACE(test.what);
    Problem p = prefill();
    test.spoil(p);
    Result<TensorMapShape> map = TensorMapShape::create(p, mapOf(Operand::Q));
    ASSERT_FALSE(map);
    EXPECT_EQ(map.error().code, ErrorCode::InvalidArgument);
    for (const char *part : test.says)
      EXPECT_THAT(map.error().message, HasSubstr(part));
  }
}

TEST(TensorMapShape, Boxes) {
  auto error = [](std::array<int32_t, 4> box) {
    KernelParameter parameter = mapOf(Operand::V);
    parameter.box = box;
    Result<TensorMapShape> map = TensorMapShape::create(prefill(), parameter);
    return map ? std::string() : map.error().message;
  };
  EXPECT_EQ(error({64, 4, 256, 1}), "");
  EXPECT_EQ(error({8, 1, 1, 1}), "");
  EXPECT_THAT(error({64, 1, 0, 1}), HasSubstr("length, got 0"));
  EXPECT_THAT(error({64, 1, 257, 1}), HasSubstr("length, got 257"));
  EXPECT_THAT(error({128, 1, 64, 1}), HasSubstr("at most 128 bytes, got 256"));
  EXPECT_THAT(error({4, 1, 64, 1}), HasSubstr("multiple of 16"));
  EXPECT_THAT(
      TensorMapShape::create(prefill(), mapOf(Operand::RowMax)).error().message,
      HasSubstr("got row_max"));
}

namespace {
struct EncodeTest : CudaTest {
  EncodeTest() { fake::setCurrent(fake::context(0)); }
};
} // namespace

TEST_F(EncodeTest, WhatTheDriverIsGiven) {
  struct {
    DType dtype;
    int type;
  } types[] = {{DType::BF16, 9}, {DType::F16, 6}, {DType::F32, 7}};
  for (auto [dtype, type] : types) {
    Problem p = prefill();
    p.dtype = dtype;
    KernelParameter parameter = mapOf(Operand::Q);
    parameter.box[0] = 32;
    Result<TensorMapShape> shape = TensorMapShape::create(p, parameter);
    ASSERT_TRUE(shape);
    TensorMap map;
    ASSERT_TRUE(shape->encode(driver(), pointer(0x7000), map));
    const fake::Encoding &e = cuda.encodings.back();
    EXPECT_EQ(e.address, pointer(0x7000));
    EXPECT_EQ(e.elementType, type);
    EXPECT_THAT(e.sizes, ElementsAre(128, 8, 300, 2));
    EXPECT_THAT(e.box, ElementsAre(32, 1, 64, 1));
    EXPECT_THAT(e.elementStrides, ElementsAre(1, 1, 1, 1));
    EXPECT_EQ(e.interleave, 0);
    EXPECT_EQ(e.swizzle, 3);
    EXPECT_EQ(e.l2Promotion, 2);
    EXPECT_EQ(e.fill, 0);
  }
}

// 1-byte elements of a cache, whose box is as many bytes; those of q stay.
TEST_F(EncodeTest, NarrowCaches) {
  Problem p = prefill();
  p.kind = ProblemKind::Decode;
  p.queryLength = 4;
  p.cacheDType = DType::E4M3;
  p.q = p.r = p.k = p.v = p.o = Strides();
  p = withDefaultStrides(p);
  KernelParameter parameter = mapOf(Operand::V);
  parameter.box[0] = 128;
  Result<TensorMapShape> shape = TensorMapShape::create(p, parameter);
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_THAT(shape->strides, ElementsAre(128, 256, 128000));
  TensorMap map;
  ASSERT_TRUE(shape->encode(driver(), pointer(0x7000), map));
  EXPECT_EQ(cuda.encodings.back().elementType, 0);
  EXPECT_THAT(cuda.encodings.back().box, ElementsAre(128, 1, 64, 1));
  shape = TensorMapShape::create(p, mapOf(Operand::Q));
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->elementType, 9);
  p.k.head = 8;
  parameter.operand = Operand::K;
  shape = TensorMapShape::create(p, parameter);
  ASSERT_FALSE(shape);
  EXPECT_THAT(shape.error().message,
              HasSubstr("heads stride of k that is a multiple of 16 bytes, got "
                        "8 elements of 1 bytes"));
}

TEST_F(EncodeTest, Errors) {
  Result<TensorMapShape> shape =
      TensorMapShape::create(prefill(), mapOf(Operand::Q));
  TensorMap map;
  Result<void> ok = shape->encode(driver(), pointer(0x7008), map);
  ASSERT_FALSE(ok);
  EXPECT_THAT(ok.error().message,
              HasSubstr("expected q at a multiple of 16 bytes, got 0x7008"));
  EXPECT_TRUE(cuda.encodings.empty());
  cuda.failures["cuTensorMapEncodeTiled"] = 1;
  ok = shape->encode(driver(), pointer(0x7000), map);
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code, ErrorCode::DriverFailed);
  EXPECT_THAT(ok.error().message, HasSubstr("q of sizes [128, 8, 300, 2]"));
}
