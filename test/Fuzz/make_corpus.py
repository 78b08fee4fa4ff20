"""Writes the fuzzers' seeds: every module of the lit tests, a file each.

    make_corpus.py TESTS FOLDER
"""

import hashlib
import pathlib
import re
import sys


def modules(text):
    """The parts that --split-input-file splits, without comments."""
    for part in re.split(r"^// -----.*$", text, flags=re.M):
        lines = [line for line in part.splitlines() if not line.strip().startswith("//")]
        if any(line.strip() for line in lines):
            yield "\n".join(lines).strip() + "\n"


def main():
    tests, folder = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {module for path in sorted(tests.rglob("*.mlir")) for module in modules(path.read_text())}
    for seed in seeds:
        (folder / hashlib.sha1(seed.encode()).hexdigest()[:16]).write_text(seed)
    print(f"{len(seeds)} seeds")


if __name__ == "__main__":
    main()
