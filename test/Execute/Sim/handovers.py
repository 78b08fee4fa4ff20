"""Simulates divided products with each barrier of a message left out.

    handovers.py DIRECTORY

The kernel is right under several orders of events. Without any one of its named
barriers' operations the simulator must report a race or a deadlock, but for the
last arrival, which says that a message is empty that nobody writes any more.
"""

import os
import subprocess
import sys

CASE = "--head-dim 256 --mask causal"
RUN = "--target sim --q-len 70 --k-len 300 --q-heads 1 --kv-heads 1 --repeat 1 --orders 4"


def simulate(text, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    command = ["parallax-run", *CASE.split(), *RUN.split(), "--kernel", path]
    return subprocess.run(command, capture_output=True, text=True)


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    command = ["parallax-compile", *CASE.split(), "--to", "hopper"]
    kernel = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    path = os.path.join(directory, "kernel.mlir")
    whole = simulate(kernel, path)
    assert whole.returncode == 0, whole.stderr
    lines = kernel.splitlines(keepends=True)
    named = [i for i, line in enumerate(lines) if "hopper.named_" in line]
    found = []
    for i in named:
        done = simulate("".join(lines[:i] + lines[i + 1 :]), path)
        report = done.stderr.removeprefix("parallax-run: error: ").split(":")[0]
        found.append(report if done.returncode else "nothing")
    print(f"{len(named)} barriers, nothing found without {found.count('nothing')}")
    for report in sorted(set(found)):
        print(report)
    if found.count("nothing") != 1 or found[-2] != "nothing":
        print(found)


if __name__ == "__main__":
    main()
