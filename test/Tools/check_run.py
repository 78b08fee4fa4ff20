"""Checks parallax-run's JSON: check_run.py FILE SOURCE."""

import json
import math
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    result = json.load(file)

names = {
    "max_abs_error", "max_error_ratio", "rms_ratio", "ms", "tflops", "schedule", "source",
    "compile_ms", "registers", "device", "reference", "checked_rows", "passed", "outputs",
}
assert set(result) == names, set(result) ^ names
for name in ("max_abs_error", "max_error_ratio", "rms_ratio", "ms", "tflops", "compile_ms"):
    assert math.isfinite(result[name]) and result[name] >= 0, (name, result[name])
assert result["source"] == sys.argv[2], result["source"]
assert result["passed"] is True and result["ms"] > 0, result
assert result["reference"] == "host" and result["checked_rows"] > 0, result
assert set(result["outputs"]) == {"row_max", "log_sum_exp"}, result["outputs"]
