#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"

// A rotation of LANES elements i and as many half a head on: (a, b) = (a * cos - b * sin, b * cos + a * sin).
__device__ __forceinline__ void rotate(
    float (&x)[LANES], float (&y)[LANES], const element *first, const element *second, const float *cosines, const float *sines, float sign)
{
    float a[LANES], b[LANES], cosine[LANES], sine[LANES];
    load(a, first);
    load(b, second);
    load(cosine, cosines);
    load(sine, sines);
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        float s = sign * sine[lane];
        x[lane] = a[lane] * cosine[lane] - b[lane] * s;
        y[lane] = b[lane] * cosine[lane] + a[lane] * s;
    }
}

// Rotates the first `rotated` heads of every token in place; sign -1 rotates back. A block a token.
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
        float x[LANES], y[LANES];
        rotate(x, y, first, first + half, cosines + angles + i, sines + angles + i, sign);
        store(first, x);
        store(first + half, y);
    }
}

// Rotates the query and key heads of every token in place, and copies its keys, rotated, and values to slot
// slots[t] = page * PAGE_TOKENS + place: a block a token. Pages are [pages, keyValueHeads, PAGE_TOKENS, headDim].
extern "C" __global__ void rotary_append(
    element *heads, element *keyPages, element *valuePages, const float *cosines, const float *sines, const int *positions,
    const int *slots, int queryHeads, int keyValueHeads, int headDim)
{
    int half = headDim / 2, packs = half / LANES, fused = queryHeads + 2 * keyValueHeads;
    int page = slots[blockIdx.x] / PAGE_TOKENS, place = slots[blockIdx.x] % PAGE_TOKENS;
    long long angles = (long long)positions[blockIdx.x] * half;

    // What is read so far was uploaded before a step's first kernel; the heads come from the kernel before this one.
    wait_for_launches();
    element *token = heads + (long long)blockIdx.x * fused * headDim;
    for (int item = threadIdx.x; item < fused * packs; item += blockDim.x)
    {
        int head = item / packs, i = item % packs * LANES;
        element *first = token + (long long)head * headDim + i;
        float x[LANES], y[LANES];
        if (head < queryHeads + keyValueHeads)
        {
            rotate(x, y, first, first + half, cosines + angles + i, sines + angles + i, 1);
            store(first, x);
            store(first + half, y);
        }
        else
        {
            load(x, first);
            load(y, first + half);
        }

        if (head >= queryHeads)
        {
            bool isKey = head < queryHeads + keyValueHeads;
            int kept = head - queryHeads - (isKey ? 0 : keyValueHeads);
            element *to = (isKey ? keyPages : valuePages) + (((long long)page * keyValueHeads + kept) * PAGE_TOKENS + place) * headDim + i;
            store(to, x);
            store(to + half, y);
        }
    }
}
