//===- HostTensorTest.cpp - Layouts in memory -----------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/HostTensor.h"

#include "gtest/gtest.h"

#include <numeric>

using namespace parallax;
using namespace parallax::tools;

namespace {

class HostTensorTest : public testing::TestWithParam<Layout> {};

} // namespace

TEST_P(HostTensorTest, ReadsWhatWasWrittenAndKeepsItsPadding) {
  for (DType dtype : {DType::F32, DType::BF16, DType::F16}) {
    HostTensor tensor(2, 3, 2, 8, dtype, GetParam());
    std::vector<float> values(2 * 3 * 2 * 8);
    std::iota(values.begin(), values.end(), 0.0f);
    tensor.write(values);
    const float *value = values.data();
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t h = 0; h < 2; ++h)
          for (int64_t d = 0; d < 8; ++d)
            EXPECT_EQ(tensor.read(b, i, h, d), *value++);
    EXPECT_TRUE(tensor.paddingIsIntact());
  }
}

TEST_P(HostTensorTest, NoticesAWriteBehindTheEnd) {
  HostTensor tensor(1, 2, 1, 8, DType::BF16, GetParam());
  tensor.write(std::vector<float>(16));
  auto *elements = static_cast<uint16_t *>(tensor.data());
  elements[tensor.strides().batch] = 0;
  EXPECT_FALSE(tensor.paddingIsIntact());
}

INSTANTIATE_TEST_SUITE_P(Layouts, HostTensorTest,
                         testing::Values(Layout::BLHD, Layout::BHLD,
                                         Layout::Sliced));

TEST(HostTensor, NoticesAWriteBetweenSlicedTokens) {
  HostTensor tensor(1, 2, 1, 8, DType::F32, Layout::Sliced);
  tensor.write(std::vector<float>(16));
  EXPECT_TRUE(tensor.paddingIsIntact());
  static_cast<float *>(tensor.data())[8] = 1;
  EXPECT_FALSE(tensor.paddingIsIntact());
}

// Heads of 24 bytes: a device reads rows at multiples of 16.
TEST(HostTensor, AlignsSlicedHeadsAndNoticesAWriteBetweenThem) {
  HostTensor tensor(1, 2, 2, 24, DType::E4M3, Layout::Sliced);
  EXPECT_EQ(tensor.strides().head, 32);
  EXPECT_EQ(tensor.strides().length % 16, 0);
  tensor.write(std::vector<float>(2 * 2 * 24, 1));
  EXPECT_EQ(tensor.read(0, 1, 1, 23), 1);
  EXPECT_TRUE(tensor.paddingIsIntact());
  static_cast<uint8_t *>(tensor.data())[24] = 0;
  EXPECT_FALSE(tensor.paddingIsIntact());
}

TEST(HostTensor, ParsesLayouts) {
  EXPECT_EQ(*parseLayout("bhld"), Layout::BHLD);
  EXPECT_FALSE(parseLayout("lbhd"));
}
