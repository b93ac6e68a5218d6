// Selections over a row of fp32 by one block: extremes, the id and the key at which a sum of weights passes a target. Weights are whole
// numbers, so that sums are exact in any order. Included after common.cuh; every function has to be called by all threads.

// Bins of one level of a selection.
#define BIN_BITS 11
#define BINS (1 << BIN_BITS)

// Loads that a thread has under way.
#define AHEAD 4

#define ABSENT 0x7fffffff

typedef unsigned long long weight;

struct scratch
{
    unsigned low[BINS], high[BINS];
    weight sums[32];
    weight before;
    float floats[32];
    int ids[32];
    int found;
    unsigned key;
};

// The largest and the smallest of a row, and the first id of the largest.
struct extremes
{
    float largest, least;
    int id;
};

// Unsigned numbers in the order of floats; both zeros are one.
__device__ __forceinline__ unsigned key_of(float x)
{
    unsigned bits = __float_as_uint(x == 0 ? 0.0f : x);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ float of_key(unsigned key)
{
    return __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

// Ids that each warp goes over: a run of whole loads.
__device__ __forceinline__ int run_length(int vocabulary)
{
    int step = blockDim.x * LANES;
    return (vocabulary + step - 1) / step * 32 * LANES;
}

// f(i, x) for each load x of the warp's run, from id i on; a thread's ids ascend.
template <class F>
__device__ __forceinline__ void visit(const float *row, int vocabulary, F f)
{
    int run = run_length(vocabulary), begin = threadIdx.x / 32 * run, end = min(vocabulary, begin + run);
    for (int i = begin + threadIdx.x % 32 * LANES; i < end; i += AHEAD * 32 * LANES)
    {
        float x[AHEAD][LANES];
#pragma unroll
        for (int a = 0; a < AHEAD; a++)
        {
            if (i + a * 32 * LANES < end)
            {
                load(x[a], row + i + a * 32 * LANES);
            }
        }

#pragma unroll
        for (int a = 0; a < AHEAD; a++)
        {
            if (i + a * 32 * LANES < end)
            {
                f(i + a * 32 * LANES, x[a]);
            }
        }
    }
}

__device__ __forceinline__ void take(extremes &e, int i, const float (&x)[LANES])
{
    float most = x[0], least = x[0];
#pragma unroll
    for (int lane = 1; lane < LANES; lane++)
    {
        most = fmaxf(most, x[lane]);
        least = fminf(least, x[lane]);
    }

    e.least = fminf(e.least, least);
    if (most > e.largest)
    {
        e.largest = most;
#pragma unroll
        for (int lane = LANES - 1; lane >= 0; lane--)
        {
            e.id = x[lane] == most ? i + lane : e.id;
        }
    }
}

// Of two threads' largest the larger one, of equal ones that of the smaller id.
__device__ __forceinline__ void join(float &largest, int &id, float other, int otherId)
{
    if (other > largest || (other == largest && otherId < id))
    {
        largest = other;
        id = otherId;
    }
}

// The same for all threads of the block, in every thread.
__device__ __forceinline__ void join_all(float &largest, int &id, scratch &s)
{
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1)
    {
        float other = __shfl_xor_sync(0xffffffffu, largest, mask);
        int otherId = __shfl_xor_sync(0xffffffffu, id, mask);
        join(largest, id, other, otherId);
    }

    if (threadIdx.x % 32 == 0)
    {
        s.floats[threadIdx.x / 32] = largest;
        s.ids[threadIdx.x / 32] = id;
    }

    __syncthreads();
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++)
    {
        join(largest, id, s.floats[warp], s.ids[warp]);
    }

    __syncthreads();
}

__device__ __forceinline__ extremes extremes_of(const float *row, int vocabulary, scratch &s)
{
    extremes e = {NEGATIVE_INFINITY, -NEGATIVE_INFINITY, ABSENT};
    visit(row, vocabulary, [&](int i, const float(&x)[LANES]) { take(e, i, x); });
    join_all(e.largest, e.id, s);
    e.least = -block_max(-e.least, s.floats);
    e.id = min(e.id, vocabulary - 1);
    return e;
}

// One that is not finite: NaN before infinity before -infinity; 0 of none.
__device__ __forceinline__ float not_finite(const float *row, int vocabulary)
{
    int nan = 0, positive = 0, negative = 0;
    visit(row, vocabulary, [&](int, const float(&x)[LANES]) {
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            nan |= x[lane] != x[lane];
            positive |= x[lane] == -NEGATIVE_INFINITY;
            negative |= x[lane] == NEGATIVE_INFINITY;
        }
    });
    nan = __syncthreads_or(nan);
    positive = __syncthreads_or(positive);
    negative = __syncthreads_or(negative);
    return nan ? __int_as_float(0x7fc00000) : positive ? -NEGATIVE_INFINITY : negative ? NEGATIVE_INFINITY : 0;
}

