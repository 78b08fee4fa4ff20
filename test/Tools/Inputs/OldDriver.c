//===- OldDriver.c - A CUDA driver of 2022 --------------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) {
  *version = 11080;
  return 0;
}
int cuGetErrorName(int status, const char **name) { return 1; }
int cuGetErrorString(int status, const char **text) { return 1; }
