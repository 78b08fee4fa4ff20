"""Runs decodes of random shapes through parallax-run.

    sweep.py --target cpu|cuda|sim [--count N] [--seed N] [--jobs N]

Each has random sizes, head dimension, types, scales, layout, mask, window, used
lengths, pages, new tokens and outputs. The tolerance is wide, since some have few values
to judge: what a sweep looks for, a key too many or too few, a NaN, a byte out of
place, is far beyond it. A line for each that failed says how to run it again.
"""

import argparse
import concurrent.futures
import random
import subprocess
import sys

TOLERANCE = ["--max-error-ratio", "0.03", "--rms-ratio", "0.02"]
PAGE_SIZES = [0, 0] + [1 << n for n in range(9)]
HEAD_DIMS = (8, 24, 40, 64, 72, 96, 128, 136, 200, 256)


# Persistent CTAs, to which the keys of all sequences are dealt.
DEALT = ("partition=0 queries_in_registers=0 persistent=1 cluster=0 overlap=0 ctas_per_sm=1 stages=2 rescale_lag=0 producer_registers=56 "
         "consumer_registers=240")


def canBeDealt(options):
    """Whether the schedule above is for a decode."""
    value = dict(zip(options[::2], options[1::2]))
    small = int(value.get("--page-size", 16)) <= 8
    return int(value["--head-dim"]) <= 128 and not small and not {"--cache-dtype", "--new-len"} & set(value)


def shape(seed, target):
    """The options of one decode."""
    pick = random.Random(seed)
    page_size = pick.choice(PAGE_SIZES)
    length = pick.randint(1, 260 if target == "sim" else 700)
    if page_size:
        length = max(1, length // page_size) * page_size
    batch, kv_heads, queries = pick.randint(1, 3), pick.choice((1, 2)), pick.choice((1, 1, 1, 2, 3, 8, 16))
    options = [
        "--op", "decode", "--batch", batch, "--k-len", length, "--q-len", queries,
        "--q-heads", kv_heads * pick.choice((1, 2, 3, 4, 5, 7, 8)), "--kv-heads", kv_heads,
        "--head-dim", pick.choice(HEAD_DIMS), "--dtype", pick.choice(("bf16", "f16")),
        "--layout", pick.choice(("blhd", "bhld", "sliced")), "--seed", seed,
    ]
    if page_size:
        options += ["--page-size", page_size]
    if pick.random() < 0.8:
        options += ["--mask", "causal"]
        if pick.random() < 0.3:
            options += ["--window", pick.choice((1, 5, 63, 64, 65, 200))]
    if pick.random() < 0.75:
        options += ["--used-lengths", ",".join(str(pick.randint(1, length)) for _ in range(batch))]
    if pick.random() < 0.4:
        options += ["--new-len", min(length, pick.choice((1, 1, 2, queries, 17)))]
    outputs = [name for name in ("row_max", "d1", "log_sum_exp") if pick.random() < 0.2]
    if outputs:
        options += ["--outputs", ",".join(outputs)]
    if pick.random() < 0.1:
        options += ["--scale", pick.choice(("-0.3", "0", "2"))]
    # Rows of e4m3 begin at multiples of 16 bytes, too: of sliced ones all do.
    is_aligned = int(options[options.index("--head-dim") + 1]) % 16 == 0 or "sliced" in options
    if is_aligned and pick.random() < 0.4:
        options += ["--cache-dtype", "e4m3"]
        for scale in ("--k-scale", "--v-scale"):
            options += [scale, pick.choice(("head", "tensor"))] if pick.random() < 0.7 else []
    options = [str(option) for option in options]
    if target != "cpu" and pick.random() < 0.3 and canBeDealt(options):
        # Warps that have keys of their own, which those have not, may have 4 rows.
        heads = int(options[options.index("--q-heads") + 1]) // kv_heads
        options += ["--schedule", DEALT + (" rows=8" if queries * heads <= 4 and heads != 3 else "")]
    if target == "sim":
        options += ["--orders", "2"]
    return options


def run(seed, target):
    command = ["parallax-run", *shape(seed, target), "--target", target, "--repeat", "1", *TOLERANCE]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else "FAIL %s\n     %s" % (" ".join(command), done.stderr.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.count)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        failures = [f for f in pool.map(lambda seed: run(seed, options.target), seeds) if f]
    print("\n".join(failures + ["%d of %d passed" % (options.count - len(failures), options.count)]))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
