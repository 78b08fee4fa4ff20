//===- Files.cpp - What was measured, for programs ------------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace parallax::tools {

using Json = nlohmann::ordered_json;

namespace {

Json times(const Timing &time) {
  if (time.isEmpty())
    return Json();
  return {
      {"ms", time.median()}, {"ms_min", time.least()}, {"ms_max", time.most()}};
}

Json ceiling(const Ceiling &ceiling, const char *unit) {
  Json json = {{"name", ceiling.name}};
  if (ceiling.time.isEmpty()) {
    json["absent"] = ceiling.absent;
    return json;
  }
  json.update(times(ceiling.time));
  json[unit] = ceiling.rate();
  return json;
}

Json rowOf(const BenchReport &report, const BenchRow &row) {
  Json json = {{"title", row.title},
               {"problem", row.flags},
               {"error", row.failure.empty() ? Json() : Json(row.failure)},
               {"schedule", row.schedule}};
  if (row.time.isEmpty())
    return json;
  json.update(times(row.time));
  std::optional<double> ratio = report.ratio(row);
  json["tflops"] = row.tflops();
  json["tbps"] = row.isDecode() ? Json(row.terabytes()) : Json();
  json["limit"] = row.isDecode() ? "stream" : "gemm";
  json["ratio"] = ratio ? Json(*ratio) : Json();
  json["floor"] = times(row.floor);
  json["max_error_ratio"] = row.maxErrorRatio;
  json["rms_ratio"] = row.rmsRatio;
  json["reference"] = row.checkedBy;
  json["intensity"] = row.intensity();
  json["sets"] = row.sets;
  json["peers_ms"] = Json(row.peers);
  return json;
}

/// A cell as RFC 4180 has it.
std::string quoted(const std::string &cell) {
  if (cell.find_first_of(",\"\n\r") == std::string::npos)
    return cell;
  std::string text = "\"";
  for (char c : cell)
    text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

} // namespace

std::string toJson(const BenchReport &report) {
  Json json = {{"device", report.device},
               {"rounds", report.rounds},
               {"layout", report.layout},
               {"gemm", ceiling(report.gemm, "tflops")},
               {"stream", ceiling(report.stream, "tbps")},
               {"problems", Json::array()},
               {"notes", report.notes}};
  for (const BenchRow &row : report.rows)
    json["problems"].push_back(rowOf(report, row));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string toCsv(const BenchReport &report) {
  std::string text = "title,problem,schedule,ms,ms_min,ms_max,tflops,tbps,"
                     "limit,ratio,max_error_ratio,rms_ratio,sets,error";
  for (const std::string &peer : report.peers)
    text += "," + quoted(peer + "_ms");
  text += "\n";
  for (const BenchRow &row : report.rows) {
    const Json json = rowOf(report, row);
    bool isFirst = true;
    auto add = [&](const Json &value) {
      text += isFirst ? "" : ",";
      isFirst = false;
      if (value.is_string())
        text += quoted(value.get<std::string>());
      else if (!value.is_null())
        text += value.dump();
    };
    for (const char *name : {"title", "problem", "schedule", "ms", "ms_min",
                             "ms_max", "tflops", "tbps", "limit", "ratio",
                             "max_error_ratio", "rms_ratio", "sets", "error"})
      add(json.value(name, Json()));
    for (const std::string &peer : report.peers)
      add(json.value("peers_ms", Json::object()).value(peer, Json()));
    text += "\n";
  }
  return text;
}

} // namespace parallax::tools
