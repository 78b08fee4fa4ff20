"""Runs many problems through parallax-run and shows how far each is off.

    cases.py golden DATA --target cpu|cuda|sim --dtype TYPE [--layout LAYOUT] [--seed S]
    cases.py random|caches|dealt|divided|e4m3|schedules --target cpu|cuda|sim --dtype TYPE [--orders N] [--schedule TEXT]
                                          [--sample]

golden: the 13 cases of DATA, whose outputs were computed in float64 elsewhere.
random: what those leave out: all head dimensions, ratios of heads, layouts,
row outputs, used lengths with NaN behind them, windows on tile edges, pages.
caches: of these the caches in pages, and those that are appended to.
dealt: decodes by persistent CTAs, which take equal pieces of the keys of all
sequences; in the simulator by 1 to 40 of them.
divided: head dimensions whose products two consumers of a CTA divide.
e4m3: the decodes of all these against caches of e4m3, with scales and without.
schedules: every head dimension with every mask, forward and decode, so every
kernel that the heuristic picks; and schedules that it does not pick.
parallax-run judges each by its default tolerance for the type. --sample runs
one case of three.
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import sys

DECODE = "--op decode --mask causal "
CAUSAL = "--mask causal "
ROWS = " --outputs row_max,d1,tbar,log_sum_exp"
SMALL = "--q-len 70 --k-len 70 --q-heads 2 --kv-heads 1 "

RANDOM = (
    # Every head dimension that the smallest tile pads differently.
    [SMALL + CAUSAL + "--head-dim %d" % d for d in (8, 16, 24, 32, 40, 56, 72, 80, 104, 120, 136, 160, 192, 200, 248, 256)]
    # Lengths around tile edges, not square, more queries than keys.
    + [CAUSAL + "--q-heads 3 --kv-heads 3 --q-len %d --k-len %d" % l + ROWS
       for l in ((1, 1), (63, 64), (64, 65), (127, 129), (128, 128), (129, 257), (5, 300), (65, 40))]
    + ["--q-len 33 --k-len 190 --q-heads 6 --kv-heads 2 --head-dim 64" + ROWS]
    # Windows on and beside tile edges, and wider than everything.
    + [CAUSAL + "--q-len 200 --k-len 260 --q-heads 1 --kv-heads 1 --head-dim 64 --window %d" % w + ROWS
       for w in (1, 2, 63, 64, 65, 128, 129, 1000)]
    # Layouts, heads, batches.
    + [SMALL + CAUSAL + "--batch 3 --layout " + layout for layout in ("blhd", "bhld", "sliced")]
    + [CAUSAL + "--batch 2 --q-len 40 --k-len 90 --head-dim 64 --q-heads %d --kv-heads %d" % h
       for h in ((7, 1), (12, 4), (15, 5), (16, 16))]
    # Scales of any sign, zero among them.
    + [SMALL + CAUSAL + "--head-dim 64 --scale %s" % s + ROWS for s in ("-0.125", "0", "1.5")]
    # Decode: 1 to 16 tokens, used lengths that end anywhere, windows.
    + [DECODE + "--batch 2 --q-len %d --k-len 300 --q-heads 8 --kv-heads 2" % n + ROWS for n in (1, 2, 7, 16)]
    + [DECODE + "--batch 5 --q-len %d --k-len 200 --q-heads 4 --kv-heads 2 --used-lengths 1,64,65,199,200" % n + ROWS
       for n in (1, 4)]
    + [DECODE + "--batch 4 --k-len 500 --q-heads 5 --kv-heads 1 --head-dim %d --used-lengths random --window 70" % d
       for d in (64, 128, 256)]
    + ["--op decode --batch 2 --q-len 3 --k-len 77 --q-heads 2 --kv-heads 2 --layout sliced --used-lengths 5,77" + ROWS]
)

# Few sequences, whose scores run ahead: CTAs of a cluster with two tiles of keys, one, or none.
FEW = [DECODE + "--batch 1 --q-len 4 --k-len %d --q-heads 16 --kv-heads 4" % n for n in (40, 120, 500, 1100)]

# Pages that a block table deals out, NaN in the pool and garbage in the table
# wherever no used length reaches.
PAGED = (
    [DECODE + "--batch 4 --q-len %d --k-len 256 --q-heads 4 --kv-heads 2 --head-dim 64 --page-size %d "
     "--used-lengths 1,256,77,64" % (1 + n % 3, 1 << n) + ROWS for n in range(9)]
    + [DECODE + "--batch 3 --k-len 320 --q-heads 8 --kv-heads 1 --page-size 16 --used-lengths random --window 70"]
    + [DECODE + "--batch 2 --q-len 5 --k-len 128 --q-heads 6 --kv-heads 2 --head-dim 96 --page-size 64 --layout %s" % l
       for l in ("bhld", "sliced")]
    + ["--op decode --batch 2 --k-len 192 --q-heads 4 --kv-heads 4 --page-size 32 --used-lengths 5,190"]
    # Full rows of the table, which end in a tile.
    + [DECODE + "--batch 3 --k-len %d --q-heads 2 --kv-heads 1 --head-dim 256 --page-size %d --layout sliced" % n
       for n in ((77, 1), (208, 16))]
)

# New tokens that are written into the cache, which is compared as well.
APPENDS = (
    [DECODE + "--batch 3 --q-len %d --new-len %d --k-len 96 --q-heads 6 --kv-heads 2 --head-dim 64 "
     "--used-lengths 96,17,40" % n for n in ((1, 1), (4, 4), (2, 16), (1, 40))]
    + [DECODE + "--batch 4 --q-len 2 --new-len 2 --k-len 128 --q-heads 4 --kv-heads 2 --used-lengths random "
       "--page-size %d --layout %s" % n for n in ((1, "blhd"), (16, "bhld"), (64, "sliced"))]
)

# States beside o and instead of it, and their merge.
STATES = (
    [DECODE + "--batch 3 --q-len 2 --k-len 200 --q-heads 6 --kv-heads 2 --used-lengths random --outputs state",
     DECODE + "--k-len 500 --q-heads 8 --kv-heads 1 --head-dim 64 --window 100 --outputs state,no_o,tbar",
     CAUSAL + "--q-len 70 --k-len 40 --q-heads 2 --outputs state,row_max,d1"]
    + ["--op merge --parts %d --batch 3 --q-len %d --q-heads 5 --head-dim %d --outputs log_sum_exp,state" % n
       for n in ((1, 1, 128), (2, 3, 64), (7, 40, 8), (33, 1, 256))]
)


DIVIDED = (
    [CAUSAL + "--q-heads 2 --kv-heads 1 --q-len 70 --k-len %d --head-dim %d" % l + ROWS
     for l in ((70, 136), (300, 192), (300, 200), (5, 256), (400, 256))]
    + ["--q-len 65 --k-len 257 --q-heads 1 --kv-heads 1 --head-dim %d" % d + ROWS for d in (160, 248)]
    + [CAUSAL + "--window 70 --q-len 130 --k-len 300 --q-heads 1 --kv-heads 1 --head-dim %d" % d for d in (192, 256)]
    + [CAUSAL + "--q-len 70 --k-len 200 --q-heads 1 --kv-heads 1 --head-dim 256 --scale %s" % s for s in ("-0.125", "1.5")]
    + [DECODE + "--batch 5 --q-len 4 --k-len 200 --q-heads 4 --kv-heads 2 --head-dim %d --used-lengths 1,64,65,199,200" % d
       for d in (136, 256)]
    + [DECODE + "--batch 3 --k-len 500 --q-heads 5 --kv-heads 1 --head-dim %d --used-lengths random --window 70" % d
       for d in (192, 256)]
)

SCALES = ("", " --k-scale head --v-scale head", " --k-scale tensor --v-scale head", " --v-scale tensor", " --k-scale head")
# A row of e4m3 begins at a multiple of 16 bytes, too.
E4M3 = [line.replace("--head-dim 136", "--head-dim 144") + " --cache-dtype e4m3" + SCALES[n % len(SCALES)]
        for n, line in enumerate(line for line in RANDOM + PAGED + APPENDS + STATES + DIVIDED if "--op decode" in line)]
# Rows that end in the middle of 16 bytes, new ones and in pages among them.
E4M3 += [DECODE + "--batch 3 --q-len 2 --k-len 96 --q-heads 4 --kv-heads 2 --used-lengths 96,17,40 --layout sliced "
         "--cache-dtype e4m3 --k-scale head --head-dim %d%s" % d
         for d in ((72, ""), (72, " --new-len 3"), (8, " --new-len 2"), (40, " --new-len 20 --page-size 16"),
                   (104, " --new-len 2 --page-size 4"), (200, " --new-len 2"))]

# Keys of all sequences dealt to CTAs: of one head and of several, of more sequences than a warp has lanes, of pages, of
# windows, of several tiles of queries a sequence, and all outputs. Shared keys are joined by a warpgroup beside the
# consumers, or by these.
JOINERS = " converter_registers=208"
DEAL = (" --schedule 'partition=0 queries_in_registers=0 persistent=1 cluster=0 overlap=0 ctas_per_sm=1 stages=3 "
        "producer_registers=56 consumer_registers=%d%s'")
# Warps that have keys of their own, which those have not, may have 4 rows.
EIGHT = " rows=8"
DEALT = [
    line + DEAL % (240, joins + more) + (" --ctas %d" % ctas if ctas else "") for line, more, ctas in (
        (DECODE + "--batch 7 --k-len 300 --q-heads 8 --kv-heads 2 --used-lengths 1,64,65,300,1,190,2" + ROWS, " rescale_lag=0", 0),
        (DECODE + "--batch 7 --k-len 300 --q-heads 8 --kv-heads 2 --used-lengths 1,1,1,1,1,1,1", "", 6),
        ("--op decode --batch 2 --k-len 1500 --q-heads 4 --kv-heads 4 --used-lengths 1500,100", "", 1),
        ("--op decode --batch 2 --k-len 1500 --q-heads 4 --kv-heads 4 --used-lengths 1500,100", "", 12),
        ("--op decode --batch 2 --k-len 1500 --q-heads 4 --kv-heads 4 --used-lengths 1500,100", " split_tiles=4", 40),
        (DECODE + "--batch 70 --k-len 200 --q-heads 2 --kv-heads 1 --head-dim 64 --used-lengths random", "", 0),
        (DECODE + "--batch 70 --k-len 200 --q-heads 2 --kv-heads 1 --head-dim 64 --used-lengths random", "", 33),
        ("--op decode --batch 5 --k-len 400 --q-heads 4 --kv-heads 2 --head-dim 96", EIGHT, 6),
        ("--op decode --batch 5 --k-len 400 --q-heads 4 --kv-heads 2 --head-dim 96 --scale -0.1", EIGHT, 7),
        (DECODE + "--batch 3 --q-len 5 --k-len 320 --q-heads 8 --kv-heads 2 --used-lengths random --outputs state", "", 5),
        (DECODE + "--batch 3 --q-len 5 --k-len 320 --q-heads 8 --kv-heads 2 --used-lengths random --window 70", "", 5),
        (DECODE + "--batch 4 --k-len 500 --q-heads 5 --kv-heads 1 --head-dim 72 --used-lengths random", " stages=1", 3),
        (DECODE + "--batch 3 --q-len 16 --k-len 400 --q-heads 8 --kv-heads 1 --used-lengths 390,7,64", " stages=2", 5),
        (DECODE + "--batch 3 --q-len 16 --k-len 400 --q-heads 8 --kv-heads 1", " stages=2", 0),
        (DECODE + "--batch 6 --k-len 256 --q-heads 4 --kv-heads 2 --head-dim 64 --page-size 16 --used-lengths 1,256,77,64,2,9", "", 0),
        (DECODE + "--batch 6 --k-len 256 --q-heads 4 --kv-heads 2 --page-size 64 --used-lengths 1,256,77,64,2,9", "", 7),
        (DECODE + "--batch 3 --q-len 2 --k-len 512 --q-heads 8 --kv-heads 1 --page-size 256 --used-lengths random --window 100", "", 3),
        (DECODE + "--batch 9 --k-len 200 --q-heads 4 --kv-heads 2 --used-lengths random --layout bhld", " ctas_per_sm=2 stages=2 "
         "consumer_registers=200", 9),
        (DECODE + "--batch 9 --k-len 200 --q-heads 4 --kv-heads 2 --used-lengths random --layout sliced", " keys=128 stages=2", 4),
        (DECODE + "--batch 9 --k-len 200 --q-heads 4 --kv-heads 2 --used-lengths random", " keys=32", 4),
    ) for joins in ((JOINERS, "") if "ctas_per_sm" not in more else ("",))]

WINDOWED = "--mask causal --window 70 "
DIVIDED_IN_TURN = "persistent=1 producer_registers=32 consumer_registers=232"
KEPT = "queries_in_registers=1"
OWN_KEYS = "partition=2 queries_in_registers=1 overlap=0 cluster=0"
CONVERTERS = ("partition=0 stages=2 converted_stages=2 producer_registers=24 converter_registers=56 "
              "consumer_registers=160 ")
SCHEDULES = (
    [mask + "--q-len 70 --k-len 330 --q-heads 2 --kv-heads 1 --head-dim %d" % d
     for d in range(8, 257, 8) for mask in ("--mask none ", CAUSAL, WINDOWED)]
    + [DECODE + window + "--batch 2 --q-len 3 --k-len 330 --q-heads 4 --kv-heads 2 --used-lengths 129,300 --head-dim %d" % d
       for d in range(8, 257, 8) for window in ("", "--window 70 ")]
    + [CAUSAL + "--q-len 200 --k-len 500 --q-heads 1 --kv-heads 1 --head-dim %d --schedule '%s'" % s
       for s in ((64, "keys=64 stages=2"), (64, "keys=64 stages=4 overlap=1"), (64, "keys=64 stages=3 overlap=2"),
                 (64, "ping_pong=1 keys=64"), (64, "ping_pong=1 overlap=2 keys=64"), (128, "overlap=0 ping_pong=0"),
                 (128, "overlap=0 ping_pong=1"), (128, "overlap=1 ping_pong=0"), (128, "rescale_lag=0"),
                 (128, "consumers=1 rows=64 ping_pong=0"), (256, "overlap=0"), (64, "persistent=0"), (128, "persistent=0"))]
    # Tiles that CTAs take in turn: of several batch entries, with two buffers of q and r and with one, and with two CTAs an SM.
    + [mask + "--batch 3 --q-len 150 --k-len 190 --q-heads 4 --kv-heads 2 --head-dim %d --schedule '%s'" % s
       for mask in ("--mask none ", CAUSAL, WINDOWED)
       for s in ((64, ""), (128, ""), (128, "stages=3"), (128, "stages=4"), (192, DIVIDED_IN_TURN), (256, DIVIDED_IN_TURN),
                 (64, "rows=64 consumers=1 keys=64 stages=2 ctas_per_sm=2 consumer_registers=232"))]
    # q and r in registers: of 8 to 32 rows, of heads that fill a k-step or a block or don't.
    + [DECODE + "--batch 2 --q-len %d --k-len 330 --q-heads %d --kv-heads 2 --used-lengths 129,300 --head-dim %d --schedule '%s'" % s
       for s in ((1, 2, 8, KEPT), (3, 2, 64, KEPT), (4, 8, 72, KEPT), (5, 8, 96, KEPT + " overlap=3"), (8, 8, 128, KEPT),
                 (1, 16, 128, KEPT + " overlap=3"), (2, 4, 192, KEPT + " rows=8 packed_heads=2 partition=0 consumers=1 overlap=0 stages=1"))]
    + [DECODE + "--batch 2 --q-len 3 --k-len 330 --q-heads 4 --kv-heads 2 --used-lengths 129,300 --cache-dtype e4m3 --head-dim %d "
       "--schedule '%s'" % s for s in ((64, CONVERTERS + KEPT), (128, CONVERTERS + KEPT + " keys=32"),
                                       (80, CONVERTERS + "queries_in_registers=0"))]
    # More keys than an L2 cache holds: of 4 rows and of 8, as proposed.
    + ["--op decode --k-len 8300 --kv-heads 1 --q-heads %d --head-dim 64" % heads for heads in (2, 8)]
    # Warps that have keys of their own, of which some may see none.
    + [DECODE + window + "--batch 3 --q-len 3 --k-len 330 --q-heads 4 --kv-heads 2 --used-lengths 20,129,300 --cache-dtype e4m3 "
       "--head-dim %d --schedule '%s'" % (d, keys)
       for d in range(16, 129, 16) for window in ("", "--window 70 ")
       for keys in ("keys=64 stages=3", "keys=128 stages=2 ctas_per_sm=1 consumer_registers=240")]
    + [DECODE + window + "--batch 3 --q-len 3 --k-len 330 --q-heads 4 --kv-heads 2 --used-lengths 20,129,300 "
       "--head-dim %d --schedule '%s %s'" % (d, OWN_KEYS, keys)
       for d in (8, 40, 64, 72, 96, 128) for window in ("", "--window 70 ")
       for keys in ("keys=64 stages=2", "keys=128 stages=2 ctas_per_sm=1 consumer_registers=240")]
)


def golden(data):
    with open(os.path.join(data, "index.json"), encoding="utf-8") as file:
        cases = json.load(file)
    assert len(cases) == 13, len(cases)
    for case in cases:
        arguments = ["--npz", os.path.join(data, case["name"] + ".npz"), "--scale", repr(case["scale"])]
        arguments += ["--mask", "causal" if case["causal"] else "none"]
        if case["window"] > 0:
            arguments += ["--window", str(case["window"])]
        yield case["name"], arguments
        if case["Q"] <= 16:
            yield case["name"] + " as decode", arguments + ["--op", "decode"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("golden", "random", "caches", "dealt", "divided", "e4m3", "schedules"))
    parser.add_argument("data", nargs="?")
    parser.add_argument("--target", required=True)
    parser.add_argument("--dtype", required=True)
    parser.add_argument("--layout")
    parser.add_argument("--orders")
    parser.add_argument("--seed")
    parser.add_argument("--schedule")
    parser.add_argument("--sample", action="store_true")
    options = parser.parse_args()
    lines = RANDOM + PAGED + APPENDS + STATES + FEW
    if options.set == "caches":
        lines = PAGED + APPENDS
    if options.set == "dealt":
        lines = DEALT if options.target == "sim" else [line.split(" --ctas")[0] for line in DEALT]
    if options.set == "divided":
        lines = DIVIDED
    if options.set == "e4m3":
        lines = E4M3
    if options.set == "schedules":
        lines = SCHEDULES
    cases = list(golden(options.data) if options.set == "golden" else ((line, shlex.split(line)) for line in lines))
    if options.sample:
        cases = random.Random(1).sample(cases, (len(cases) + 2) // 3)

    failed = 0
    for name, arguments in cases:
        command = ["parallax-run", *arguments, "--target", options.target, "--dtype", options.dtype]
        command += ["--repeat", "1", "--json"]
        for option in ("layout", "orders", "seed", "schedule"):
            if getattr(options, option):
                command += ["--" + option, getattr(options, option)]
        done = subprocess.run(command, capture_output=True, text=True)
        result = json.loads(done.stdout) if done.stdout else None
        if result:
            errors = "%.1e %.1e" % tuple(x if x is not None else float("inf")
                                         for x in (result["max_error_ratio"], result["rms_ratio"]))
        else:
            errors = "nothing"
        print("%-4s %s  %s" % ("ok" if done.returncode == 0 else "FAIL", errors, name))
        if done.returncode:
            failed += 1
            print("     %s\n     %s" % (" ".join(command), done.stderr.strip()))
    print("%d of %d passed" % (len(cases) - failed, len(cases)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
