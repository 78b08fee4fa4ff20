//===- NpzTest.cpp - Reading NumPy's files --------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Support/Npz.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <minizip/zip.h>

using namespace parallax;
using namespace parallax::tools;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A version 1 .npy file.
std::string npy(const std::string &dictionary, const std::string &data) {
  std::string header = dictionary + "\n";
  uint16_t length = header.size();
  std::string file("\x93NUMPY\x01\x00", 8);
  file.append(reinterpret_cast<const char *>(&length), 2);
  return file + header + data;
}

std::string npy(const std::string &type, const std::string &shape,
                const std::string &data) {
  return npy("{'descr': '" + type +
                 "', 'fortran_order': False, 'shape': " + shape + ", }",
             data);
}

template <typename T> std::string bytesOf(std::initializer_list<T> values) {
  return {reinterpret_cast<const char *>(values.begin()),
          values.size() * sizeof(T)};
}

std::string errorOf(const std::string &file) {
  auto array = parseNpy(file);
  return array ? "no error" : array.error().message;
}

/// A .npz file with one entry, gone with the object.
struct Archive {
  std::string path =
      testing::TempDir() + "/npz-" +
      testing::UnitTest::GetInstance()->current_test_info()->name();

  Archive(const char *entry, const std::string &bytes, int level) {
    zipFile zip = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
    zipOpenNewFileInZip(zip, entry, nullptr, nullptr, 0, nullptr, 0, nullptr,
                        level ? Z_DEFLATED : 0, level);
    zipWriteInFileInZip(zip, bytes.data(), bytes.size());
    zipCloseFileInZip(zip);
    zipClose(zip, nullptr);
  }
  ~Archive() { std::filesystem::remove(path); }
};

} // namespace

TEST(Npy, ReadsEachType) {
  auto f4 = parseNpy(npy("<f4", "(2, 1)", bytesOf<float>({1.5f, -2})));
  ASSERT_TRUE(f4);
  EXPECT_THAT(f4->shape, ElementsAre(2, 1));
  EXPECT_THAT(f4->values, ElementsAre(1.5, -2));

  auto f8 = parseNpy(npy("<f8", "(1,)", bytesOf<double>({0.1})));
  ASSERT_TRUE(f8);
  EXPECT_THAT(f8->values, ElementsAre(0.1));

  auto i4 = parseNpy(npy("<i4", "(3,)", bytesOf<int32_t>({1, -2, 3})));
  ASSERT_TRUE(i4);
  EXPECT_THAT(i4->values, ElementsAre(1, -2, 3));
  EXPECT_FALSE(i4->isBytes);

  // The second is what NumPy writes for a type that it does not know.
  for (const char *type : {"|u1", "|V1"}) {
    auto bytes = parseNpy(npy(type, "(2,)", "\x7f\xff"));
    ASSERT_TRUE(bytes);
    EXPECT_THAT(bytes->values, ElementsAre(127, 255));
    EXPECT_TRUE(bytes->isBytes);
  }
}

TEST(Npy, RefusesWhatItCannotRead) {
  EXPECT_THAT(errorOf(""), HasSubstr("without its magic number"));
  EXPECT_THAT(errorOf("\x93NUMPY\x01"), HasSubstr("magic number"));
  EXPECT_THAT(errorOf(npy("<f4", "(1,)", bytesOf<float>({1})).substr(0, 20)),
              HasSubstr("ends in its header"));
  EXPECT_THAT(errorOf(npy("<c8", "(1,)", "12345678")), HasSubstr("save as"));
  EXPECT_THAT(errorOf(npy("<f4", "(2,)", bytesOf<float>({1}))),
              HasSubstr("got 4 bytes for shape (2)"));
  EXPECT_THAT(errorOf(npy("<f4", "(1,)", "123")), HasSubstr("got 3 bytes"));
  EXPECT_THAT(errorOf(npy("<f4", "(-1,)", "")), HasSubstr("without descr"));
  EXPECT_THAT(errorOf(npy("<f4", "(99999999999999999999,)", "")),
              HasSubstr("without descr"));
  EXPECT_THAT(errorOf(npy("<f4", "(4294967296, 4294967296)", "")),
              HasSubstr("got 0 bytes"));
  EXPECT_THAT(
      errorOf(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}",
                  "1234")),
      HasSubstr("Fortran order"));
}

TEST(Npz, ReadsStoredAndDeflatedEntriesAndLeavesOutTheMissing) {
  for (int level : {0, 9}) {
    Archive archive("q.npy", npy("<f4", "(2,)", bytesOf<float>({3, 4})), level);
    auto arrays = readNpz(archive.path, {"q", "absent"});
    ASSERT_TRUE(arrays) << arrays.error().message;
    ASSERT_EQ(arrays->size(), 1u);
    EXPECT_THAT(arrays->at("q").values, ElementsAre(3, 4));
  }
}

TEST(Npz, NamesTheFileAndEntryOfAnError) {
  auto missing = readNpz("/nowhere/a.npz", {"q"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);

  Archive archive("q.npy", "not an array", 0);
  auto broken = readNpz(archive.path, {"q"});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message,
              HasSubstr("q.npy: expected a .npy array"));
}

TEST(Npz, NoticesFlippedBytes) {
  Archive archive("q.npy", npy("<f4", "(2,)", bytesOf<float>({3, 4})), 0);
  {
    // The first byte of the data, behind the entry's own header.
    std::fstream file(archive.path, std::ios::in | std::ios::out);
    std::string all(std::istreambuf_iterator<char>(file), {});
    size_t at = all.find(bytesOf<float>({3, 4}));
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(at);
    file.put('!');
  }
  auto arrays = readNpz(archive.path, {"q"});
  ASSERT_FALSE(arrays);
  EXPECT_THAT(arrays.error().message, HasSubstr("fails its check"));
}

TEST(Npz, WritesWhatItReads) {
  const std::string path = testing::TempDir() + "/npz-written";
  const double big = INFINITY, tiny = 0.1;
  const std::map<std::string, NpyArray> arrays = {
      {"one", {{3}, {1, -2, tiny}}},
      {"two", {{2, 1, 2}, {big, -0.0, 0x1p-149, NAN}}},
      {"none", {{0, 4}, {}}},
      {"scalar", {{}, {5}}}};
  auto written = writeNpz(path, arrays);
  ASSERT_TRUE(written) << written.error().message;
  auto read = readNpz(path, {"one", "two", "none", "scalar", "other"});
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 4u);
  EXPECT_THAT(read->at("one").values, ElementsAre(1, -2, 0.1f));
  EXPECT_THAT(read->at("two").values,
              ElementsAre(INFINITY, -0.0, 0x1p-149, testing::IsNan()));
  EXPECT_THAT(read->at("none").values, ElementsAre());
  EXPECT_THAT(read->at("scalar").values, ElementsAre(5));
  for (const auto &[name, array] : arrays)
    EXPECT_EQ(read->at(name).shape, array.shape) << name;
  std::filesystem::remove(path);

  auto refused = writeNpz(testing::TempDir() + "/nowhere/x.npz", arrays);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("expected to write"));
}
