"""Writes small .npz cases of a decode against pages, without numpy.

    write_npz.py FOLDER

paged.npz is right: two sequences of pages of 4 tokens, one page shared, garbage
in the table behind the used lengths. Its o is that of paged attention with
scale 0.5, computed here in float64. append.npz is the same problem before its
last two keys and values were written, which it holds as new ones; bad_append.npz
lacks new_v. bad_page.npz uses a page that is none,
bad_table.npz has a table of the wrong shape.
"""

import math
import random
import struct
import sys
import zipfile

BATCH, HEADS, KV_HEADS, DIM, PAGE, PAGES = 2, 2, 1, 8, 4, 5
USED = [7, 5]
TABLE = [[3, 1, -9], [3, 0, 1 << 29]]
NAN = math.nan


def npy(kind, shape, values):
    header = "{'descr': '<%s4', 'fortran_order': False, 'shape': (%s,), }" % (kind, ", ".join(map(str, shape)))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"f": "f", "i": "i"}[kind]
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
            + struct.pack("<%d%s" % (len(values), code), *values))


def write(path, arrays):
    with zipfile.ZipFile(path, "w") as archive:
        for name, (kind, shape, values) in arrays.items():
            archive.writestr(name + ".npy", npy(kind, shape, values))


def rounded(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def main():
    folder = sys.argv[1]
    random.seed(1)
    rows = BATCH * HEADS * DIM
    q = [rounded(random.gauss(0, 1)) for _ in range(rows)]
    r = [rounded(random.gauss(0, 0.5)) for _ in range(rows)]
    k, v = ([NAN] * (PAGES * PAGE * DIM) for _ in range(2))
    dot = lambda x, y: sum(a * b for a, b in zip(x, y))

    def slot(b, j):
        return (TABLE[b][j // PAGE] * PAGE + j % PAGE) * DIM

    for b in range(BATCH):
        for j in range(USED[b]):
            for d in range(DIM):
                k[slot(b, j) + d] = rounded(random.gauss(0, 1))
                v[slot(b, j) + d] = rounded(random.gauss(0, 1))
    o = []
    for b in range(BATCH):
        for h in range(HEADS):
            at = (b * HEADS + h) * DIM
            keys = [k[slot(b, j):][:DIM] for j in range(USED[b])]
            values = [v[slot(b, j):][:DIM] for j in range(USED[b])]
            p1 = [math.exp(0.5 * dot(q[at:at + DIM], key)) for key in keys]
            p2 = [p * dot(r[at:at + DIM], key) for p, key in zip(p1, keys)]
            d1, d2 = sum(p1), sum(p2)
            for d in range(DIM):
                o1, o2 = dot(p1, [x[d] for x in values]), dot(p2, [x[d] for x in values])
                o.append(o1 / d1 * (1 + d2 / d1) - o2 / d1)
    query = (BATCH, 1, HEADS, DIM)
    pool = (PAGES, PAGE, KV_HEADS, DIM)
    arrays = {
        "q": ("f", query, q), "r": ("f", query, r), "k": ("f", pool, k), "v": ("f", pool, v),
        "o": ("f", query, o), "used_lengths": ("i", (BATCH,), USED),
        "block_table": ("i", (BATCH, 3), TABLE[0] + TABLE[1]),
    }
    write(folder + "/paged.npz", arrays)
    new_k, new_v, old_k, old_v = [], [], list(k), list(v)
    for b in range(BATCH):
        for j in range(USED[b] - 2, USED[b]):
            at = slice(slot(b, j), slot(b, j) + DIM)
            new_k += k[at]
            new_v += v[at]
            old_k[at] = old_v[at] = [NAN] * DIM
    new = (BATCH, 2, KV_HEADS, DIM)
    append = dict(arrays, k=("f", pool, old_k), v=("f", pool, old_v),
                  new_k=("f", new, new_k), new_v=("f", new, new_v))
    write(folder + "/append.npz", append)
    del append["new_v"]
    write(folder + "/bad_append.npz", append)
    write(folder + "/bad_page.npz", dict(arrays, block_table=("i", (BATCH, 3), [3, 5, 0, 3, 0, 0])))
    write(folder + "/bad_table.npz", dict(arrays, block_table=("i", (3, 2), [0] * 6)))
    write(folder + "/flat_table.npz", dict(arrays, block_table=("i", (6,), [0] * 6)))


if __name__ == "__main__":
    main()
