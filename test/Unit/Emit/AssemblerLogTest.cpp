//===- AssemblerLogTest.cpp - What the PTX assembler says -----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Emit/AssemblerLog.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace parallax;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(AssemblerLog, ReadsRegistersSpillsAndSharedMemory) {
  const ResourceReport report = parseAssemblerLog(
      "ptxas info    : 0 bytes gmem\n"
      "ptxas info    : Compiling entry function 'forward' for 'sm_90a'\n"
      "ptxas info    : Function properties for forward\n"
      "    48 bytes stack frame, 44 bytes spill stores, 52 bytes spill loads\n"
      "ptxas info    : Used 168 registers, used 3 barriers, 48 bytes "
      "cumulative stack size, 16 bytes smem\n"
      "ptxas info    : Compile time = 231.300 ms\n");
  EXPECT_EQ(report.registers, 168);
  EXPECT_EQ(report.spillStores, 44);
  EXPECT_EQ(report.spillLoads, 52);
  EXPECT_EQ(report.sharedBytes, 16);
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(AssemblerLog, KeepsAdvisoriesWithoutTheirPrefix) {
  const ResourceReport report = parseAssemblerLog(
      "ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async "
      "instructions are serialized due to insufficient register resources for "
      "the wgmma pipeline in function 'forward'\n"
      "ptxas info    : (C7508) Potential Performance Loss: 'setmaxnreg' "
      "ignored to maintain minimum register requirement.\n"
      "ptxas warning : Value of threads per SM is out of range\n"
      "ptxas info    : Used 255 registers\n");
  EXPECT_THAT(
      report.notes,
      ElementsAre(
          "(C7510) Potential Performance Loss: wgmma.mma_async instructions "
          "are serialized due to insufficient register resources for the wgmma "
          "pipeline in function 'forward'",
          "(C7508) Potential Performance Loss: 'setmaxnreg' ignored to "
          "maintain minimum register requirement.",
          "Value of threads per SM is out of range"));
  EXPECT_EQ(report.registers, 255);
}

TEST(AssemblerLog, NothingSaidIsZero) {
  for (const char *log : {"", "\n", "\n\nptxas info : nothing\n"}) {
    const ResourceReport report = parseAssemblerLog(log);
    EXPECT_EQ(report.registers, 0) << log;
    EXPECT_EQ(report.spillStores, 0) << log;
    EXPECT_EQ(report.spillLoads, 0) << log;
    EXPECT_EQ(report.sharedBytes, 0) << log;
    EXPECT_THAT(report.notes, IsEmpty()) << log;
  }
}

TEST(AssemblerLog, TheLastLineNeedsNoNewline) {
  EXPECT_EQ(parseAssemblerLog("Used 24 registers, 8 bytes smem").registers, 24);
  EXPECT_THAT(parseAssemblerLog("(C7519) a line of its own").notes,
              ElementsAre("(C7519) a line of its own"));
}

// A number that is none, or none that fits, is not read.
TEST(AssemblerLog, WordsAreNoNumbers) {
  const ResourceReport report =
      parseAssemblerLog("ptxas info : Used many registers\n"
                        "ptxas info : 99999999999 bytes smem\n");
  EXPECT_EQ(report.registers, 0);
  EXPECT_EQ(report.sharedBytes, 0);
}
