//===- Workspaces.h - Memory of a stream's launches -------------*- C++ -*-===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PARALLAX_RUNTIME_CUDA_WORKSPACES_H
#define PARALLAX_RUNTIME_CUDA_WORKSPACES_H

#include "runtime/Cuda/Driver.h"

#include <map>
#include <mutex>
#include <vector>

namespace parallax {

/// The workspaces of a context's streams (lib/Data/Workspace.h). Launches of
/// one stream follow each other and share one; so do those of one stream in one
/// capture, whose graph may run beside the stream.
///
/// One that is too small is replaced and kept, since a graph or a launch under
/// way may use it: all memory lives as long as the context's last copy. All
/// functions may be called from many threads.
class Workspaces {
public:
  /// A workspace of at least `bytes` for the next launch on `stream`, in the
  /// current context. Allocates only if the stream had none or a smaller one.
  Result<void *> find(const Driver &driver, StreamHandle stream, size_t bytes);

  /// Frees all, in the current context.
  void free(const Driver &driver);

private:
  struct Buffer {
    DevicePointer address = 0;
    size_t bytes = 0;
  };

  static Result<Buffer> allocate(const Driver &driver, size_t bytes);

  std::mutex mutex;
  /// By the stream's id, which is never used again, and 0; or by the handle of
  /// a stream that is captured, and the capture's id.
  std::map<std::pair<uint64_t, uint64_t>, Buffer> buffers;
  std::vector<Buffer> replaced;
};

} // namespace parallax

#endif // PARALLAX_RUNTIME_CUDA_WORKSPACES_H
