#include "common.cuh"

// One AdamW step over `count` elements, in one pass. MOMENT_BF16: moments are bf16, rounded stochastically, since
// (1 - beta2) * g^2 is far below half a unit of v there and rounding to the nearest would keep v where it is.
// The elements are those of a parameter from `begin` on.
// SPLIT: the parameter is the upper half of an fp32 value whose lower half lies beside it, rounded up where the lower half and
// the element's threshold carry, as SplitFloat32.cs splits and joins: bits = (upper - carry) << 16 | lower.
#if MOMENT_BF16
typedef bf16 moment;
#else
typedef float moment;
#endif

#if SPLIT
typedef unsigned short half_word;
#endif

// A well-mixed word of a counter (the finalizer of MurmurHash3).
__device__ __forceinline__ unsigned mix(unsigned x)
{
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    return x ^ (x >> 16);
}

// The thresholds of a thread's elements. Neighbours share a word: the first of a pair takes its lower half, the second its upper.
__device__ __forceinline__ void thresholds(unsigned (&to)[LANES], unsigned key, long long index)
{
#if LANES == 1
    to[0] = mix((unsigned)(index >> 1) ^ key) >> (index % 2 * 16) & 0xffffu;
#else
#pragma unroll
    for (int lane = 0; lane < LANES; lane += 2)
    {
        unsigned word = mix(((unsigned)(index >> 1) + lane / 2) ^ key);
        to[lane] = word & 0xffffu;
        to[lane + 1] = word >> 16;
    }
#endif
}

__device__ __forceinline__ void store_moments(float *to, const float (&from)[LANES], unsigned, long long)
{
    store(to, from);
}

__device__ __forceinline__ void store_moments(bf16 *to, const float (&from)[LANES], unsigned seed, long long index)
{
    pack<bf16> p;
#pragma unroll
    for (int lane = 0; lane < LANES; lane++)
    {
        unsigned noise = mix((unsigned)(index + lane) ^ mix(seed + (unsigned)((index + lane) >> 32))) & 0xffffu;
        p.value[lane].bits = (unsigned short)((__float_as_uint(from[lane]) + noise) >> 16);
    }

    *reinterpret_cast<pack<bf16> *>(to) = p;
}

// Four blocks of 256 threads share a multiprocessor.
extern "C" __global__ void __launch_bounds__(256, 4) adamw(
    element *parameter, unsigned short *lower, const other *gradient, moment *first, moment *second, long long count,
    float keep, float rate, float correction, float beta1, float beta2, float epsilon, float gradientScale, int step,
    unsigned dither, long long begin)
{
    unsigned key = mix(dither);
    long long stride = (long long)gridDim.x * blockDim.x * LANES;
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * LANES; i < count; i += stride)
    {
        float p[LANES], g[LANES], m[LANES], v[LANES];
        load(g, gradient + i);
        load(m, first + i);
        load(v, second + i);
#if SPLIT
        pack<bf16> upper = *reinterpret_cast<const pack<bf16> *>(parameter + i);
        pack<half_word> low = *reinterpret_cast<const pack<half_word> *>(lower + i);
        unsigned rounding[LANES];
        thresholds(rounding, key, begin + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            unsigned carry = (low.value[lane] + rounding[lane]) >> 16;
            p[lane] = __uint_as_float((upper.value[lane].bits - carry) << 16 | low.value[lane]);
        }
#else
        load(p, parameter + i);
#endif
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            // Fused multiply-adds are written out, so that every variant of this kernel rounds alike.
            float scaled = g[lane] * gradientScale;
            m[lane] = fmaf(beta1, m[lane], (1.0f - beta1) * scaled);
            v[lane] = fmaf(beta2, v[lane], (1.0f - beta2) * scaled * scaled);
            p[lane] = fmaf(p[lane], keep, -(rate * m[lane] / fmaf(sqrtf(v[lane]), correction, epsilon)));
        }

        store_moments(first + i, m, 2u * step, begin + i);
        store_moments(second + i, v, 2u * step + 1u, begin + i);
#if SPLIT
        // Computed again, since registers that kept them would cost the occupancy that hides loads.
        unsigned again = key;
        asm volatile("" : "+r"(again));
        thresholds(rounding, again, begin + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            unsigned bits = __float_as_uint(p[lane]);
            upper.value[lane].bits = (unsigned short)((bits + rounding[lane]) >> 16);
            low.value[lane] = (unsigned short)bits;
        }

        *reinterpret_cast<pack<bf16> *>(parameter + i) = upper;
        *reinterpret_cast<pack<half_word> *>(lower + i) = low;
#else
        store(parameter + i, p);
#endif
    }
}
