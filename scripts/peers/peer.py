"""What the peers of parallax-bench share: problems, time, right numbers.

A peer is given a problem in parallax-bench's options and prints milliseconds a
launch as its last line; without a problem it takes one a line from stdin and
answers each with a line, milliseconds or why there are none. It is judged and
timed as parallax-bench does it: rows against the definition in float64 first,
then CUDA graphs of launches, which take sets of tensors in turn where one would
stay in the second-level cache.
"""

import argparse
import sys

import torch

MAX_ERROR_RATIO = 5e-2  # Of a peer; generous, so that only wrong kernels fail.
MAX_SETS = 64


class Problem:
    """One problem of the options in `words`."""

    def __init__(self, words):
        parser = argparse.ArgumentParser(exit_on_error=False)
        parser.add_argument("--op", default="forward")
        for name in ("batch", "q-len", "k-len", "q-heads", "kv-heads"):
            parser.add_argument("--" + name, type=int, default=1)
        parser.add_argument("--head-dim", type=int, default=128)
        parser.add_argument("--mask", default="none")
        parser.add_argument("--window", type=int)
        parser.add_argument("--dtype", default="bf16", choices=("bf16", "f16"))
        known, others = parser.parse_known_args(words)
        if others:
            raise ValueError("expected a problem without " + " ".join(others))
        vars(self).update(vars(known))
        if self.op not in ("forward", "decode"):
            raise ValueError("expected a forward or a decode, got a " + self.op)
        self.torch_type = {"bf16": torch.bfloat16, "f16": torch.float16}[self.dtype]
        self.is_causal = self.mask == "causal"
        self.scale = self.head_dim ** -0.5

    def tensors(self, layout):
        """q, r, k and v at random, (batch, length, heads, head dimension), or "bhld"."""

        def tensor(length, heads, factor=1):
            shape = [self.batch, length, heads, self.head_dim]
            if layout == "bhld":
                shape[1:3] = shape[2:0:-1]
            return torch.randn(shape, device="cuda", dtype=self.torch_type) * factor

        return (tensor(self.q_len, self.q_heads), tensor(self.q_len, self.q_heads, 2 / self.head_dim ** 0.5),
                tensor(self.k_len, self.kv_heads), tensor(self.k_len, self.kv_heads))

    def row(self, tensors, at, has_r):
        """Row `at`, (batch, token, head), of o by the definition; without r of plain attention."""
        b, i, h = at
        kv = h // (self.q_heads // self.kv_heads)
        end = i + self.k_len - self.q_len + 1 if self.is_causal else self.k_len
        begin = max(0, end - self.window) if self.window else 0
        q, r = (t[b, i, h].double() for t in tensors[:2])
        k, v = (t[b, begin:end, kv].double() for t in tensors[2:])
        p = torch.softmax(self.scale * (k @ q), 0)
        if not has_r:
            return p @ v
        t = k @ r
        return (p * (1 + (p * t).sum() - t)) @ v


def check(problem, tensors, o, has_r=True):
    """Raises unless some rows of o are right. All are (batch, length, heads, head dimension)."""
    last = (problem.batch - 1, problem.q_len - 1, problem.q_heads - 1)
    for at in {(0, 0, 0), last, tuple(n // 2 for n in last), tuple(2 * n // 3 for n in last)}:
        expected = problem.row(tensors, at, has_r)
        error = ((o[at].double() - expected).abs().max() / expected.abs().max()).item()
        if not error < MAX_ERROR_RATIO:
            raise ValueError(f"wrong: row {at} is off by {error:.3g} of its largest element")


def milliseconds(launches, bytes_of_a_set, sample_ms, samples=11):
    """The median of a launch; `launches` makes one for a number of sets."""
    cache = torch.cuda.get_device_properties(torch.cuda.current_device()).L2_cache_size
    sets = launches(min(MAX_SETS, max(1, -(-2 * cache // bytes_of_a_set))))
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    for repeat in (len(sets) + 2, 10):  # Warms up, then says how many fill a sample.
        start.record()
        for n in range(repeat):
            sets[n % len(sets)]()
        end.record()
        end.synchronize()
    count = min(10000, max(1, round(sample_ms / (start.elapsed_time(end) / repeat)), len(sets)))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for n in range(count):
            sets[n % len(sets)]()
    times = []
    for _ in range(samples + 2):
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) / count)
    return sorted(times[2:])[samples // 2]


def size_of(tensors):
    return sum(t.numel() * t.element_size() for t in tensors)


def main(description, add_options, time):
    """Runs a peer: `time(problem, options)` in milliseconds. Its own options come first."""
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--sample-ms", type=float, default=20, help="duration of a sample")
    add_options(parser)
    options, words = parser.parse_known_args()
    if words:
        try:
            print(time(Problem(words), options))
        except (ValueError, argparse.ArgumentError) as error:
            sys.exit(str(error))
        return
    for line in sys.stdin:
        try:
            answer = time(Problem(line.split()), options)
        except Exception as error:  # pylint: disable=broad-except; a peer's, of any kind.
            answer = " ".join(str(error).split())[:200] or type(error).__name__
        print(answer, flush=True)
        torch.cuda.empty_cache()
