// What attention of decoding is made of: the shares of lanes, the running softmax of a warp and the joining of parts. After mma.cuh and
// streaming.cuh.

#define UNIT (16 / (int)sizeof(element))
#define KEY_UNITS (HEAD_DIM / UNIT)
#define KEY_LANES (KEY_UNITS > 16 ? 32 : KEY_UNITS > 8 ? 16 : KEY_UNITS > 4 ? 8 : KEY_UNITS > 2 ? 4 : KEY_UNITS > 1 ? 2 : 1)
#define LOAD_KEYS (32 / KEY_LANES)
#define CHUNK_KEYS (GROUP > 2 ? 8 : 16)
#define LOADS (LOAD_KEYS > CHUNK_KEYS / 2 ? 1 : LOAD_KEYS > 1 ? CHUNK_KEYS / LOAD_KEYS : CHUNK_KEYS / 2)
#define CHUNK (LOAD_KEYS * LOADS)

// A part, of a query and some of its keys: the largest score, the sum of weights relative to it, and from VALUES on the sum of values
// weighted by them.
#define VALUES 4
#define PART (VALUES + HEAD_DIM)
#define PARTS_AT_ONCE 64
#define EARLY_PARTS 4

#define THREADS (32 * WARPS)
#define OWN_QUADS ((GROUP * HEAD_DIM / 4 + THREADS - 1) / THREADS)

// A unit holds UNIT elements; bf16 stays packed, two in a word.
__device__ __forceinline__ void unpack(float (&to)[UNIT], const unit &from)
{
#pragma unroll
    for (int i = 0; i < 4; i++)
    {
#if ELEMENT_BF16
        to[2 * i] = __uint_as_float(from.at[i] << 16);
        to[2 * i + 1] = __uint_as_float(from.at[i] & 0xffff0000u);
#else
        to[i] = __uint_as_float(from.at[i]);
#endif
    }
}

#if ROTATES
// The cosines or sines of a lane's share of a head, of one position.
__device__ __forceinline__ void load_angles(float (&to)[UNIT], const float *angles, int column)
{
    const float *from = angles + (column < HEAD_DIM / 2 ? column : column - HEAD_DIM / 2);
#pragma unroll
    for (int e = 0; e < UNIT; e += 4)
    {
        float4 x = *reinterpret_cast<const float4 *>(from + e);
        to[e] = x.x;
        to[e + 1] = x.y;
        to[e + 2] = x.z;
        to[e + 3] = x.w;
    }
}

// A lane's share of a head, rotated and rounded as rotary.cu does it.
__device__ __forceinline__ unit rotated(const element *head, int column, const float (&cosines)[UNIT], const float (&sines)[UNIT])
{
    const int half = HEAD_DIM / 2;
    float own[UNIT], other[UNIT], x[UNIT];
    unpack(own, *reinterpret_cast<const unit *>(head + column));
    unpack(other, *reinterpret_cast<const unit *>(head + (column < half ? column + half : column - half)));
#pragma unroll
    for (int e = 0; e < UNIT; e++)
    {
        x[e] = column < half ? own[e] * cosines[e] - other[e] * sines[e] : own[e] * cosines[e] + other[e] * sines[e];
    }

    unit r;
#pragma unroll
    for (int word = 0; word < 4; word++)
    {
#if ELEMENT_BF16
        r.at[word] = pair(x[2 * word], x[2 * word + 1]);
#else
        r.at[word] = __float_as_uint(x[word]);
#endif
    }

    return r;
}
#endif

// The sum over the lanes that share a key.
__device__ __forceinline__ float key_sum(float x)
{
#pragma unroll
    for (int mask = KEY_LANES / 2; mask > 0; mask >>= 1)
    {
        x += __shfl_xor_sync(0xffffffffu, x, mask);
    }

    return x;
}

// The sum over the lanes that hold the same elements of different keys.
__device__ __forceinline__ float sum_of_keys(float x)
{
#pragma unroll
    for (int mask = KEY_LANES; mask < 32; mask <<= 1)
    {
        x += __shfl_xor_sync(0xffffffffu, x, mask);
    }

    return x;
}

// The running softmax of the block's queries in one warp, in powers of two: the largest score is the warp's, the sums are of the
// keys and the elements that a lane holds.
struct softmax
{
    float largest[GROUP], total[GROUP], sum[GROUP][UNIT];

    __device__ __forceinline__ void clear()
    {
#pragma unroll
        for (int g = 0; g < GROUP; g++)
        {
            largest[g] = NEGATIVE_INFINITY;
            total[g] = 0;
#pragma unroll
            for (int e = 0; e < UNIT; e++)
            {
                sum[g][e] = 0;
            }
        }
    }

