"""Times torch's scaled_dot_product_attention, plain softmax attention, for parallax-bench.

    parallax-bench --list-peer "sdpa=python3 scripts/peers/torch_sdpa.py" ...
    parallax-bench --peer "cudnn=python3 scripts/peers/torch_sdpa.py --backend cudnn" ...

Plain attention has half of Parallax's products: it is no competitor, but says
what this card's usual kernels reach.
"""

import contextlib

import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

import peer

BACKENDS = {"flash": SDPBackend.FLASH_ATTENTION, "cudnn": SDPBackend.CUDNN_ATTENTION}


def time(problem, options):
    if problem.window:
        raise ValueError("expected a problem without a window")
    is_causal = problem.is_causal and problem.q_len > 1  # One query sees all keys.
    if is_causal and problem.q_len != problem.k_len:
        raise ValueError("expected as many queries as keys: torch aligns a causal mask top left")

    def launch(tensors):
        q, _, k, v = (t.transpose(1, 2) for t in tensors)
        return F.scaled_dot_product_attention(q, k, v, is_causal=is_causal,
                                              enable_gqa=problem.q_heads != problem.kv_heads)

    with sdpa_kernel(BACKENDS[options.backend]) if options.backend else contextlib.nullcontext():
        tensors = problem.tensors("blhd")
        peer.check(problem, tensors, launch(tensors).transpose(1, 2), has_r=False)
        size = peer.size_of([tensors[0], *tensors])  # With o, without r.

        def launches(sets):
            return [lambda t=t: launch(t) for t in [tensors, *(problem.tensors("blhd") for _ in range(sets - 1))]]

        return peer.milliseconds(launches, size, options.sample_ms)


def add_options(parser):
    parser.add_argument("--backend", choices=BACKENDS, help="instead of the one that torch chooses")


if __name__ == "__main__":
    peer.main(__doc__.splitlines()[0], add_options, time)
