#include "common.cuh"

// A group of blockDim.x threads, whole warps, holds a row in registers, so that every byte is read once; a block has
// blockDim.y groups. A thread holds so many loads of each tensor, or LONG times as many where a row is too long for that.
#define LOADS (LANES > 1 ? 4 : 8)
#define LONG 4

// The most threads of a block.
#define THREADS 512
#define WARPS (THREADS / 32)

// The values of one load. bf16 stays packed, two in a word: unpacked rows would not fit.
#if ELEMENT_BF16 && LANES == 1
struct held
{
    unsigned short word[1];
};
#else
struct alignas(LANES > 1 ? 16 : 4) held
{
    unsigned word[LANES > 1 ? 4 : 1];
};
#endif

__device__ __forceinline__ unsigned column(int chunk)
{
    return (chunk * blockDim.x + threadIdx.x) * LANES;
}

__device__ __forceinline__ held load_held(const element *from)
{
    return *reinterpret_cast<const held *>(from);
}

__device__ __forceinline__ void store_held(element *to, const held &from)
{
    *reinterpret_cast<held *>(to) = from;
}

__device__ __forceinline__ void unpack(float (&to)[LANES], const held &from)
{
#if ELEMENT_BF16 && LANES > 1
#pragma unroll
    for (int i = 0; i < LANES / 2; i++)
    {
        to[2 * i] = __uint_as_float(from.word[i] << 16);
        to[2 * i + 1] = __uint_as_float(from.word[i] & 0xffff0000u);
    }
#elif ELEMENT_BF16
    to[0] = __uint_as_float((unsigned)from.word[0] << 16);
#else
#pragma unroll
    for (int i = 0; i < LANES; i++)
    {
        to[i] = __uint_as_float(from.word[i]);
    }
#endif
}

// Rounds to the nearest, ties to even.
__device__ __forceinline__ void repack(held &to, const float (&from)[LANES])
{
#if ELEMENT_BF16 && LANES > 1
#pragma unroll
    for (int i = 0; i < LANES / 2; i++)
    {
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(to.word[i]) : "f"(from[2 * i + 1]), "f"(from[2 * i]));
    }
#elif ELEMENT_BF16
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.word[0]) : "f"(from[0]));
#else
#pragma unroll
    for (int i = 0; i < LANES; i++)
    {
        to.word[i] = __float_as_uint(from[i]);
    }
#endif
}

// Makes the compiler unpack again what it has unpacked before.
__device__ __forceinline__ void stay_packed(held &value)
{
#if ELEMENT_BF16 && LANES > 1
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
        asm volatile("" : "+r"(value.word[i]));
    }
#endif
}

// An element times r and its weight, written once so that both directions round alike.
__device__ __forceinline__ float scaled(float x, float r, float w)
{
    return __fmul_rn(x, __fmul_rn(r, w));
}

// The sum over a group, the same in every thread and in the same order each time. `shared` holds one value for each warp of
// the block; a call between two others must not share it with them.
__device__ __forceinline__ float group_sum(float x, float *shared)
{
    x = warp_sum(x);
    if (blockDim.x == 32)
    {
        return x;
    }

    int warps = blockDim.x / 32;
    shared += threadIdx.y * warps;
    if (threadIdx.x % 32 == 0)
    {
        shared[threadIdx.x / 32] = x;
    }

    asm volatile("bar.sync %0, %1;" ::"r"(threadIdx.y + 1), "r"(blockDim.x) : "memory");
    float sum = 0;
    for (int warp = 0; warp < warps; warp++)
    {
        sum += shared[warp];
    }

    return sum;
}

// output = input * r * weight, r = 1 / sqrt(mean(input^2) + epsilon): a group a row.
template <int CHUNKS>
__device__ __forceinline__ void forward(
    element *output, float *reciprocalRms, const element *input, const element *weight, int rows, unsigned width, float epsilon)
{
    __shared__ float shared[WARPS];
    int row = blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= rows)
    {
        return;
    }

    input += (long long)row * width;
    output += (long long)row * width;
    held x[CHUNKS], w[CHUNKS];
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        unsigned c = column(chunk);
        if (c < width)
        {
            x[chunk] = load_held(input + c);
            w[chunk] = load_held(weight + c);
        }
    }

    float squares = 0;
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        if (column(chunk) < width)
        {
            float values[LANES];
            unpack(values, x[chunk]);
#pragma unroll
            for (int i = 0; i < LANES; i++)
            {
                squares += values[i] * values[i];
            }
        }
    }

    float r = 1.0f / sqrtf(group_sum(squares, shared) / width + epsilon);
    if (threadIdx.x == 0)
    {
        reciprocalRms[row] = r;
    }

#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        unsigned c = column(chunk);
        if (c < width)
        {
            float values[LANES], weights[LANES];
            stay_packed(x[chunk]);
            unpack(values, x[chunk]);
            unpack(weights, w[chunk]);
#pragma unroll
            for (int i = 0; i < LANES; i++)
            {
                values[i] = scaled(values[i], r, weights[i]);
            }

            repack(x[chunk], values);
            store_held(output + c, x[chunk]);
        }
    }
}