    // Adds a chunk of keys, of which at least one has a finite score.
    __device__ __forceinline__ void add(float (&scores)[GROUP][LOADS], const unit (&values)[LOADS])
    {
#pragma unroll
        for (int g = 0; g < GROUP; g++)
        {
            float most = scores[g][0];
#pragma unroll
            for (int i = 1; i < LOADS; i++)
            {
                most = fmaxf(most, scores[g][i]);
            }

#pragma unroll
            for (int mask = KEY_LANES; mask < 32; mask <<= 1)
            {
                most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, mask));
            }

            most = fmaxf(most, largest[g]);
            float keep = power_of_two(largest[g] - most);
            largest[g] = most;
            total[g] *= keep;
#pragma unroll
            for (int e = 0; e < UNIT; e++)
            {
                sum[g][e] *= keep;
            }

#pragma unroll
            for (int i = 0; i < LOADS; i++)
            {
                scores[g][i] = power_of_two(scores[g][i] - most);
                total[g] += scores[g][i];
            }
        }

#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            float v[UNIT];
            unpack(v, values[i]);
#pragma unroll
            for (int g = 0; g < GROUP; g++)
            {
#pragma unroll
                for (int e = 0; e < UNIT; e++)
                {
                    sum[g][e] += scores[g][i] * v[e];
                }
            }
        }
    }
};

// Joins the parts of GROUP queries, which lie `stride` floats apart, in their order, and writes them out by all threads. The first
// parts' values are on their way while their weights are computed.
__device__ __forceinline__ void join(element *output, const float *parts, int count, long long stride, int queries)
{
    __shared__ float weights[GROUP][PARTS_AT_ONCE];
    __shared__ float totals[GROUP][2];
    float4 early[OWN_QUADS][EARLY_PARTS];
    float sums[OWN_QUADS][4] = {};
    const float *values[OWN_QUADS];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int q = 0; q < OWN_QUADS; q++)
    {
        int i = (q * THREADS + threadIdx.x) * 4;
        values[q] = i < queries * HEAD_DIM ? parts + i / HEAD_DIM * PART + VALUES + i % HEAD_DIM : parts;
#pragma unroll
        for (int s = 0; s < EARLY_PARTS; s++)
        {
            early[q][s] = *reinterpret_cast<const float4 *>(values[q] + min(s, count - 1) * stride);
        }
    }

    for (int g = warp; g < GROUP; g += WARPS)
    {
        float most = NEGATIVE_INFINITY, total = 0;
        for (int s = lane; s < count; s += 32)
        {
            float largest = parts[s * stride + g * PART], sum = parts[s * stride + g * PART + 1], before = most;
            most = fmaxf(most, largest);
            total = most > NEGATIVE_INFINITY ? total * power_of_two(before - most) + sum * power_of_two(largest - most) : 0;
        }

        float all = warp_max(most);
        total = warp_sum(most > NEGATIVE_INFINITY ? total * power_of_two(most - all) : 0);
        for (int s = lane; s < min(count, PARTS_AT_ONCE); s += 32)
        {
            weights[g][s] = power_of_two(parts[s * stride + g * PART] - all) / total;
        }

        if (lane == 0)
        {
            totals[g][0] = all;
            totals[g][1] = total;
        }
    }

    __syncthreads();
    for (int first = 0; first < count; first += PARTS_AT_ONCE)
    {
        int some = min(PARTS_AT_ONCE, count - first);
        if (first > 0)
        {
            __syncthreads();
            for (int i = threadIdx.x; i < GROUP * some; i += THREADS)
            {
                int g = i / some, s = i % some;
                weights[g][s] = power_of_two(parts[(first + s) * stride + g * PART] - totals[g][0]) / totals[g][1];
            }

            __syncthreads();
        }

#pragma unroll
        for (int q = 0; q < OWN_QUADS; q++)
        {
            const float *own = weights[min((q * THREADS + (int)threadIdx.x) * 4 / HEAD_DIM, GROUP - 1)];
            auto add = [&](const float4 &value, float weight) {
                sums[q][0] += weight * value.x;
                sums[q][1] += weight * value.y;
                sums[q][2] += weight * value.z;
                sums[q][3] += weight * value.w;
            };
            int s = 0;
            if (first == 0)
            {
#pragma unroll
                for (int e = 0; e < EARLY_PARTS; e++)
                {
                    if (e < some)
                    {
                        add(early[q][e], own[e]);
                    }
                }

                s = EARLY_PARTS;
            }

#pragma unroll 8
            for (; s < some; s++)
            {
                add(*reinterpret_cast<const float4 *>(values[q] + (first + s) * stride), own[s]);
            }
        }
    }

#pragma unroll
    for (int q = 0; q < OWN_QUADS; q++)
    {
        int i = (q * THREADS + threadIdx.x) * 4;
        if (i < queries * HEAD_DIM)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
            {
                from_float(output[i + e], sums[q][e]);
            }
        }
    }
}
