"""The demonstration: from two problems to checked results, as tables.

    demo.py --tools FOLDER --data FOLDER --output FOLDER [--target cpu|cuda]

Exits 1 when a compilation fails or a result is out of tolerance.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ

# What each phase's text is.
LEVELS = {
    "problem": "L1: one op is one problem",
    "tile": "L2: the algorithm over whole tiles",
    "hopper": "L3: warpgroups, TMA, mbarriers, wgmma",
    "nvvm": "L4: one thread, as MLIR",
    "vector": "L3 of the CPU: vectors of one program",
    "llvm": "LLVM IR, optimised",
    "ptx": "PTX for sm_90a",
    "cubin": "machine code, by nvPTXCompiler",
    "object": "machine code of this processor",
}

# Name, problem for the compiler, sizes for a run on the CPU and on the card.
PROBLEMS = [
    ("training forward",
     "--op forward --dtype bf16 --head-dim 128 --mask causal --outputs log_sum_exp",
     "--batch 1 --q-len 1024 --k-len 1024 --q-heads 4 --kv-heads 4",
     "--batch 4 --q-len 4096 --k-len 4096 --q-heads 16 --kv-heads 16"),
    ("decode",
     "--op decode --dtype bf16 --head-dim 128 --mask causal --q-heads 32 --kv-heads 8",
     "--batch 4 --q-len 1 --k-len 2048 --used-lengths random",
     "--batch 32 --q-len 1 --k-len 8192 --used-lengths random"),
]


def paint(text, code):
    return "\033[%sm%s\033[0m" % (code, text) if COLOUR else text


def title(text):
    print("\n" + paint(text, "1") + "\n" + paint("─" * len(text), "2"))


def run(command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def size_of(path):
    data = path.read_bytes()
    if path.suffix in (".cubin", ".o"):
        return "%.1f kB" % (len(data) / 1000)
    return "%d lines" % data.count(b"\n")


def compile_problem(options, name, flags, target):
    """Compiles to the last phase the build can do; prints a row a phase."""
    folder = options.output / (name.replace(" ", "-") + "-" + target)
    folder.mkdir(parents=True)
    last = {"sm_90a": "cubin", "cpu": "object"}[target]
    report = folder / "report.json"
    code = folder / ("kernel." + ("o" if target == "cpu" else "cubin"))
    command = [options.tools / "parallax-compile", *flags.split(), "--target", target,
               "--dump", folder, "--report", report]
    done = run(command + ["--to", last, "-o", code])
    if done.returncode and "assembler" in done.stderr:
        print(paint("  " + done.stderr.strip(), "33"))
        done = run(command + ["--to", "ptx", "-o", folder / "kernel.ptx"])
    if done.returncode:
        sys.exit("demo: error: " + done.stderr.strip())
    facts = json.loads(report.read_text())
    texts = {path.stem.split("-")[-1].split(".")[-1]: path for path in folder.iterdir()}
    for phase, ms in facts["stages_ms"].items():
        path = code if phase == last else texts.get(phase)
        shown = size_of(path) if path and path.exists() else ""
        print("  %-8s %8.1f ms  %12s   %s" % (phase, ms, shown, paint(LEVELS[phase], "2")))
    print("  %-8s %8.1f ms" % ("total", sum(facts["stages_ms"].values())))
    for kernel in facts.get("kernels", []):
        if kernel.get("registers"):
            print("  %s: %d registers, %d bytes spilled, %.1f kB of shared memory" % (
                kernel["name"], kernel["registers"], kernel["spill_stores"], kernel["shared_bytes"] / 1000))


def find_target(options):
    """cuda if a kernel runs there, else cpu; says why."""
    done = run([options.tools / "parallax-run", "--target", "cuda", "--q-len", "64", "--k-len", "64",
                "--q-heads", "1", "--kv-heads", "1", "--repeat", "1"])
    if done.returncode == 0:
        return "cuda"
    print("Running on the processor: " + done.stderr.strip().replace("parallax-run: error: ", ""))
    return "cpu"


class Table:
    COLUMNS = "%-26s %-6s %10s %10s   %-9s %-9s %s"

    def __init__(self, options, target):
        self.options, self.target, self.failed, self.count = options, target, 0, 0
        print(paint(self.COLUMNS % ("problem", "dtype", "time", "TFLOP/s", "max err", "rms err", "reference"), "2"))

    def row(self, name, flags):
        done = run([self.options.tools / "parallax-run", *flags, "--target", self.target, "--json",
                    "--cache-dir", self.options.output / "cache"])
        self.count += 1
        if not done.stdout:
            self.failed += 1
            print(paint("%-26s %s" % (name, done.stderr.strip()), "31"))
            return
        result = json.loads(done.stdout)
        dtype = flags[flags.index("--dtype") + 1] if "--dtype" in flags else "bf16"
        number = lambda key: result[key] if result[key] is not None else float("inf")
        line = self.COLUMNS % (name, dtype, "%.3f ms" % result["ms"], "%.2f" % result["tflops"],
                               "%.1e" % number("max_error_ratio"), "%.1e" % number("rms_ratio"),
                               result["reference"])
        passed = result["passed"] and done.returncode == 0
        self.failed += not passed
        print(line + "  " + (paint("✓", "32") if passed else paint("✗ " + done.stderr.strip(), "31")))


def golden_flags(options, case):
    flags = ["--npz", options.data / (case["name"] + ".npz"), "--scale", repr(case["scale"])]
    flags += ["--mask", "causal" if case["causal"] else "none"]
    if case["window"] > 0:
        flags += ["--window", str(case["window"])]
    if case["Q"] <= 16:
        flags += ["--op", "decode"]
    return flags


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("tools", "data", "output"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    parser.add_argument("--target", choices=("cpu", "cuda"))
    options = parser.parse_args()
    shutil.rmtree(options.output, ignore_errors=True)

    for name, flags, _, _ in PROBLEMS:
        title("Compile: %s, for Hopper" % name)
        compile_problem(options, name, flags, "sm_90a")
    title("Compile: %s, for this processor" % PROBLEMS[0][0])
    compile_problem(options, PROBLEMS[0][0], PROBLEMS[0][1], "cpu")

    print()
    target = options.target or find_target(options)
    device = json.loads(run([options.tools / "parallax-run", "--target", target, "--q-len", "64", "--k-len", "64",
                             "--q-heads", "1", "--kv-heads", "1", "--repeat", "1", "--json"]).stdout or "{}")
    title("Run on " + str(device.get("device", target)))
    table = Table(options, target)
    for name, flags, on_cpu, on_cuda in PROBLEMS:
        table.row(name, flags.split() + (on_cuda if target == "cuda" else on_cpu).split())
    with open(options.data / "index.json", encoding="utf-8") as file:
        cases = json.load(file)
    for dtype in ("bf16",) if target == "cuda" else ("f32", "bf16"):
        for case in cases:
            table.row(case["name"], golden_flags(options, case) + ["--dtype", dtype])

    print("\n%d of %d results within tolerance; every level's text is in %s" % (
        table.count - table.failed, table.count, os.path.relpath(options.output)))
    sys.exit(1 if table.failed else 0)


if __name__ == "__main__":
    main()
