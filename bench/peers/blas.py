"""The BLAS that PyTorch multiplies with, and how fast it is.

usage: blas.py THREADS      Prints one JSON line. OPENBLAS_CORETYPE chooses one of OpenBLAS's kernels.
"""
import ctypes
import json
import sys
import time

import torch

SIZE, SECONDS = 1024, 0.7


def name():
    """The library, and of OpenBLAS the kernels that it took: it must be loaded, as it is after `import torch`."""
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "blas" in line})
    for file in files:
        library = ctypes.CDLL(file)
        if hasattr(library, "openblas_get_corename"):
            library.openblas_get_config.restype = library.openblas_get_corename.restype = ctypes.c_char_p
            version = " ".join(library.openblas_get_config().decode().split()[:2])
            return f"{version} {library.openblas_get_corename().decode()}"
    return "MKL" if torch.backends.mkl.is_available() else ", ".join(files) or "no BLAS that is known"


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    a, b = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE)
    exact = a.double() @ b.double()
    error = ((a @ b - exact).abs().max() / exact.abs().max()).item()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"kernel": name(), "gflops": 2e-9 * SIZE**3 / best, "error": error}))


if __name__ == "__main__":
    main()
