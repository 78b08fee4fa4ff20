"""Times torch's scaled_dot_product_attention, plain softmax attention, for parallax-bench.

    parallax-bench --list-peer "sdpa=python3 scripts/peers/torch_sdpa.py" ...
    parallax-bench --peer "sdpa=python3 scripts/peers/torch_sdpa.py" ...

Takes a problem in parallax-bench's options and prints milliseconds a launch as
its last line; without options it takes a problem a line from stdin and answers
each with a line. Plain attention has half of Parallax's products: it is no
competitor, but says what this card's usual kernels reach.
"""

import argparse
import sys

import torch
import torch.nn.functional as F


def parse(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("batch", 1), ("q-len", 1), ("k-len", 1), ("q-heads", 1), ("kv-heads", 1), ("head-dim", 128)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--mask", default="none")
    parser.add_argument("--dtype", default="bf16")
    options, ignored = parser.parse_known_args(words)
    if any(word.startswith(("--window", "--used", "--page", "--new")) for word in ignored):
        raise ValueError("expected a problem without a window, used lengths, pages or new keys")
    if options.mask == "causal" and options.q_len != options.k_len:
        raise ValueError("expected as many queries as keys: torch aligns a causal mask top left")
    return options


def milliseconds(options):
    dtype = {"bf16": torch.bfloat16, "f16": torch.float16}[options.dtype]

    def tensor(length, heads):
        return torch.randn(options.batch, length, heads, options.head_dim, device="cuda", dtype=dtype).transpose(1, 2)

    q = tensor(options.q_len, options.q_heads)
    k, v = (tensor(options.k_len, options.kv_heads) for _ in range(2))

    def launch():
        F.scaled_dot_product_attention(q, k, v, is_causal=options.mask == "causal",
                                       enable_gqa=options.q_heads != options.kv_heads)

    for _ in range(3):
        launch()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(5):
            launch()
    times = []
    for _ in range(11):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) / 5)
    return sorted(times)[len(times) // 2]


def main():
    if len(sys.argv) > 1:
        try:
            print(milliseconds(parse(sys.argv[1:])))
        except ValueError as error:
            sys.exit(str(error))
        return
    for line in sys.stdin:
        try:
            answer = milliseconds(parse(line.split()))
        except (ValueError, KeyError, RuntimeError) as error:
            answer = " ".join(str(error).split()) or "failed"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
