"""Checks what parallax-bench wrote: check_bench.py JSON CSV SVG PROBLEMS [--device].

--device: the run was on a card, so each decode has a floor.
"""

import csv
import json
import math
import sys
import xml.etree.ElementTree as xml

json_path, csv_path, svg_path, count = sys.argv[1:5]
on_device = "--device" in sys.argv

with open(json_path, encoding="utf-8") as file:
    report = json.load(file)
names = {"device", "rounds", "layout", "gemm", "stream", "problems", "notes"}
assert set(report) == names, set(report) ^ names
for ceiling, unit in (("gemm", "tflops"), ("stream", "tbps")):
    found = report[ceiling]
    assert "absent" in found or (found[unit] > 0 and found["name"]), found
if on_device:
    assert "absent" in report["stream"] or 0.5 < report["stream"]["tbps"] < 20, report["stream"]

problems = report["problems"]
assert len(problems) == int(count), len(problems)
for problem in problems:
    assert problem["error"] is None and problem["schedule"], problem
    for name in ("ms", "ms_min", "ms_max", "tflops", "intensity"):
        assert math.isfinite(problem[name]) and problem[name] > 0, (name, problem)
    assert problem["ms_min"] <= problem["ms"] <= problem["ms_max"], problem
    assert 0 <= problem["max_error_ratio"] < 7e-3 and 0 <= problem["rms_ratio"] < 3e-3, problem
    is_decode = "--op decode" in problem["problem"]
    assert (problem["tbps"] is not None) == is_decode, problem
    assert problem["limit"] == ("stream" if is_decode else "gemm"), problem
    if on_device and is_decode and "absent" not in report["stream"]:
        assert 0 < problem["ratio"] < 1.2, problem

with open(csv_path, encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
assert len(rows) == len(problems)
for row, problem in zip(rows, problems):
    assert None not in row and None not in row.values(), row
    assert row["problem"] == problem["problem"] and float(row["ms"]) == problem["ms"], row

root = xml.parse(svg_path).getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
circles = root.findall(".//{http://www.w3.org/2000/svg}circle")
assert len(circles) == len(problems), len(circles)
width, height = float(root.get("width")), float(root.get("height"))
for circle in circles:
    assert 0 < float(circle.get("cx")) < width and 0 < float(circle.get("cy")) < height
print("%d problems, three times the same" % len(problems))