// Of y = x * r * w:  dx += r * w * dy - x * r^3 / width * sum(dy * w * x)  and  dw = sum over rows of dy * x * r.
// The groups of all blocks take rows in turns. With dWeightParts a block writes the sum of its rows' dw to
// dWeightParts[blockIdx.x]: a thread sums its columns in registers, and at the end the groups add theirs up one after the
// other, in `sums` where there are several: the last one, which may have had a row less, begins. With `output`, which may be
// dOutput, y is written again.
template <int CHUNKS>
__device__ __forceinline__ void backward(
    element *dInput, float *dWeightParts, element *output, const element *dOutput, const element *input,
    const element *weight, const float *reciprocalRms, int rows, unsigned width)
{
    __shared__ float shared[2][WARPS];
    extern __shared__ float4 sums[];
    held w[CHUNKS];
    float dWeight[CHUNKS][LANES] = {};
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        unsigned c = column(chunk);
        if (c < width)
        {
            w[chunk] = load_held(weight + c);
        }
    }

    int parity = 0;
    for (int row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        long long start = (long long)row * width;
        held x[CHUNKS], dy[CHUNKS], dx[CHUNKS];
        float r = reciprocalRms[row];
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            unsigned c = column(chunk);
            if (c < width)
            {
                x[chunk] = load_held(input + start + c);
                dy[chunk] = load_held(dOutput + start + c);
                dx[chunk] = load_held(dInput + start + c);
            }
        }

        float sum = 0;
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            if (column(chunk) < width)
            {
                float a[LANES], b[LANES], weights[LANES];
                stay_packed(w[chunk]);
                unpack(a, x[chunk]);
                unpack(b, dy[chunk]);
                unpack(weights, w[chunk]);
#pragma unroll
                for (int i = 0; i < LANES; i++)
                {
                    sum += a[i] * b[i] * weights[i];
                }
            }
        }

        float scale = r * r * r / width * group_sum(sum, shared[parity]);
        parity ^= 1;
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            unsigned c = column(chunk);
            if (c < width)
            {
                float a[LANES], b[LANES], d[LANES], weights[LANES];
                stay_packed(x[chunk]);
                stay_packed(dy[chunk]);
                stay_packed(w[chunk]);
                unpack(a, x[chunk]);
                unpack(b, dy[chunk]);
                unpack(d, dx[chunk]);
                unpack(weights, w[chunk]);
#pragma unroll
                for (int i = 0; i < LANES; i++)
                {
                    d[i] += r * weights[i] * b[i] - a[i] * scale;
                    dWeight[chunk][i] += b[i] * a[i] * r;
                    a[i] = scaled(a[i], r, weights[i]);
                }

                repack(dx[chunk], d);
                store_held(dInput + start + c, dx[chunk]);
                if (output)
                {
                    repack(dy[chunk], a);
                    store_held(output + start + c, dy[chunk]);
                }
            }
        }
    }

    if (!dWeightParts)
    {
        return;
    }

    float *between = reinterpret_cast<float *>(sums), *part = dWeightParts + (long long)blockIdx.x * width;
    int turns = blockDim.y, own = turns - 1 - threadIdx.y;
    for (int turn = 0; turn < turns; turn++)
    {
        if (turn == own)
        {
#pragma unroll
            for (int chunk = 0; chunk < CHUNKS; chunk++)
            {
                unsigned c = column(chunk);
                if (c < width)
                {
                    if (turn > 0)
                    {
                        float before[LANES];
                        load(before, between + c);
#pragma unroll
                        for (int i = 0; i < LANES; i++)
                        {
                            dWeight[chunk][i] += before[i];
                        }
                    }

                    store((turn == turns - 1 ? part : between) + c, dWeight[chunk]);
                }
            }
        }

        __syncthreads();
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_forward(
    element *output, float *reciprocalRms, const element *input, const element *weight, int rows, unsigned width, float epsilon)
{
    forward<LOADS>(output, reciprocalRms, input, weight, rows, width, epsilon);
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_forward_long(
    element *output, float *reciprocalRms, const element *input, const element *weight, int rows, unsigned width, float epsilon)
{
    forward<LOADS * LONG>(output, reciprocalRms, input, weight, rows, width, epsilon);
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_backward(
    element *dInput, float *dWeightParts, element *output, const element *dOutput, const element *input,
    const element *weight, const float *reciprocalRms, int rows, unsigned width)
{
    backward<LOADS>(dInput, dWeightParts, output, dOutput, input, weight, reciprocalRms, rows, width);
}

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm_backward_long(
    element *dInput, float *dWeightParts, element *output, const element *dOutput, const element *input,
    const element *weight, const float *reciprocalRms, int rows, unsigned width)
{
    backward<LOADS * LONG>(dInput, dWeightParts, output, dOutput, input, weight, reciprocalRms, rows, width);
}
