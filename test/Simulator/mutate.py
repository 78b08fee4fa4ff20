"""Breaks kernels on purpose: does the simulator notice?

    mutate.py [--kernel NAME] [--orders N] [--seeds S,...] [--jobs N] [--table FILE] [--list]

From each kernel that the heuristic picks, mutants are made by dropping,
duplicating, moving and re-targeting every op that synchronises or moves data,
and by changing its stage, phase, bytes, count or group. Each is run on a small
problem. It is

    detected    the simulator reports something, or the numbers are wrong
    invalid     it is no program: the verifier refuses it
    equivalent  it does the same, for the reason that EQUIVALENT gives
    MISSED      none of these: the exit status is 1
"""

import argparse
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

# Name -> what compiles it, and the sizes it is run on: more tiles than twice the stages, ragged ends.
SIZES = "--batch 1 --q-len 130 --k-len 540 --q-heads 1 --kv-heads 1"
KERNELS = {
    "rows": ("--mask causal --head-dim 128", SIZES, ""),
    "rows plain": ("--mask causal --head-dim 64", SIZES, "overlap=0 ping_pong=0 rescale_lag=0 keys=64 stages=3"),
    "products": ("--mask causal --head-dim 192", "--batch 1 --q-len 300 --k-len 1000 --q-heads 1 --kv-heads 1", ""),
    "decode": ("--op decode --mask causal --head-dim 64 --outputs tbar",
               "--batch 2 --q-len 3 --k-len 900 --q-heads 4 --kv-heads 2 --used-lengths 300,890", "split_tiles=5 stages=2"),
}

STEP = re.compile(r"hopper\.(wait|expect|arrive|tma_load|tma_store|store_fragment|fence_async|warpgroup_barrier"
                  r"|named_sync|named_arrive|commit|wait_group|zero_rows|wgmma|store_rows|arrive_last)\b")
SYNCHRONISES = ("wait", "expect", "arrive", "fence_async", "warpgroup_barrier", "named_sync", "named_arrive", "commit",
                "wait_group", "zero_rows", "tma_load", "tma_store", "store_fragment", "store_rows")

Mutant = collections.namedtuple("Mutant", "kind op line what lines")


def op_of(line):
    found = STEP.search(line)
    return found.group(1) if found else None


def indent_of(line):
    return len(line) - len(line.lstrip())


def without_results(lines, n):
    """Drops line n, an op whose results are its operands: hopper.wait_group."""
    line = lines[n]
    result = line.split("=")[0].strip() if "=" in line.split("hopper.")[0] else ""
    rest = [l for i, l in enumerate(lines) if i != n]
    if not result:
        return rest
    operands = re.findall(r"%[\w#]+", line.split("wait_group")[1].split(" : ")[0])
    name = result.split(":")[0]
    after = []
    for i, l in enumerate(rest):
        if i >= n:
            for k, operand in enumerate(operands):
                l = re.sub(re.escape(name) + (r"#%d\b" % k if ":" in result else r"\b(?!#)"), operand, l)
        after.append(l)
    return after


def neighbours(lines, n):
    """The steps before and after line n in its block, or None."""
    before = after = None
    for i in range(n - 1, -1, -1):
        if indent_of(lines[i]) < indent_of(lines[n]):
            break
        if indent_of(lines[i]) == indent_of(lines[n]) and op_of(lines[i]):
            before = i
            break
    for i in range(n + 1, len(lines)):
        if indent_of(lines[i]) < indent_of(lines[n]):
            break
        if indent_of(lines[i]) == indent_of(lines[n]) and op_of(lines[i]):
            after = i
            break
    return before, after


