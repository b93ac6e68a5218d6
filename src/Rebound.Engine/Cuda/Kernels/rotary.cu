#include "common.cuh"

// Rotates the first `rotated` heads of every token in place: (a, b) = (a * cos - b * sin, b * cos + a * sin) for the
// elements i and i + headDim / 2; sign -1 rotates back. A block a token.
extern "C" __global__ void rotary(
    element *heads, const float *cosines, const float *sines, const int *positions, int rotated, int fused, int headDim,
    float sign)
{
    int half = headDim / 2;
    int packs = half / LANES;
    long long angles = (long long)positions[blockIdx.x] * half;
    element *token = heads + (long long)blockIdx.x * fused * headDim;
    for (int item = threadIdx.x; item < rotated * packs; item += blockDim.x)
    {
        int i = item % packs * LANES;
        element *first = token + (long long)(item / packs) * headDim + i;
        element *second = first + half;
        float a[LANES], b[LANES], cosine[LANES], sine[LANES], x[LANES], y[LANES];
        load(a, first);
        load(b, second);
        load(cosine, cosines + angles + i);
        load(sine, sines + angles + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            float s = sign * sine[lane];
            x[lane] = a[lane] * cosine[lane] - b[lane] * s;
            y[lane] = b[lane] * cosine[lane] + a[lane] * s;
        }

        store(first, x);
        store(second, y);
    }
}
