"""Makes mutants of a kernel's text: mutate.py says what they are for."""

import collections
import re

SYNCHRONISES = ("wait", "expect", "arrive", "fence_async", "warpgroup_barrier", "named_sync", "named_arrive", "commit",
                "wait_group", "zero_rows", "tma_load", "tma_store", "store_fragment", "load_fragment", "put", "get", "store_rows",
                "arrive_last", "append", "convert", "gather", "await_grids", "cluster_wait", "send_rows", "await_rows", "merge_rows",
                "merge_received", "warp_mma", "merge_warps")
STEP = re.compile(r"hopper\.(%s|wgmma)\b" % "|".join(sorted(SYNCHRONISES, key=len, reverse=True)))
# Their results are used: they can only be replaced, and are moved by the verifier's leave.
GIVES = ("get", "load_fragment", "arrive_last", "merge_rows", "merge_received", "warp_mma", "merge_warps")

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


def place_of(lines, n):
    """Whether line n is in a loop, and the step after it in its block."""
    indent, place = indent_of(lines[n]), "straight"
    for line in reversed(lines[:n]):
        if indent_of(line) < indent:
            indent = indent_of(line)
            if "scf.for" in line:
                place = "loop"
    _, after = neighbours(lines, n)
    return "%s, before %s" % (place, op_of(lines[after]) if after is not None else "the end")


def mutants(lines):
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
            if op not in GIVES:
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
        if op in ("wait", "expect", "arrive", "tma_load", "gather"):
            for name, type_ in rings.items():
                if re.search(re.escape(name) + r"\b", line):
                    for other, other_type in rings.items():
                        if other != name and other_type == type_:
                            yield changed(n, re.sub(re.escape(name) + r"\b", other, line), "re-target",
                                          "%s for %s" % (other, name))

        def plus(value, add):
            return [pad + "%%one = arith.constant %d : i32" % add,
                    pad + "%%mutant = arith.addi %s, %%one : i32" % value]

        # Another use of a ring, or of a table's row.
        for use in re.finditer(r"(%\w+)\[(%[\w#]+)\]", line if op != "arrive_last" else ""):
            new = line[:use.start()] + "%s[%%mutant]" % use.group(1) + line[use.end():]
            yield changed(n, new, "stage", "%s + 1 of %s" % (use.group(2), use.group(1)), plus(use.group(2), 1))
        # Other rows of a tile.
        for word, value in re.findall(r"(rows\(|from )(%[\w#]+)", line):
            if op in ("tma_load", "tma_store", "store_fragment", "zero_rows", "convert"):
                yield changed(n, line.replace(word + value, word + "%mutant"), "row", "8 further", plus(value, 8))
        if op == "tma_store":
            new = line.replace(" add :", " :") if " add :" in line else line.replace(" :", " add :")
            yield changed(n, new, "add", "store" if " add :" in line else "add")
        if op in ("arrive_last", "append"):
            word, value = re.search(r"(of|count) (%[\w#]+)", line).groups()
            for add in (1, -1):
                yield changed(n, line.replace("%s %s" % (word, value), word + " %mutant"), "count", "%+d" % add,
                              plus(value, add))
        # How many CTAs there are, and how many rows.
        for word in {"merge_rows": ("count(%s)",), "merge_received": (" of %s",),
                     "send_rows": (" of %s", "rows(%s)"), "await_rows": (" of %s", "rows(%s)")}.get(op, ()):
            value = re.search(re.escape(word).replace("%s", r"(%[\w#]+)"), line).group(1)
            for add in (1, -1):
                yield changed(n, line.replace(word % value, word % "%mutant"), "count",
                              "%s %+d" % (word.strip(" (%s)"), add), plus(value, add))
        if op == "append":
            value = re.search(r"from (%[\w#]+)", line).group(1)
            yield changed(n, line.replace("from " + value, "from %mutant"), "row", "1 further", plus(value, 1))
        if op == "arrive_last":
            result = line.split("=")[0].strip()
            use = re.search(r"\[(%[\w#]+)\]", line).group(1)
            yield changed(n, line.replace("[%s]" % use, "[%mutant]"), "re-target", "one ticket for all",
                          [pad + "%mutant = arith.constant 0 : i32"])
            for says in ("true", "false"):
                yield changed(n, pad + "%s = arith.constant %s" % (result, says), "drop", says)
            yield changed(n, line, "duplicate", "", [line.replace(result, "%mutant")])
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
            use = re.search(r"named_\w+ (%[\w#]+)", line).group(1)
            yield changed(n, line.replace(use + " threads", "%mutant threads"), "re-target", "id + 1", plus(use, 1))
            yield changed(n, line.replace("threads 256", "threads 128"), "threads", "128 for 256")


def spread(made, each):
    """At most `each` of a kind and an op, from all over the (kernel, mutant)s."""
    groups = collections.defaultdict(list)
    for name, mutant in made:
        groups[(mutant.kind, mutant.op)].append((name, mutant))
    taken = []
    for group in groups.values():
        n = min(each, len(group))
        taken += [group[(2 * i + 1) * len(group) // (2 * n)] for i in range(n)]
    return taken