def mutants(text):
    lines = text.splitlines()
    rings = {}
    for line in lines:
        found = re.match(r"\s*(%\w+) = hopper\.barriers count \d+ : (!hopper\.barrier<\d+>)", line)
        if found:
            rings[found.group(1)] = found.group(2)

    def changed(n, new, kind, what, before=()):
        return Mutant(kind, op_of(lines[n]) or "barriers", n + 1, what,
                      lines[:n] + list(before) + [new] + lines[n + 1:])

    for n, line in enumerate(lines):
        count = re.search(r"hopper\.barriers count (\d+)", line)
        if count:
            had = int(count.group(1))
            for new in {had + 4 if had > 1 else had + 1, had - 4 if had > 4 else had + 3}:
                yield changed(n, line.replace("count %d" % had, "count %d" % new), "count", "%d for %d" % (new, had))
        op = op_of(line)
        if not op:
            continue
        pad = " " * indent_of(line)
        if op in SYNCHRONISES:
            yield Mutant("drop", op, n + 1, "", without_results(lines, n))
            if "=" not in line.split("hopper.")[0]:
                yield changed(n, line, "duplicate", "", [line])
            before, after = neighbours(lines, n)
            rest = lines[:n] + lines[n + 1:]
            if before is not None:
                yield Mutant("move up", op, n + 1, "over " + op_of(lines[before]),
                             rest[:before] + [line] + rest[before:])
            if after is not None:
                yield Mutant("move down", op, n + 1, "over " + op_of(lines[after]),
                             rest[:after] + [line] + rest[after:])
        # Another barrier of the same type.
        if op in ("wait", "expect", "arrive", "tma_load"):
            for name, type_ in rings.items():
                if re.search(re.escape(name) + r"\b", line):
                    for other, other_type in rings.items():
                        if other != name and other_type == type_:
                            yield changed(n, re.sub(re.escape(name) + r"\b", other, line), "re-target",
                                          "%s for %s" % (other, name))
        # Another use of a ring.
        if op in ("wait", "expect", "arrive", "tma_load", "tma_store", "wgmma", "zero_rows"):
            for k, use in enumerate(re.finditer(r"(%\w+)\[(%\w+)\]", line)):
                new = line[:use.start()] + "%s[%%mutant]" % use.group(1) + line[use.end():]
                yield changed(n, new, "stage", "%s + 1 of %s" % (use.group(2), use.group(1)),
                              [pad + "%%mutant = arith.addi %s, %%c1_i32 : i32" % use.group(2)])
        if op == "wait":
            new = line.replace(" lag 1", "") if " lag 1" in line else line.replace(" : ", " lag 1 : ")
            yield changed(n, new, "phase", "without lag" if " lag 1" in line else "lag 1")
        if op == "expect":
            had = re.search(r", (\d+) :", line).group(1)
            for new in (int(had) // 2, int(had) * 2, int(had) - 128):
                yield changed(n, line.replace(", %s :" % had, ", %d :" % new), "bytes", "%d for %s" % (new, had))
        if op == "wait_group":
            had = int(re.search(r"pending (\d+)", line).group(1))
            for new in (had + 1, had - 1):
                if new >= 0:
                    yield changed(n, line.replace("pending %d" % had, "pending %d" % new), "pending",
                                  "%d for %d" % (new, had))
        if op in ("named_sync", "named_arrive"):
            use = re.search(r"named_\w+ (%\w+)", line).group(1)
            yield changed(n, line.replace(use, "%mutant"), "re-target", "id + 1",
                          [pad + "%%mutant = arith.addi %s, %%c1_i32 : i32" % use])
            yield changed(n, line.replace("threads 256", "threads 128"), "threads", "128 for 256")


# Regular expressions for kind, op, and "kernel: what, place" -> why such a mutant does the same. Only asked about
# mutants that nothing detects. A place is "loop" or "straight", outside of loops.
ANY = ".*"
LATER = "what is moved happens later than it could, never too early"
EARLIER = "it waits earlier or longer than it must, never for less"
LAST = "the last release of a ring, which nobody waits for"
FIRST = "the first use of a ring waits for nothing"
OVERLAPPED = "with overlap this value tile is released before the key tile whose release was just waited for"
BEHIND = ("the last release of a ring, or the other consumer releases it behind the message that says that this one's "
          "scores have landed")
EQUIVALENT = [
    ("duplicate", "wait", ANY, "a phase that is complete stays so, and the second wait returns at once"),
    ("duplicate", "commit", ANY, "an empty group: the waits that count groups wait for more, never for less"),
    ("duplicate", "fence_async|warpgroup_barrier", ANY, "nothing comes between the two"),
    ("duplicate", "store_fragment|zero_rows|tma_store", ANY, "the same bytes are written again"),
    ("drop|move up", "commit", ANY, "the multiplication joins the next group, and the next wait is for all groups"),
    ("move down", "commit", ANY, "a group takes in more, and its wait is for more, never for less"),
    ("pending", "wait_group", ".*: (0 for 1|1 for 2), .*", EARLIER),
    ("move up", "wait_group", ANY, EARLIER),
    ("move up", "wait", ANY, EARLIER),
    ("move down", "wait", ".*: over wait, straight", "both are waited for before anything else"),
    ("move down", "wait", ".*: over named_sync, .*", "still before the multiplication that needs it"),
    ("move up", "tma_load", ".*: over expect, .*", "bytes may land first: the phase still lacks the arrival of expect"),
    ("move down", "expect", ".*: over tma_load, .*", "bytes may land first: the phase still lacks the arrival of expect"),
    ("move up|move down", "tma_load", ".*: over tma_load, .*", "copies of one phase have no order"),
    ("move down", "tma_load", ".*: over wait, .*", LATER),
    ("move down", "arrive", ANY, LATER),
    ("move down", "tma_store", ".*: over store_rows, .*", "they write different memory"),
    ("move up|move down", "store_rows", ".*: over (store_rows|tma_store|wait_group|arrive), .*", "they write different memory"),
    ("duplicate", "store_rows", ANY, "the same bytes are written again"),
    ("stage", "wait", ANY, "the producer waits for the release of a later use, before which this one was released"),
    ("re-target", "wait", ANY, "the producer waits for the ring that is released after its own"),
    ("drop|duplicate|move up|re-target", "arrive", ".*, straight", LAST),
    ("move down", "wait_group", ".*: over arrive, straight", LAST),
    ("drop|move down", "wait", ".*, straight", FIRST),
    ("move up", "expect", ".*: over wait, straight", FIRST),
    ("drop|move down", "wait", "rows: .*, loop", OVERLAPPED),
    ("move up", "expect", "(rows|products): over wait, loop", OVERLAPPED),
    # Indices of lines don't tell loops from branches: the programs of both consumers are one.
    ("move down", "wait", "products: over expect, loop", OVERLAPPED),
    ("move down", "wait", "products: over wait, loop", "both are waited for before anything else"),
    ("move down", "wait_group", "products: over arrive, .*", BEHIND),
    ("move up", "arrive", "products: over wait_group, .*", BEHIND),
    ("move up|move down", "named_sync|named_arrive", ANY, "turns share the multipliers' time; no data depends on them"),
]


def reason(mutant, name, original):
    place = "loop" if indent_of(original[mutant.line - 1]) > 6 else "straight"
    where = "%s: %s, %s" % (name, mutant.what, place)
    for kind, op, pattern, why in EQUIVALENT:
        if re.fullmatch(kind, mutant.kind) and re.fullmatch(op, mutant.op) and re.fullmatch(pattern, where):
            return why
    return None


def run(command):
    return subprocess.run(command, capture_output=True, text=True)


def judge(mutant, name, original, arguments, options, folder, number):
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
        elif message.startswith("expected o ") or "memory around" in message or message.startswith("expected tbar"):
            verdict, detail = "detected", "wrong numbers"
        else:
            verdict, detail = "invalid", message
        break
    os.remove(path)
    if verdict:
        return verdict, detail
    why = reason(mutant, name, original)
    return ("equivalent", why) if why else ("MISSED", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", action="append", choices=list(KERNELS))
    parser.add_argument("--orders", type=int, default=6)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print every mutant")
    options = parser.parse_args()

    table = collections.defaultdict(collections.Counter)
    equivalents = collections.Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name in options.kernel or KERNELS:
            kind, sizes, schedule = KERNELS[name]
            compile_ = ["parallax-compile", *kind.split(), "--to", "hopper"]
            if "decode" in kind:
                compile_ += ["--used-lengths", "--q-heads", "4", "--kv-heads", "2"]
            if schedule:
                compile_ += ["--schedule", schedule]
            done = run(compile_)
            assert done.returncode == 0, done.stderr
            arguments = kind.split() + sizes.split()
            original = Mutant("original", "", 0, "", done.stdout.splitlines())
            verdict = judge(original, name, original.lines, arguments, options, folder, 0)
            assert verdict[0] == "MISSED", (name, verdict)  # So nothing was found.
            made = list(mutants(done.stdout))
            verdicts = pool.map(lambda pair: judge(pair[1], name, original.lines, arguments, options, folder, pair[0]),
                                enumerate(made, 1))
            for mutant, (verdict, detail) in zip(made, verdicts):
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
