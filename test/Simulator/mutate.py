"""Breaks kernels on purpose: does the simulator notice?

    mutate.py [--sample] [--kernel NAME] [--orders N] [--seeds S,...] [--jobs N] [--list]

From a kernel of each family, mutants are made by dropping, duplicating, moving
and re-targeting every op that synchronises or moves data, and by changing its
stage, phase, rows, bytes, count or group. Each is run on a small problem. It is

    detected    the simulator reports something, or the numbers are wrong
    invalid     it is no program: the verifier refuses it
    equivalent  it does the same, for the reason that EQUIVALENT gives
    MISSED      none of these: the exit status is 1

--sample takes a few mutants of each kind and op, from all over the kernels.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

from mutants import Mutant, indent_of, mutants, place_of, spread

ROWS = "--batch 1 --q-len 130 --k-len 540 --q-heads 1 --kv-heads 1"
DIVIDED = "--batch 1 --q-len 70 --k-len 500 --q-heads 1 --kv-heads 1"
PARTS = "--batch 2 --splits 2 "
DECODE = "--op decode --mask causal "
FEW = "--q-len 3 --q-heads 4 --kv-heads 2 "
CONVERTERS = ("keys=64 partition=0 producer_registers=24 converter_registers=64 consumer_registers=152 "
              "queries_in_registers=0 ")
MANY = "--q-len 16 --q-heads 8 --kv-heads 2 "

# Mutants of a kind and an op in a sample.
SAMPLE = 3

# Name -> what the compiler and the simulator get, what only the simulator gets (sizes: more tiles than twice the
# stages, ragged ends), and fields of the schedule that the heuristic does not pick.
KERNELS = {
    # Overlap 2 and ping-pong.
    "rows": ("--mask causal --head-dim 128", ROWS, "persistent=0"),
    "rows plain": ("--mask causal --head-dim 64", ROWS, "keys=64 persistent=0"),
    "rows overlap 1": ("--mask causal --head-dim 64", ROWS, "overlap=1 keys=64 persistent=0"),
    # Up to three tiles of queries a CTA, of two tiles of keys: longer ones would be ordered by the rings alone.
    "rows in turn": ("--mask causal --head-dim 128", "--batch 4 --q-len 130 --k-len 100 --q-heads 1 --kv-heads 1", ""),
    # Partition 1: overlap 3 and, of f16, 1.
    "products": ("--mask causal --head-dim 192", DIVIDED, ""),
    "products 256": ("--mask causal --head-dim 256", DIVIDED, "keys=64"),
    "products f16": ("--mask causal --head-dim 192 --dtype f16", DIVIDED, ""),
    "products in turn": ("--mask causal --head-dim 192", "--batch 3 --q-len 70 --k-len 300 --q-heads 1 --kv-heads 1",
                         "persistent=1 producer_registers=32 consumer_registers=232"),
    # One consumer; few rows are stacked. Two CTAs share the keys of the long sequence, one has those of the short.
    "decode": (DECODE + FEW + "--head-dim 64 --outputs tbar", PARTS + "--k-len 900 --used-lengths 50,890", "stages=2"),
    # Weights ahead, of one consumer.
    "decode overlap": (DECODE + FEW + "--head-dim 64", PARTS + "--k-len 900", "stages=2"),
    # As a cluster, whose CTAs send each other states; without the other ways, which aren't taken.
    "decode cluster": (DECODE + FEW + "--head-dim 64 --outputs tbar", PARTS + "--k-len 900 --used-lengths 50,890",
                       "stages=2 cluster=8 overlap=0"),
    # Whose scores run ahead: of the short sequence one CTA has a tile of keys, the other none.
    "decode cluster overlap": (DECODE + FEW + "--head-dim 64", PARTS + "--k-len 900 --used-lengths 50,890",
                               "stages=2 cluster=8 overlap=3 partition=0 queries_in_registers=0"),
    # Whose warps have keys of their own, too.
    "decode cluster keys": (DECODE + FEW + "--head-dim 64 --outputs tbar", PARTS + "--k-len 900 --used-lengths 50,890",
                            "stages=3 cluster=8 partition=2 queries_in_registers=1 overlap=0"),
    # Of four rows, O1 and O2 of which cross through rings of one stage; two CTAs an SM, so that the next launch may start.
    "decode cluster few": (DECODE + "--q-len 2 --q-heads 4 --kv-heads 2 --head-dim 64 --outputs tbar",
                           PARTS + "--k-len 900 --used-lengths 50,890",
                           "rows=4 stages=1 cluster=8 partition=2 queries_in_registers=1 overlap=0 ctas_per_sm=2"),
    # q and r are kept in registers.
    "decode registers": (DECODE + FEW + "--head-dim 64 --outputs tbar", PARTS + "--k-len 900 --used-lengths 50,890",
                         "stages=2 queries_in_registers=1"),
    # Three gangs of CTAs, to which the keys of five sequences are dealt; one ends a sequence and begins another that it
    # shares.
    "decode dealt": (DECODE + FEW + "--head-dim 64 --outputs tbar",
                     "--batch 5 --k-len 300 --used-lengths 50,250,250,40,1 --ctas 6",
                     "stages=2 persistent=1 cluster=0 overlap=0 producer_registers=40 consumer_registers=216"),
    # A warpgroup beside the consumer joins what is shared.
    "decode joined": (DECODE + FEW + "--head-dim 64 --outputs tbar",
                      "--batch 5 --k-len 300 --used-lengths 50,250,250,40,1 --ctas 6",
                      "stages=2 persistent=1 cluster=0 overlap=0 ctas_per_sm=1 producer_registers=40 consumer_registers=240 "
                      "converter_registers=208"),
    "decode rows": (DECODE + MANY + "--head-dim 128", PARTS + "--k-len 700 --used-lengths 50,690", "stages=2"),
    "decode products": (DECODE + MANY + "--head-dim 192", PARTS + "--k-len 700 --used-lengths 50,690", "stages=2"),
    # No overlap.
    "decode products f16": (DECODE + MANY + "--head-dim 256 --dtype f16", PARTS + "--k-len 700 --used-lengths 50,690", ""),
    # Tiles of several pages, and pages of several tiles.
    "pages": (DECODE + FEW + "--head-dim 64 --page-size 16", PARTS + "--k-len 912 --used-lengths 50,890", "stages=2"),
    "pages append": (DECODE + FEW + "--head-dim 64 --page-size 128 --new-len 3",
                     PARTS + "--k-len 896 --used-lengths 50,890", "stages=2"),
    # Threads copy small pages, row by row.
    "gather": (DECODE + FEW + "--head-dim 64 --page-size 2", PARTS + "--k-len 900 --used-lengths 50,890", "stages=2"),
    "gather products": (DECODE + MANY + "--head-dim 192 --page-size 1 --new-len 3",
                        PARTS + "--k-len 700 --used-lengths 50,690", "stages=2"),
    "append": (DECODE + FEW + "--head-dim 64 --new-len 3", PARTS + "--k-len 900 --used-lengths 50,890", "stages=2"),
    # Converters between the producer and the consumer, behind rings of one stage and of two.
    "e4m3": (DECODE + FEW + "--head-dim 64 --cache-dtype e4m3 --k-scale head --v-scale head",
             PARTS + "--k-len 900 --used-lengths 50,890", CONVERTERS + "stages=2 converted_stages=2"),
    # The three warps beside the producer.
    "e4m3 three": (DECODE + FEW + "--head-dim 64 --cache-dtype e4m3", PARTS + "--k-len 900 --used-lengths 50,890",
                   CONVERTERS + "stages=2 converted_stages=2 producer_registers=56 converter_registers=0"),
    "e4m3 one": (DECODE + FEW + "--head-dim 64 --cache-dtype e4m3 --v-scale head", PARTS + "--k-len 900 --used-lengths 50,890",
                 CONVERTERS + "stages=3 converted_stages=1"),
    # No converters: each warp has keys of its own, of the last tile of the short sequence some have none.
    "e4m3 keys": (DECODE + FEW + "--head-dim 64 --cache-dtype e4m3 --k-scale head --v-scale head",
                  PARTS + "--k-len 900 --used-lengths 50,890", "stages=2"),
    "e4m3 products": (DECODE + MANY + "--head-dim 192 --cache-dtype e4m3", PARTS + "--k-len 700 --used-lengths 30,690", "stages=2"),
    "merge": ("--op merge --head-dim 64 --parts 11 --q-heads 5 --q-len 3", "--batch 2", ""),
}

# Regular expressions for kind, op, and "kernel: what, place" -> why such a mutant does the same. Only asked about
# mutants that nothing detects. A place is "loop" or "straight", outside of loops, and the step that comes next.
ANY = ".*"
OVERLAPPING = "(rows( overlap 1| in turn)?|decode (cluster )?overlap)"
DIVIDING = "(decode |e4m3 |gather )?products.*"
AHEAD = "((decode |e4m3 |gather )?products.*|decode cluster overlap)"
LATER = "what is moved happens later than it could, never too early"
EARLIER = "it waits earlier or longer than it must, never for less"
LAST = "the last release of a ring, which nobody waits for"
FIRST = "the first use of a ring waits for nothing"
OVERLAPPED = "with overlap this value tile is released before the key tile whose release was just waited for"
LANDED = "the bytes of the phase before were waited for before the release that was just waited for"
BEHIND = ("the last release of a ring, or the other consumer releases it behind the message that says that this one's "
          "scores have landed")
TOLD = "the other consumer waited for this tile before it sent the message that comes first"
FULL = "only the last tile has rows behind the length, and no value tile in the loop is the last"
UNREAD = "nobody has read where the first message is put"
EMPTIED = "nobody fills the place of the last message again"
TURNS = "turns share the multipliers' time; no data depends on them"
BOTH = "both are waited for before anything else"
BYTES = "bytes may land first: the phase still lacks the arrival of expect"
ELSEWHERE = "they use different memory"
GIVEN = "the inputs of a tile go back behind all else of the tile, and are waited for before anything of a later one"
LANES = "it waits for all lanes of a warp, which are one here, to have read the tile's scalars"
ONCE = "a stage of values is filled again behind one of keys that is released later"
EQUIVALENT = [
    ("duplicate", "wait", ANY, "a phase that is complete stays so, and the second wait returns at once"),
    ("duplicate", "commit", ANY, "an empty group: the waits that count groups wait for more, never for less"),
    ("duplicate", "fence_async|warpgroup_barrier", ANY, "nothing comes between the two"),
    ("duplicate", "store_fragment|zero_rows|put|append|store_rows|convert", ANY, "the same bytes are written again"),
    ("row", "tma_load", "(decode|decode cluster.*|pages.*|append|e4m3.*): 8 further, straight.*",
     "q and r of a CTA without keys, which multiplies nothing"),
    ("count", "await_rows", r"decode cluster.*: of \+1, .*", "a third of 6 rows from 3 CTAs are as many bytes as half from 2"),
    ("duplicate", "await_grids", ANY, "earlier launches are complete already"),
    ("move down", "expect", ".*: over await_grids, .*", "the copies come behind both"),
    ("move up", "await_grids", ANY, EARLIER),
    ("move down", "await_grids", ".*: over (expect|wait|cluster_wait|store_fragment), .*", "that touches no device memory"),
    ("duplicate", "cluster_wait", ANY, "all CTAs of the cluster run already"),
    ("drop|move up", "commit", ANY, "the multiplication joins the next group, and the next wait is for all groups"),
    ("move down", "commit", ANY, "a group takes in more, and its wait is for more, never for less"),
    ("pending", "wait_group", ".*: (0 for 1|1 for 2), .*", EARLIER),
    ("move up", "wait_group|wait|named_sync", ANY, EARLIER),
    ("move down", "wait", ".*: over wait, straight.*", BOTH),
    ("move down", "wait", "e4m3.*: over wait, loop, .*", BOTH),
    ("move up", "arrive", "e4m3.*: over arrive, .*", "both come behind the conversion, and neither waits"),
    ("stage", "arrive", "e4m3 one: .*", "a ring of one stage has no other"),
    ("stage", "expect|tma_load|arrive", "decode cluster few: .*", "a ring of one stage has no other"),
    ("move up", "convert", "e4m3.*: over wait, straight.*", FIRST),
    ("move down", "convert", "e4m3.*: over arrive, straight.*", LAST),
    ("row", "convert", DIVIDING + ": .*, loop.*", FULL),
    ("move down", "wait", ".*: over named_sync, .*", "still before the multiplication that needs it"),
    ("move up", "tma_load", ".*: over expect, .*", BYTES),
    ("move down", "expect", ".*: over tma_load, .*", BYTES),
    ("move up|move down", "tma_load", ".*: over tma_load, .*", "copies of one phase have no order"),
    ("move down", "tma_load", ".*: over (wait|expect), .*", LATER),
    ("move up", "expect", ".*: over tma_load, .*", "the load is of another barrier"),
    ("drop", "store_rows", "decode overlap: .*", "output of a CTA that has all keys of its sequence, as none has here"),
    ("move down", "gather", ".*: over wait, .*", LATER),
    ("move down", "arrive|named_arrive", ANY, LATER),
    ("move up|move down", "tma_store|store_rows|append|put|get",
     ".*: over (tma_store|store_rows|append|put|get|commit|wait_group|arrive), .*", ELSEWHERE),
    ("count", "append", r".*: \+1, .*", "no row at or past the limit is read or written"),
    ("stage", "wait", ANY, "the producer waits for the release of a later use, before which this one was released"),
    ("re-target", "wait", ANY, "the producer waits for the ring that is released after its own"),
    ("drop|duplicate|move up|re-target|stage", "arrive", ".*, straight.*", LAST),
    ("move down", "wait_group", ".*: over arrive, straight.*", LAST),
    ("drop|move down", "wait", ".*, straight.*", FIRST),
    ("move up", "expect", ".*: over wait, straight.*", FIRST),
    ("drop|move down", "wait", OVERLAPPING + ": .*, loop, before expect", OVERLAPPED),
    ("move up", "expect", OVERLAPPING + ": over wait, loop.*", OVERLAPPED),
    ("move down", "wait", DIVIDING + ": over expect, loop.*", LANDED),
    ("move up", "expect", DIVIDING + ": over wait, loop.*", LANDED),
    ("move down", "wait", DIVIDING + ": over wait, loop.*", BOTH),
    ("move down", "wait_group", DIVIDING + ": over arrive, .*", BEHIND),
    ("move up", "arrive", DIVIDING + ": over wait_group, .*", BEHIND),
    ("move up", "put", DIVIDING + ": over named_sync, straight.*", UNREAD),
    ("move down", "named_sync", DIVIDING + ": over put, straight.*", UNREAD),
    ("move up", "named_arrive", DIVIDING + ": over named_arrive, straight.*", "nobody waits for the one before the other"),
    ("drop", "wait", "(products f16|e4m3 products): .*, loop, before named_sync", TOLD),
    ("drop|move down", "wait", "gather products: .*, loop, before fence_async", TOLD),
    ("drop|move up|move down", "fence_async", "gather products: .*loop, before named_sync",
     "the fence behind the next wait comes before the multiplication, too"),
    ("drop|threads", "named_arrive", DIVIDING + ": .*, straight, before wait", EMPTIED),
    ("move down", "get", DIVIDING + ": over named_arrive, straight.*", EMPTIED),
    ("drop|move down", "zero_rows", DIVIDING + ": .*, loop, before named_sync",
     "the other consumer writes the same zeros before the message that comes first"),
    ("drop|stage|row|move down", "zero_rows", AHEAD + ": .*, loop, before wgmma", FULL),
    ("move down", "wait", AHEAD + ": over zero_rows, loop.*", FULL),
    ("move up|move down", "named_sync|named_arrive", "rows.*", TURNS),
    ("drop|move up|move down", "warpgroup_barrier", "decode dealt: .*, loop, before (wait|arrive|the end)", LANES),
    ("move up", "arrive", "decode dealt: over warpgroup_barrier, loop.*", LANES),
    ("move down", "warpgroup_barrier", "decode joined: over arrive, loop, before arrive", LANES),
    ("move up", "arrive", "decode joined: over warpgroup_barrier, loop, before arrive", LANES),
    ("move up", "arrive", "decode joined: over arrive, loop.*", "they say different things to different roles"),
    # Where tiles are taken in turn all but the first use of a ring is waited for.
    ("stage", "arrive", "rows in turn: .*, loop, before the end", LATER),
    ("stage", "arrive|expect|tma_load", "products in turn: .*, loop, before (tma_load|wait|the end)",
     "a barrier alone is the same for all uses"),
    ("move down", "wait_group", "rows in turn: over arrive, loop.*", ONCE),
    ("move up", "arrive", "rows in turn: over wait_group, loop.*", ONCE),
    ("drop", "wait", "products in turn: .*, loop, before expect", GIVEN),
    ("move up", "put", "products in turn: over named_sync, .*", GIVEN),
    ("move down", "named_sync", "products in turn: over put, .*", GIVEN),
    ("move up", "fence_async", "products in turn: over named_arrive, .*", "nothing is put between the two"),
]


def reason(mutant, name, original):
    where = "%s: %s, %s" % (name, mutant.what, place_of(original, mutant.line - 1))
    for kind, op, pattern, why in EQUIVALENT:
        if re.fullmatch(kind, mutant.kind) and re.fullmatch(op, mutant.op) and re.fullmatch(pattern, where):
            return why
    return None


def run(command):
    return subprocess.run(command, capture_output=True, text=True)


def judge(mutant, name, original, options, folder, number):
    kind, sizes, _ = KERNELS[name]
    arguments = kind.split() + sizes.split()
    path = os.path.join(folder, "%d.mlir" % number)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(mutant.lines) + "\n")
    verdict, detail = None, ""
    for seed in options.seeds.split(","):
        done = run(["parallax-run", *arguments, "--target", "sim", "--kernel", path, "--orders", str(options.orders),
                    "--seed", seed, "--repeat", "1", "--json"])
        if done.returncode == 0:
            continue
        message = done.stderr.strip().replace("parallax-run: error: ", "")
        if done.returncode != 1:
            verdict, detail = "CRASHED", "exit status %d" % done.returncode
        elif re.search(r"\(cta \d+, order \d+\)", message):
            verdict, detail = "detected", message.split(":")[0]
        elif re.match(r"expected (o|tbar) within|expected the (memory around|new tokens in)", message):
            verdict, detail = "detected", "wrong numbers"
        else:
            verdict, detail = "invalid", message
        break
    os.remove(path)
    if verdict:
        return verdict, detail
    why = reason(mutant, name, original)
    return ("equivalent", why) if why else ("MISSED", "")


def compiled(name):
    kind, sizes, schedule = KERNELS[name]
    command = ["parallax-compile", *kind.split(), "--to", "hopper"]
    if "--used-lengths" in sizes:
        command += ["--used-lengths"]
    if not name.startswith("decode cluster"):  # Whose tickets nobody takes.
        schedule += " cluster=0"
    command += ["--schedule", schedule]
    done = run(command)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return without_tickets(lines) if name.startswith("decode cluster") else lines


def without_tickets(lines):
    """Drops what CTAs do that are no cluster: the else of the branch in which they send."""
    send = next(i for i, line in enumerate(lines) if "hopper.send_rows" in line)
    indent = indent_of(lines[send]) - 2
    begin = next(i for i in range(send, len(lines)) if indent_of(lines[i]) == indent)
    assert lines[begin].strip() == "} else {", lines[begin]
    end = next(i for i in range(begin + 1, len(lines)) if indent_of(lines[i]) == indent)
    return lines[:begin] + lines[end:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", action="store_true", help="a few mutants of each kind and op")
    parser.add_argument("--kernel", action="append", choices=list(KERNELS))
    parser.add_argument("--orders", type=int, default=6)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true", help="print every mutant")
    options = parser.parse_args()

    table = collections.defaultdict(collections.Counter)
    equivalents = collections.Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        names = options.kernel or list(KERNELS)
        originals = dict(zip(names, pool.map(compiled, names)))
        made = [(name, mutant) for name in names for mutant in mutants(originals[name])]
        if options.sample:
            made = spread(made, SAMPLE)

        def judged(numbered):
            number, (name, mutant) = numbered
            return judge(mutant, name, originals[name], options, folder, number)

        unbroken = [(name, Mutant("original", "", 1, "", originals[name])) for name in names]
        for (name, _), verdict in zip(unbroken, pool.map(judged, enumerate(unbroken, -len(names)))):
            assert verdict[0] == "MISSED", (name, verdict)  # So nothing was found.
        for (name, mutant), (verdict, detail) in zip(made, pool.map(judged, enumerate(made))):
            table[(mutant.kind, mutant.op)][verdict] += 1
            table["all"][verdict] += 1
            if verdict == "detected":
                table["by"][detail] += 1
            if verdict == "equivalent":
                equivalents[(mutant.kind, mutant.op, detail)] += 1
            bad += verdict in ("MISSED", "CRASHED")
            if options.list or verdict in ("MISSED", "CRASHED"):
                print("%-10s %s: %s %s%s, line %d: %s" % (verdict, name, mutant.kind, mutant.op,
                      " (%s)" % mutant.what if mutant.what else "", mutant.line, detail), flush=True)

    by = table.pop("by")
    every = table.pop("all")
    print("\n| mutation | op | detected | equivalent | missed |\n|---|---|---|---|---|")
    for (kind, op), counts in sorted(table.items()):
        if sum(counts.values()) - counts["invalid"]:
            print("| %s | %s | %d | %d | %d |" % (kind, op, counts["detected"], counts["equivalent"], counts["MISSED"]))
    print("\n| detected by | mutants |\n|---|---|")
    for detail, count in by.most_common():
        print("| %s | %d |" % (detail, count))
    print("\n| equivalent | op | mutants | because |\n|---|---|---|---|")
    for (kind, op, why), count in sorted(equivalents.items()):
        print("| %s | %s | %d | %s |" % (kind, op, count, why))
    print("\n%d mutants: %d detected, %d equivalent, %d missed, %d invalid, %d crashed" % (
        sum(every.values()), every["detected"], every["equivalent"], every["MISSED"], every["invalid"],
        every["CRASHED"]))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
