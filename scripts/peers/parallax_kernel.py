"""Times the public package parallax-kernel for parallax-bench.

    parallax-bench --list-peer "triton=python3 scripts/peers/parallax_kernel.py" ...
    parallax-bench --suite decode --list-peer "cutedsl=python3 scripts/peers/parallax_kernel.py --kernel cutedsl" ...

It computes the same problems: forwards that are causal and decodes of a token,
in Triton, and decodes of a token in CuTeDSL. `pip install parallax-kernel` on the
card's machine, with the extra [cutedsl] for those. Its forward tunes itself for
each length over 36 configurations, a minute or more; --configs names those to
try.
"""

import torch

import peer


def parse_config(text):
    """ROWSxCOLUMNSxWARPSxSTAGES"""
    return tuple(int(part) for part in text.split("x"))


def keep_configs(kernel, wanted):
    def shape(config):
        return (config.kwargs["ROW_TILE_SIZE"], config.kwargs["COL_TILE_SIZE"], config.num_warps, config.num_stages)

    kept = [config for config in kernel.configs if shape(config) in wanted]
    if not kept:
        raise ValueError(f"expected configurations that the package has, got {wanted}")
    kernel.configs = kept


def forward(problem, options):
    from parallax.triton import parallax_train

    if options.kernel != "triton":
        raise ValueError("expected a decode")
    if not problem.is_causal or problem.q_len != problem.k_len:
        raise ValueError("expected a causal problem of as many queries as keys")
    if problem.head_dim & (problem.head_dim - 1):
        raise ValueError("expected a head dimension that is a power of two")
    if options.configs:
        keep_configs(parallax_train._fwd_kernel, options.configs)  # pylint: disable=protected-access

    def launch(tensors):
        with torch.no_grad():
            return parallax_train.parallax_func(*tensors, window_size_left=problem.window or -1)

    return "bhld", launch


def decode(problem, options):
    if problem.q_len != 1 or problem.window:
        raise ValueError("expected a decode of one token without a window")
    if options.kernel == "triton":
        from parallax.triton.parallax_decode import parallax_decode

        return "blhd", lambda tensors: parallax_decode(*tensors)
    from parallax import parallax_attn_with_kvcache

    return "blhd", lambda tensors: parallax_attn_with_kvcache(*tensors)


def time(problem, options):
    layout, launch = (forward if problem.op == "forward" else decode)(problem, options)

    def tokens_first(t):
        return t.transpose(1, 2) if layout == "bhld" else t

    tensors = problem.tensors(layout)
    peer.check(problem, [tokens_first(t) for t in tensors], tokens_first(launch(tensors)))
    if options.warm_only:
        return 0

    def launches(sets):
        return [lambda t=t: launch(t) for t in [tensors, *(problem.tensors(layout) for _ in range(sets - 1))]]

    return peer.milliseconds(launches, peer.size_of([tensors[0], *tensors]), options.sample_ms)


def add_options(parser):
    parser.add_argument("--kernel", choices=("triton", "cutedsl"), default="triton")
    parser.add_argument("--configs", type=lambda text: [parse_config(word) for word in text.split(",")],
                        help="of the forward, ROWSxCOLUMNSxWARPSxSTAGES,...; without: all")
    parser.add_argument("--warm-only", action="store_true",
                        help="compile into Triton's cache and check, but don't time")


if __name__ == "__main__":
    peer.main(__doc__.splitlines()[0], add_options, time)
