//===- Export.h - What libparallax.so shows -------------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library is built with hidden visibility, so that the LLVM inside it can't
// meet another one in the same process. What a user may call is marked.
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_EXPORT_H
#define PARALLAX_EXPORT_H

#define PARALLAX_API __attribute__((visibility("default")))

#endif // PARALLAX_EXPORT_H
