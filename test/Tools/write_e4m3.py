"""Writes small .npz cases of a decode against a cache of e4m3, without numpy.

    write_e4m3.py FOLDER

bytes.npz holds k and v as bytes, which take every value of the type but NaN, a
scale of each head's keys and one of all values, and o, computed here in float64
with scale 0.5. void.npz is the same with the type that NumPy writes for
ml_dtypes' float8_e4m3fn. nan.npz has a NaN in a value that is used. bad_scale.npz
has three scales for two heads.
"""

import math
import random
import struct
import sys
import zipfile

HEADS, KV_HEADS, KEYS, DIM = 4, 2, 70, 16
K_SCALE, V_SCALE = [0.0078125, -0.01171875], [0.0078125]


def e4m3(byte):
    exponent, fraction = byte >> 3 & 15, byte & 7
    if byte & 127 == 127:
        return math.nan
    magnitude = math.ldexp(fraction, -9) if exponent == 0 else math.ldexp(8 + fraction, exponent - 10)
    return -magnitude if byte & 128 else magnitude


def npy(type_, shape, values):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (type_, "".join("%d, " % n for n in shape))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"<f4": "f", "<i4": "i", "|u1": "B", "|V1": "B"}[type_]
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
            + struct.pack("<%d%s" % (len(values), code), *values))


def write(path, arrays):
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            archive.writestr(name + ".npy", npy(*array))


def main():
    folder = sys.argv[1]
    pick = random.Random(1)
    # All 16-bit types hold them.
    q, r = ([pick.randint(-32, 32) / 16 for _ in range(HEADS * DIM)] for _ in range(2))
    every = [byte for byte in range(256) if byte & 127 != 127]
    k, v = ([every[i % len(every)] for i in range(KEYS * KV_HEADS * DIM)] for _ in range(2))
    pick.shuffle(k)
    pick.shuffle(v)
    dot = lambda x, y: sum(a * b for a, b in zip(x, y))
    o = []
    for h in range(HEADS):
        kv = h // (HEADS // KV_HEADS)
        row = lambda cache, j: [e4m3(byte) for byte in cache[(j * KV_HEADS + kv) * DIM:][:DIM]]
        s1 = [0.5 * K_SCALE[kv] * dot(q[h * DIM:][:DIM], row(k, j)) for j in range(KEYS)]
        s2 = [K_SCALE[kv] * dot(r[h * DIM:][:DIM], row(k, j)) for j in range(KEYS)]
        p1 = [math.exp(x - max(s1)) for x in s1]
        p2 = [p * x for p, x in zip(p1, s2)]
        d1, d2 = sum(p1), sum(p2)
        for d in range(DIM):
            column = [V_SCALE[0] * row(v, j)[d] for j in range(KEYS)]
            o.append(dot(p1, column) / d1 * (1 + d2 / d1) - dot(p2, column) / d1)
    query, cache = (1, 1, HEADS, DIM), (1, KEYS, KV_HEADS, DIM)
    arrays = {"q": ("<f4", query, q), "r": ("<f4", query, r), "k": ("|u1", cache, k), "v": ("|u1", cache, v),
              "k_scale": ("<f4", (KV_HEADS,), K_SCALE), "v_scale": ("<f4", (), V_SCALE), "o": ("<f4", query, o)}
    write(folder + "/bytes.npz", arrays)
    write(folder + "/void.npz", dict(arrays, k=("|V1", cache, k), v=("|V1", cache, v)))
    write(folder + "/nan.npz", dict(arrays, v=("|u1", cache, [0x7f] + v[1:])))
    write(folder + "/bad_scale.npz", dict(arrays, k_scale=("<f4", (3,), [1, 1, 1])))


if __name__ == "__main__":
    main()