// The sum over the threads before this one; `total` becomes that over all.
__device__ __forceinline__ weight sum_before(weight own, weight &total, scratch &s)
{
    weight sum = own;
#pragma unroll
    for (int step = 1; step < 32; step *= 2)
    {
        weight other = __shfl_up_sync(0xffffffffu, sum, step);
        sum += (int)threadIdx.x % 32 >= step ? other : 0;
    }

    if (threadIdx.x % 32 == 31)
    {
        s.sums[threadIdx.x / 32] = sum;
    }

    __syncthreads();
    total = 0;
    sum -= own;
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++)
    {
        sum += warp < (int)threadIdx.x / 32 ? s.sums[warp] : 0;
        total += s.sums[warp];
    }

    __syncthreads();
    return sum;
}

// The smallest id at which the sum of weightOf(id, logit) over the ids up to it passes target(sum over all); `otherwise` where
// none does.
template <class W, class T>
__device__ __forceinline__ int locate(const float *row, int vocabulary, int otherwise, scratch &s, W weightOf, T targetOf)
{
    weight sum = 0, total = 0;
    visit(row, vocabulary, [&](int i, const float(&x)[LANES]) {
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            sum += weightOf(i + lane, x[lane]);
        }
    });
    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0)
    {
        s.sums[threadIdx.x / 32] = sum;
    }

    if (threadIdx.x == 0)
    {
        s.found = otherwise;
    }

    __syncthreads();
    int warps = blockDim.x / 32, warp = 0;
    for (int w = 0; w < warps; w++)
    {
        total += s.sums[w];
    }

    weight target = targetOf(total);
    for (; warp < warps - 1 && target >= s.sums[warp]; warp++)
    {
        target -= s.sums[warp];
    }

    __syncthreads();

    // All threads take that warp's run apart.
    int run = run_length(vocabulary), end = min(vocabulary, (warp + 1) * run), each = (run + blockDim.x - 1) / blockDim.x;
    int first = warp * run + threadIdx.x * each;
    end = min(end, first + each);
    weight own = 0;
    for (int i = first; i < end; i++)
    {
        own += weightOf(i, row[i]);
    }

    weight before = sum_before(own, total, s);
    if (target >= before && target - before < own)
    {
        target -= before;
        int i = first;
        for (weight w; i < end - 1 && target >= (w = weightOf(i, row[i])); i++)
        {
            target -= w;
        }

        s.found = i;
    }

    __syncthreads();
    int found = s.found;
    __syncthreads();
    return found;
}

// The smallest key at which the sum of weightOf(logit) over all of keys from `least` up to it passes target(sum over all keys up to
// `most`). The weight below the key becomes `below`. Level by level the keys in question are counted in bins.
template <class K, class W, class T>
__device__ __forceinline__ unsigned select(
    const float *row, int vocabulary, unsigned least, unsigned most, weight &below, weight &target, scratch &s, K keyOf,
    W weightOf, T targetOf)
{
    below = 0;
    for (bool first = true;; first = false)
    {
        int shift = max(0, 32 - BIN_BITS - __clz(most - least));
        for (int bin = threadIdx.x; bin < BINS; bin += blockDim.x)
        {
            s.low[bin] = s.high[bin] = 0;
        }

        if (threadIdx.x == 0)
        {
            s.found = 0;
            s.before = 0;
        }

        __syncthreads();
        visit(row, vocabulary, [&](int, const float(&x)[LANES]) {
#pragma unroll
            for (int lane = 0; lane < LANES; lane++)
            {
                unsigned key = keyOf(x[lane]);
                if (key < least || key > most)
                {
                    continue;
                }

                // A sum of 64 bits in two words, the second of which has the carries.
                weight w = weightOf(x[lane]);
                unsigned bin = (key - least) >> shift, low = (unsigned)w, high = (unsigned)(w >> 32);
                high += low != 0 && atomicAdd(&s.low[bin], low) > 0xffffffffu - low;
                if (high != 0)
                {
                    atomicAdd(&s.high[bin], high);
                }
            }
        });
        __syncthreads();

        int each = (BINS + blockDim.x - 1) / blockDim.x, begin = threadIdx.x * each, end = min(BINS, begin + each);
        weight own = 0, total;
        for (int bin = begin; bin < end; bin++)
        {
            own += (weight)s.high[bin] << 32 | s.low[bin];
        }

        weight before = sum_before(own, total, s);
        if (first)
        {
            target = targetOf(total);
        }

        weight rest = target - below;
        if (rest >= before && rest - before < own)
        {
            int bin = begin;
            for (weight w; bin < end - 1 && rest >= before + (w = (weight)s.high[bin] << 32 | s.low[bin]); bin++)
            {
                before += w;
            }

            s.found = bin;
            s.before = before;
        }

        __syncthreads();
        below += s.before;
        least += (unsigned)s.found << shift;
        __syncthreads();
        if (shift == 0)
        {
            return least;
        }

        most = max(least, min(most, least + (1u << shift) - 1));
    }
}
