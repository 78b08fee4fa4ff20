//===- HostCosts.cpp - What a problem costs before it runs ----------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/HostCosts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace parallax::tools {

std::vector<HostCost> measureHostCosts(const HostOptions &options) {
  // The order matters: children are forked before there are threads.
  std::vector<HostCost> costs = measureColdCompile(options);
  costs.push_back(measureToolStart(options));
  for (const auto &measure : {measureCaches, measureEnqueue})
    for (HostCost &cost : measure(options))
      costs.push_back(std::move(cost));
  return costs;
}

Result<Compilation> compileAsJit(const HostOptions &options) {
  CompileOptions compiling;
  compiling.target = options.target;
  compiling.schedule = options.schedule;
  compiling.allowSpills = true;
  return compile(specialized(options.problem), compiling);
}

std::string toTable(const HostOptions &options,
                    const std::vector<HostCost> &costs) {
  size_t width = 0;
  for (const HostCost &cost : costs)
    width = std::max(width, cost.name.size());
  std::string text = fmt::format("schedule: {}\n", options.schedule);
  text +=
      fmt::format("{:<{}}  {:>10}  least-most\n", "host cost", width, "median");
  for (const HostCost &cost : costs)
    text += cost.time.isEmpty()
                ? fmt::format("{:<{}}  {:>10}  {}\n", cost.name, width, "-",
                              cost.absent)
                : fmt::format("{:<{}}  {:>7.4g} {}  {:.4g}-{:.4g}\n", cost.name,
                              width, cost.time.median(), cost.unit,
                              cost.time.least(), cost.time.most());
  return text;
}

std::string toJson(const HostOptions &options,
                   const std::vector<HostCost> &costs) {
  using Json = nlohmann::ordered_json;
  Json json = {{"schedule", options.schedule}, {"host", Json::array()}};
  for (const HostCost &cost : costs) {
    Json entry = {{"name", cost.name}, {"unit", cost.unit}};
    if (cost.time.isEmpty()) {
      entry["absent"] = cost.absent;
    } else {
      entry["median"] = cost.time.median();
      entry["min"] = cost.time.least();
      entry["max"] = cost.time.most();
    }
    json["host"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace parallax::tools
