"""Replays what the fuzzer found: each must end without a signal.

    replay.py PARALLAX_OPT FOLDER
"""

import pathlib
import subprocess
import sys

PIPELINES = (
    ["--choose-schedule", "--problem-to-tile", "--tile-peel-mask", "--tile-to-hopper", "--hopper-to-nvvm"],
    ["--tile-overlap-products", "--tile-to-hopper", "--hopper-defer-row-sums", "--hopper-to-nvvm"],
    ["--to-nvvm"],
    ["--choose-schedule", "--problem-to-tile", "--tile-to-vector"],
)


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    cases = sorted(folder.glob("*.mlir"))
    crashes = 0
    for case in cases:
        for passes in PIPELINES:
            run = subprocess.run([tool, *passes, case, "-o", "-"], capture_output=True, text=True, timeout=60)
            if run.returncode not in (0, 1):
                crashes += 1
                print(f"{case.name}: status {run.returncode}\n{run.stderr[:1000]}")
    print(f"{len(cases)} found, {crashes} still crash")
    return crashes != 0


if __name__ == "__main__":
    sys.exit(main())
