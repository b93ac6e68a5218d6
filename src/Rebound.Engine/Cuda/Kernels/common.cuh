// Included by every kernel file: element types, wide loads and stores, and reductions over a block.
//
// A file is compiled once for each variant that is used:
//   ELEMENT_BF16  activations and weights are bf16 (1) or fp32 (0)
//   OTHER_BF16    the same of a second type, which a kernel names in its own comment
//   LANES         elements that a thread loads at once; rows are a multiple of it
//   PAGE_TOKENS   tokens of a page of the key and value cache
// Arithmetic is fp32 throughout.

struct bf16
{
    unsigned short bits;
};

__device__ __forceinline__ float to_float(float x)
{
    return x;
}

__device__ __forceinline__ float to_float(bf16 x)
{
    return __uint_as_float((unsigned)x.bits << 16);
}

__device__ __forceinline__ void from_float(float &to, float x)
{
    to = x;
}

// Rounds to the nearest, ties to even.
__device__ __forceinline__ void from_float(bf16 &to, float x)
{
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(x));
}

#if ELEMENT_BF16
typedef bf16 element;
#else
typedef float element;
#endif

#if OTHER_BF16
typedef bf16 other;
#else
typedef float other;
#endif

#ifndef LANES
#define LANES 1
#endif

template <class T>
struct alignas(sizeof(T) * LANES > 16 ? 16 : sizeof(T) * LANES) pack
{
    T value[LANES];
};

template <class T>
__device__ __forceinline__ void load(float (&to)[LANES], const T *from)
{
    pack<T> p = *reinterpret_cast<const pack<T> *>(from);
#pragma unroll
    for (int i = 0; i < LANES; i++)
    {
        to[i] = to_float(p.value[i]);
    }
}

template <class T>
__device__ __forceinline__ void store(T *to, const float (&from)[LANES])
{
    pack<T> p;
#pragma unroll
    for (int i = 0; i < LANES; i++)
    {
        from_float(p.value[i], from[i]);
    }

    *reinterpret_cast<pack<T> *>(to) = p;
}

template <class T>
__device__ __forceinline__ T warp_sum(T x)
{
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1)
    {
        x += __shfl_xor_sync(0xffffffffu, x, mask);
    }

    return x;
}

__device__ __forceinline__ float warp_max(float x)
{
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1)
    {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, mask));
    }

    return x;
}

// The sum over a block of whole warps, the same in every thread and in the same order each time. `shared` holds one
// value for each warp and may be used again after the call.
template <class T>
__device__ __forceinline__ T block_sum(T x, T *shared)
{
    x = warp_sum(x);
    if (threadIdx.x % 32 == 0)
    {
        shared[threadIdx.x / 32] = x;
    }

    __syncthreads();
    T sum = 0;
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++)
    {
        sum += shared[warp];
    }

    __syncthreads();
    return sum;
}

__device__ __forceinline__ float block_max(float x, float *shared)
{
    x = warp_max(x);
    if (threadIdx.x % 32 == 0)
    {
        shared[threadIdx.x / 32] = x;
    }

    __syncthreads();
    float largest = shared[0];
    for (int warp = 1; warp < (int)blockDim.x / 32; warp++)
    {
        largest = fmaxf(largest, shared[warp]);
    }

    __syncthreads();
    return largest;
}

#define NEGATIVE_INFINITY __int_as_float(0xff800000)
#define LOG2_E 1.4426950408889634f

// 2^x by the hardware's approximation, good to two units in the last place; results below 2^-126 are zero.
__device__ __forceinline__ float power_of_two(float x)
{
    float r;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
    return r;
}
