#include "common.cuh"
#include "heads.cuh"

// Copies the key and value heads of a token to slot slots[t] = page * PAGE_TOKENS + place: a block a token.
// Pages are [pages, keyValueHeads, PAGE_TOKENS, headDim].
extern "C" __global__ void cache_append(
    element *keyPages, element *valuePages, const element *fused, const int *slots, int queryHeads, int keyValueHeads,
    int headDim)
{
    int page = slots[blockIdx.x] / PAGE_TOKENS, place = slots[blockIdx.x] % PAGE_TOKENS;
    const element *keys = fused + ((long long)blockIdx.x * (queryHeads + 2 * keyValueHeads) + queryHeads) * headDim;
    const element *values = keys + (long long)keyValueHeads * headDim;
    int packs = headDim / LANES;
    for (int item = threadIdx.x; item < keyValueHeads * packs; item += blockDim.x)
    {
        int head = item / packs, d = item % packs * LANES;
        long long to = (((long long)page * keyValueHeads + head) * PAGE_TOKENS + place) * headDim + d;
        long long from = (long long)head * headDim + d;
        *reinterpret_cast<pack<element> *>(keyPages + to) = *reinterpret_cast<const pack<element> *>(keys + from);
        *reinterpret_cast<pack<element> *>(valuePages + to) = *reinterpret_cast<const pack<element> *>(values + from);
    }
}

// One split of one query: tasks[x] = { row of the query, first key, key after the last, start of the sequence's pages in
// `pages` }; block y is a head, its warps share the split's keys. Writes to parts[task, head], which is [2 + HEAD_DIM]:
// the largest score, the sum of exponentials relative to it, and the sum of values weighted by them.
#define WARPS 4

extern "C" __global__ void __launch_bounds__(32 * WARPS) cached_attention_split(
    float *parts, const element *fused, const element *keyPages, const element *valuePages, const int4 *tasks,
    const int *pages, int queryHeads, int keyValueHeads, float scale)
{
    __shared__ float shared[WARPS][2 + 32 * DIM_LANES];
    int4 task = tasks[blockIdx.x];
    int head = blockIdx.y, keyHead = head / (queryHeads / keyValueHeads);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float query[DIM_LANES], sum[DIM_LANES] = {};
    load_lane(query, fused + ((long long)task.x * (queryHeads + 2 * keyValueHeads) + head) * HEAD_DIM);

    float largest = NEGATIVE_INFINITY, total = 0;
#pragma unroll 4
    for (int key = task.y + warp; key < task.z; key += WARPS)
    {
        long long page = pages[task.w + key / PAGE_TOKENS];
        long long at = ((page * keyValueHeads + keyHead) * PAGE_TOKENS + key % PAGE_TOKENS) * HEAD_DIM;
        float k[DIM_LANES], v[DIM_LANES];
        load_lane(k, keyPages + at);
        load_lane(v, valuePages + at);
        float score = 0;
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            score += query[i] * k[i];
        }

        score = warp_sum(score) * scale;
        float most = fmaxf(largest, score);
        float keep = expf(largest - most), p = expf(score - most);
        total = total * keep + p;
        largest = most;
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            sum[i] = sum[i] * keep + v[i] * p;
        }
    }

    if (lane == 0)
    {
        shared[warp][0] = largest;
        shared[warp][1] = total;
    }

#pragma unroll
    for (int i = 0; i < DIM_LANES; i++)
    {
        shared[warp][2 + lane * DIM_LANES + i] = sum[i];
    }

    __syncthreads();
    float most = shared[0][0];
    for (int w = 1; w < WARPS; w++)
    {
        most = fmaxf(most, shared[w][0]);
    }

    float *part = parts + ((long long)blockIdx.x * queryHeads + head) * (2 + HEAD_DIM);
    for (int i = threadIdx.x; i < 1 + HEAD_DIM; i += blockDim.x)
    {
        float all = 0;
        for (int w = 0; w < WARPS; w++)
        {
            all += expf(shared[w][0] - most) * shared[w][1 + i];
        }

        part[1 + i] = all;
    }

    if (threadIdx.x == 0)
    {
        part[0] = most;
    }
}

// Puts the splits of a query together: the splits of queries[x].x are tasks queries[x].y to queries[x].z - 1; block y is
// a head.
extern "C" __global__ void cached_attention_join(
    element *output, const float *parts, const int4 *queries, int queryHeads)
{
    int4 query = queries[blockIdx.x];
    int head = blockIdx.y;
    long long stride = (long long)queryHeads * (2 + HEAD_DIM);
    const float *part = parts + query.y * stride + (long long)head * (2 + HEAD_DIM);
    int count = query.z - query.y;
    float most = NEGATIVE_INFINITY, total = 0;
    for (int s = 0; s < count; s++)
    {
        most = fmaxf(most, part[s * stride]);
    }

    for (int s = 0; s < count; s++)
    {
        total += expf(part[s * stride] - most) * part[s * stride + 1];
    }

    for (int d = threadIdx.x; d < HEAD_DIM; d += blockDim.x)
    {
        float sum = 0;
        for (int s = 0; s < count; s++)
        {
            sum += expf(part[s * stride] - most) * part[s * stride + 2 + d];
        }

        from_float(output[((long long)query.x * queryHeads + head) * HEAD_DIM + d], sum / total);
    }
}
