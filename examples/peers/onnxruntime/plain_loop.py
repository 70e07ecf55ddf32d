#!/usr/bin/env python3
"""The same decoder in ONNX Runtime without smbench: a plain loop over a file that the peer left behind.

    smbench check target/peers/libsmbench_peer_onnxruntime.so --case model_small/decode/10+24/f32 \\
        --trust libsmbench_peer_onnxruntime.so --backend-option keep=/tmp/small.onnx
    pip install onnxruntime==1.32.0 numpy
    python3 plain_loop.py /tmp/small.onnx 10 24

Prints tokens/s of 24 steps behind a prompt of 10, the median of many calls: what the case decode/10+24 measures.
"""

import statistics
import sys
import time

import numpy as np
import onnxruntime as ort


def main(path, prompt, tokens, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"])
    sizes = {entry.name: entry.shape for entry in session.get_inputs()}
    # Keys and values are appended where they lie, as in the peer.
    past = {name: room(shape, prompt + tokens) for name, shape in sizes.items() if name.startswith("past.")}
    binding = session.io_binding()
    for name, values in past.items():
        binding.bind_ortvalue_input(name, values)
        binding.bind_ortvalue_output(name.replace("past", "present"), values)
    binding.bind_output("logits", "cpu")

    def step(ids, first):
        new = len(ids)
        total = first + new
        feed = {"ids": ids, "positions": range(first, total), "last": [total - 1], "rows": [new - 1]}
        for name, values in feed.items():
            binding.bind_cpu_input(name, np.array(list(values), np.int32))
        binding.bind_cpu_input("total", np.array(total, np.int32))
        session.run_with_iobinding(binding)

    step(list(range(prompt)), 0)
    rates = []
    end = time.perf_counter() + 5
    while time.perf_counter() < end:
        start = time.perf_counter()
        for token in range(tokens):
            step([token], prompt + token)
        rates.append(tokens / (time.perf_counter() - start))
    print(f"{statistics.median(rates):.0f} tokens/s, {threads} threads, {len(rates)} calls")


def room(shape, positions):
    batch, heads, _, size = shape
    return ort.OrtValue.ortvalue_from_numpy(np.zeros((batch, heads, positions, size), np.float32))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1)
