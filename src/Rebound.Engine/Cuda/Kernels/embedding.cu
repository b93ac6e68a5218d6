#include "common.cuh"

// dWeight[token] += the sum of dOutput's rows with that token, in the order of the rows. Block x is one token of those
// that occur: `rows[starts[x]]` to `rows[starts[x + 1] - 1]` are its rows, sorted by the host; block y is a part of the
// columns. `other` is dWeight's type.
extern "C" __global__ void embedding_backward(
    other *dWeight, const element *dOutput, const int *tokens, const int *starts, const int *rows, int width)
{
    int c = (blockIdx.y * blockDim.x + threadIdx.x) * LANES;
    if (c >= width)
    {
        return;
    }

    float sum[LANES] = {};
    int end = starts[blockIdx.x + 1];
#pragma unroll 4
    for (int i = starts[blockIdx.x]; i < end; i++)
    {
        float row[LANES];
        load(row, dOutput + (long long)rows[i] * width + c);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            sum[lane] += row[lane];
        }
    }

    other *into = dWeight + (long long)tokens[blockIdx.x] * width + c;
    float before[LANES];
    load(before, into);
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        sum[lane] += before[lane];
    }

    store(into, sum);
}
