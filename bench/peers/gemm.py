"""Matrix products in PyTorch: the peer of `Rebound.Bench gemm`.

usage: gemm.py THREADS

Reads lines `form m n k seconds` (form NT, NN or TN, as in GemmShape.cs) and answers each with the seconds that every
run took which fitted into that time, after one to warm up. The first line that it prints is its name.
"""
import sys
import time

import torch

import blas


def product(form, m, n, k):
    c = torch.zeros(m, n)
    if form == "NT":
        a, b = torch.randn(m, k), torch.randn(n, k)
        return lambda: torch.mm(a, b.T, out=c)
    if form == "NN":
        a, b = torch.randn(m, k), torch.randn(k, n)
        return lambda: torch.mm(a, b, out=c)
    a, b = torch.randn(k, m), torch.randn(k, n)
    return lambda: c.addmm_(a.T, b)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(f"PyTorch {torch.__version__}, {blas.name()}", flush=True)
    last, run = None, None
    for line in sys.stdin:
        form, m, n, k, seconds = line.split()
        shape = (form, int(m), int(n), int(k))
        if shape != last:
            last, run = shape, product(*shape)
        run()
        times = []
        end = time.perf_counter() + float(seconds)
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        print(*times, flush=True)


if __name__ == "__main__":
    main()
