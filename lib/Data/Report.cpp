//===- Report.cpp - What a compilation cost and gave ----------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "parallax/Report.h"

#include <nlohmann/json.hpp>

using namespace parallax;

std::string parallax::toJson(const Report &report) {
  using Json = nlohmann::ordered_json;
  Json json = {{"target", report.target},
               {"schedule", report.schedule},
               {"cache", report.cache},
               {"kernels", Json::array()},
               {"stages_ms", Json::object()}};
  if (report.image) {
    const ResourceReport &used = report.image->resources;
    json["kernels"].push_back({{"name", report.image->name},
                               {"registers", used.registers},
                               {"spill_stores", used.spillStores},
                               {"spill_loads", used.spillLoads},
                               {"shared_bytes", used.sharedBytes},
                               {"notes", used.notes}});
  }
  if (report.times)
    for (const PhaseTime &time : *report.times)
      json["stages_ms"][time.name] = time.ms;
  // Names come from text that need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}
