#include "common.cuh"
#include "gate.cuh"

// output = silu(gate) * up; gateUp is [T, 2 * width]. Block x is a row, block y a part of its columns.
extern "C" __global__ void swiglu_forward(element *output, const element *gateUp, int width)
{
    int c = (blockIdx.y * blockDim.x + threadIdx.x) * LANES;
    if (c >= width)
    {
        return;
    }

    const element *row = gateUp + (long long)blockIdx.x * 2 * width;
    float gate[LANES], up[LANES];
    load(gate, row + c);
    load(up, row + width + c);
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        up[lane] = gated(gate[lane], sigmoid(gate[lane]), up[lane]);
    }

    store(output + (long long)blockIdx.x * width + c, up);
}

// Of y = g * s * u with s = sigmoid(g):  dg = dy * u * s * (1 + g * (1 - s)),  du = dy * g * s. dGateUp may be gateUp.
// With `output`, which may be dOutput, y is written again.
extern "C" __global__ void swiglu_backward(
    element *dGateUp, element *output, const element *dOutput, const element *gateUp, int width)
{
    int c = (blockIdx.y * blockDim.x + threadIdx.x) * LANES;
    if (c >= width)
    {
        return;
    }

    long long at = (long long)blockIdx.x * 2 * width + c, of = (long long)blockIdx.x * width + c;
    float gate[LANES], up[LANES], d[LANES];
    load(gate, gateUp + at);
    load(up, gateUp + at + width);
    load(d, dOutput + of);
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        float g = gate[lane], u = up[lane], dy = d[lane], s = sigmoid(g);
        gate[lane] = dy * u * (s * (1.0f + g * (1.0f - s)));
        up[lane] = dy * (g * s);
        d[lane] = gated(g, s, u);
    }

    store(dGateUp + at, gate);
    store(dGateUp + at + width, up);
    if (output)
    {
        store(output + of, d);
    }
}
