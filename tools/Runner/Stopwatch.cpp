//===- Stopwatch.cpp - Times launches on a device -------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/Runner/Stopwatch.h"

namespace parallax::tools {

// CUstream_flags and CUstreamCaptureMode.
constexpr unsigned kNonBlocking = 1;
constexpr int kCaptureThreadLocal = 1;

Result<std::unique_ptr<Stopwatch>> Stopwatch::create(const Driver &driver) {
  std::unique_ptr<Stopwatch> watch(new Stopwatch(driver));
  if (DriverStatus status = driver->streamCreate(&watch->stream, kNonBlocking);
      status != 0)
    return driver.error("cuStreamCreate", status);
  for (EventHandle *event : {&watch->begin, &watch->end})
    if (DriverStatus status = driver->eventCreate(event, 0); status != 0)
      return driver.error("cuEventCreate", status);
  return watch;
}

Stopwatch::~Stopwatch() {
  if (executable)
    driver->executableGraphDestroy(executable);
  if (graph)
    driver->graphDestroy(graph);
  for (EventHandle event : {begin, end})
    if (event)
      driver->eventDestroy(event);
  if (stream)
    driver->streamDestroy(stream);
}

Result<double> Stopwatch::time(const Machine::Launch &launch) {
  if (DriverStatus status = driver->eventRecord(begin, stream); status != 0)
    return driver.error("cuEventRecord", status);
  if (Result<void> ok = launch(stream); !ok)
    return ok.error();
  if (DriverStatus status = driver->eventRecord(end, stream); status != 0)
    return driver.error("cuEventRecord", status);
  // What a kernel did wrong is reported here.
  if (DriverStatus status = driver->eventSynchronize(end); status != 0)
    return driver.error("cuEventSynchronize", status);
  float ms = 0;
  if (DriverStatus status = driver->eventElapsed(&ms, begin, end); status != 0)
    return driver.error("cuEventElapsedTime", status);
  return ms;
}

Result<void> Stopwatch::capture(const std::vector<Machine::Launch> &launches,
                                int64_t rounds) {
  if (DriverStatus status =
          driver->streamBeginCapture(stream, kCaptureThreadLocal);
      status != 0)
    return driver.error("cuStreamBeginCapture", status);
  Result<void> launched;
  for (int64_t round = 0; round < rounds && launched; ++round)
    for (const Machine::Launch &launch : launches)
      if (launched = launch(stream); !launched)
        break;
  // A capture is ended whatever happened in it.
  DriverStatus status = driver->streamEndCapture(stream, &graph);
  if (!launched)
    return launched;
  if (status != 0)
    return driver.error("cuStreamEndCapture", status);
  return driver.check("cuGraphInstantiate",
                      driver->graphInstantiate(&executable, graph, 0));
}

Result<double> Stopwatch::replay() {
  return time([&](void *) -> Result<void> {
    return driver.check("cuGraphLaunch",
                        driver->graphLaunch(executable, stream));
  });
}

} // namespace parallax::tools
