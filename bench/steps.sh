#!/usr/bin/env bash
# Training steps of Rebound, of TorchSharp (libtorch with MKL) and of PyTorch, in turns.  usage: bench/steps.sh [SHAPE…] [--rounds N]
# The first time it fetches libtorch from NuGet (120 MB). PYTHON names a Python that has torch; default /usr/bin/python3
# (Debian: python3-torch). A peer that does not run here is left out, with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in Rebound.Bench Rebound.Bench.TorchSharp; do
    dotnet build "bench/$project" -c Release -v q -nologo
done
exec bench/Rebound.Bench/bin/Release/net10.0/Rebound.Bench steps "$@" --python "${PYTHON:-/usr/bin/python3}" \
    --torchsharp bench/Rebound.Bench.TorchSharp/bin/Release/net10.0/Rebound.Bench.TorchSharp
