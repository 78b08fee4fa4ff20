"""Prints what the CPU target is measured against: sgemm, and the definition.

    cpu_reference.py [THREADS]

Needs numpy with OpenBLAS (pip install numpy threadpoolctl). sgemm is the best of
several square products; the definition is Parallax attention written down with
numpy, batch 1, 8 heads, 1024 tokens, head dimension 128, causal, float32.
"""

import os
import sys
import time

threads = sys.argv[1] if len(sys.argv) > 1 else str(os.cpu_count())
os.environ["OPENBLAS_NUM_THREADS"] = threads
# What an environment says of another processor is not to slow this one down.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy as np  # noqa: E402: reads the variables when it is loaded


def best_of(count, body):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)


def sgemm_rate(size):
    a = np.random.default_rng(0).standard_normal((size, size), dtype=np.float32)
    b = a.T.copy()
    out = np.empty_like(a)
    return 2e-9 * size**3 / best_of(10, lambda: np.matmul(a, b, out=out))


def definition(q, r, k, v, scale):
    """All of shape (heads, length, head dimension)."""
    s1 = scale * (q @ k.transpose(0, 2, 1))
    s2 = r @ k.transpose(0, 2, 1)
    length = q.shape[1]
    s1[:, ~np.tri(length, dtype=bool)] = -np.inf
    p1 = np.exp(s1 - s1.max(-1, keepdims=True))
    p2 = p1 * s2
    d1 = p1.sum(-1, keepdims=True)
    d2 = p2.sum(-1, keepdims=True)
    return (p1 @ v) / d1 * (1 + d2 / d1) - (p2 @ v) / d1


def main():
    print("numpy %s, %s threads" % (np.__version__, threads))
    print("sgemm: %.1f GFLOP/s" % max(sgemm_rate(n) for n in (512, 1024, 2048)))
    heads, length, head_dim = 8, 1024, 128
    rng = np.random.default_rng(0)
    q, r, k, v = (rng.standard_normal((heads, length, head_dim), dtype=np.float32) for _ in range(4))
    seconds = best_of(3, lambda: definition(q, r, k, v, np.float32(head_dim**-0.5)))
    useful = 4 * head_dim * heads * length * (length + 1)
    print("definition: %.1f ms, %.1f useful GFLOP/s" % (1e3 * seconds, 1e-9 * useful / seconds))


if __name__ == "__main__":
    main()
