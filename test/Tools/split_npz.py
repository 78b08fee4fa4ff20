"""Cases of states in .npz files, without numpy.

    split_npz.py split CASE KEYS FOLDER    CASE's first KEYS keys and the others: FOLDER/first.npz and second.npz
    split_npz.py join STATE... CASE OUT    the states as parts of one file, with o of CASE
    split_npz.py drop FILE NAME OUT        FILE without an array
"""

import ast
import math
import struct
import sys
import zipfile

from write_npz import write


def read(path):
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            data = archive.read(entry)
            assert data[:8] == b"\x93NUMPY\x01\x00", entry
            (length,) = struct.unpack_from("<H", data, 8)
            assert (10 + length) % 64 == 0, entry
            header = ast.literal_eval(data[10:10 + length].decode())
            assert header["descr"] == "<f4" and not header["fortran_order"], entry
            shape = header["shape"]
            values = struct.unpack_from("<%df" % math.prod(shape), data, 10 + length)
            arrays[entry.removesuffix(".npy")] = ("f", shape, list(values))
    return arrays


def keys_of(array, begin, end):
    kind, (batch, length, heads, dim), values = array
    row = heads * dim
    kept = [x for b in range(batch) for x in values[(b * length + begin) * row:(b * length + end) * row]]
    return kind, (batch, end - begin, heads, dim), kept


def main():
    what, *words = sys.argv[1:]
    if what == "split":
        case, keys, folder = words
        arrays = read(case)
        length = arrays["k"][1][1]
        for name, begin, end in (("first", 0, int(keys)), ("second", int(keys), length)):
            write("%s/%s.npz" % (folder, name), {
                "q": arrays["q"], "r": arrays["r"],
                "k": keys_of(arrays["k"], begin, end), "v": keys_of(arrays["v"], begin, end)})
    elif what == "join":
        *states, case, out = words
        states = [read(path) for path in states]
        joined = {"o": read(case)["o"]}
        for name in ("m", "d1", "d2", "o1", "o2"):
            given = [state["state_" + name] for state in states]
            joined["part_" + name] = ("f", (len(given),) + given[0][1], [x for g in given for x in g[2]])
        write(out, joined)
    else:
        path, name, out = words
        arrays = read(path)
        del arrays[name]
        write(out, arrays)


if __name__ == "__main__":
    main()
