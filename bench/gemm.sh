#!/usr/bin/env bash
# Matrix products of Rebound and of PyTorch, shape by shape in turns.  usage: bench/gemm.sh [--threads N] [--few-rows]
# PYTHON names a Python that has torch; default /usr/bin/python3 (Debian: python3-torch).
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Rebound.Bench -c Release -v q -nologo
exec bench/Rebound.Bench/bin/Release/net10.0/Rebound.Bench gemm "$@" --peer "${PYTHON:-/usr/bin/python3}" bench/peers/gemm.py
