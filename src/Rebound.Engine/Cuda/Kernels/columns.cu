#include "common.cuh"

// `width` columns of each row *= factor: a block a row, rows `stride` elements apart.
extern "C" __global__ void scale_columns(element *columns, int stride, int width, float factor)
{
    element *row = columns + (long long)blockIdx.x * stride;
    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        float x[LANES];
        load(x, row + c);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            x[lane] *= factor;
        }

        store(row + c, x);
    }
}

// output = input * keep * factor, or += the same: a block a row. The mask is DropoutMask's: a key of the row by
// SplitMix64, and columns hashed with it by lowbias32.
extern "C" __global__ void dropout(
    element *output, const element *input, int width, unsigned long long seed, unsigned threshold, float factor,
    int accumulate)
{
    unsigned long long z = seed + 0x9E3779B97F4A7C15ull * (blockIdx.x + 1ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    unsigned key = (unsigned)((z ^ (z >> 31)) >> 32);
    long long first = (long long)blockIdx.x * width;
    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        float x[LANES], y[LANES] = {};
        load(x, input + first + c);
        if (accumulate)
        {
            load(y, output + first + c);
        }

#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            unsigned hash = key + (unsigned)(c + lane) * 0x9E3779B9u;
            hash = (hash ^ (hash >> 16)) * 0x7FEB352Du;
            hash = (hash ^ (hash >> 15)) * 0x846CA68Bu;
            y[lane] += (hash ^ (hash >> 16)) >= threshold ? x[lane] * factor : 0.0f;
        }

        store(output + first + c, y);
    }
}
