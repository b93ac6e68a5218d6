#include "common.cuh"

__device__ __forceinline__ float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

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
        up[lane] *= gate[lane] * sigmoid(gate[lane]);
    }

    store(output + (long long)blockIdx.x * width + c, up);
}

// Of y = g * s * u with s = sigmoid(g):  dg = dy * u * s * (1 + g * (1 - s)),  du = dy * g * s. dGateUp may be gateUp.
extern "C" __global__ void swiglu_backward(element *dGateUp, const element *dOutput, const element *gateUp, int width)
{
    int c = (blockIdx.y * blockDim.x + threadIdx.x) * LANES;
    if (c >= width)
    {
        return;
    }

    long long at = (long long)blockIdx.x * 2 * width + c;
    float gate[LANES], up[LANES], d[LANES];
    load(gate, gateUp + at);
    load(up, gateUp + at + width);
    load(d, dOutput + (long long)blockIdx.x * width + c);
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        float s = sigmoid(gate[lane]), g = gate[lane];
        gate[lane] = d[lane] * up[lane] * (s * (1.0f + g * (1.0f - s)));
        up[lane] = d[lane] * (g * s);
    }

    store(dGateUp + at, gate);
    store(dGateUp + at + width, up);
}
