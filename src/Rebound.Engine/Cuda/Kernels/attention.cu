#include "common.cuh"

// Attention over packed documents for any element type and any head dimension: the way of fp32 and
// of head dimensions without a tensor core kernel, and what those kernels are compared with. A warp is one query or one
// key of one head; lane l holds the elements l, l + 32, l + 64, ... of its vectors.

#define DIM_LANES ((HEAD_DIM + 31) / 32)

struct vector
{
    float at[DIM_LANES];

    __device__ __forceinline__ void load(const element *from)
    {
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            int d = threadIdx.x % 32 + 32 * i;
            at[i] = d < HEAD_DIM ? to_float(from[d]) : 0;
        }
    }

    __device__ __forceinline__ void store(element *to, float factor) const
    {
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            int d = threadIdx.x % 32 + 32 * i;
            if (d < HEAD_DIM)
            {
                from_float(to[d], at[i] * factor);
            }
        }
    }

    __device__ __forceinline__ float dot(const vector &b) const
    {
        float sum = 0;
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            sum += at[i] * b.at[i];
        }

        return warp_sum(sum);
    }

    __device__ __forceinline__ void add(const vector &b, float factor, float keep)
    {
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            at[i] = at[i] * keep + b.at[i] * factor;
        }
    }
};

// starts[t]: the row of the first token of t's document; ends[t]: the row after its last.
extern "C" __global__ void attention_forward(
    element *output, float *logSumExp, const element *fused, const int *starts, int tokens, int queryHeads,
    int keyValueHeads, float scale, int window)
{
    long long index = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (index >= (long long)tokens * queryHeads)
    {
        return;
    }

    int t = (int)(index / queryHeads), head = (int)(index % queryHeads);
    int keyHead = queryHeads + head / (queryHeads / keyValueHeads);
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    vector query, sum = {};
    query.load(fused + t * stride + (long long)head * HEAD_DIM);
    float largest = NEGATIVE_INFINITY, total = 0;
    int first = window > 0 ? max(starts[t], t - window + 1) : starts[t];
    for (int k = first; k <= t; k++)
    {
        const element *key = fused + k * stride + (long long)keyHead * HEAD_DIM;
        vector v;
        v.load(key);
        float score = query.dot(v) * scale;
        float most = fmaxf(largest, score);
        float keep = expf(largest - most), p = expf(score - most);
        v.load(key + (long long)keyValueHeads * HEAD_DIM);
        sum.add(v, p, keep);
        total = total * keep + p;
        largest = most;
    }

    sum.store(output + index * HEAD_DIM, 1.0f / total);
    if (threadIdx.x % 32 == 0)
    {
        logSumExp[index] = largest + logf(total);
    }
}

// ds = p * (dp - delta) with delta = sum(do * o); dq = scale * sum over keys of ds * k.
extern "C" __global__ void attention_backward_queries(
    element *dFused, float *delta, const element *dOutput, const element *output, const float *logSumExp,
    const element *fused, const int *starts, int tokens, int queryHeads, int keyValueHeads, float scale,
    int window)
{
    long long index = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (index >= (long long)tokens * queryHeads)
    {
        return;
    }

    int t = (int)(index / queryHeads), head = (int)(index % queryHeads);
    int keyHead = queryHeads + head / (queryHeads / keyValueHeads);
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    vector query, dOut, other, dQuery = {};
    query.load(fused + t * stride + (long long)head * HEAD_DIM);
    dOut.load(dOutput + index * HEAD_DIM);
    other.load(output + index * HEAD_DIM);
    float mean = dOut.dot(other), lse = logSumExp[index];
    if (threadIdx.x % 32 == 0)
    {
        delta[index] = mean;
    }

    int first = window > 0 ? max(starts[t], t - window + 1) : starts[t];
    for (int k = first; k <= t; k++)
    {
        const element *key = fused + k * stride + (long long)keyHead * HEAD_DIM;
        vector value;
        other.load(key);
        value.load(key + (long long)keyValueHeads * HEAD_DIM);
        float p = expf(query.dot(other) * scale - lse);
        dQuery.add(other, p * (dOut.dot(value) - mean), 1);
    }

    dQuery.store(dFused + t * stride + (long long)head * HEAD_DIM, scale);
}

// dk = scale * sum over queries of ds * q,  dv = sum over queries of p * do, over all heads of the group.
extern "C" __global__ void attention_backward_keys(
    element *dFused, const float *delta, const element *dOutput, const float *logSumExp, const element *fused,
    const int *ends, int tokens, int queryHeads, int keyValueHeads, float scale, int window)
{
    long long index = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (index >= (long long)tokens * keyValueHeads)
    {
        return;
    }

    int t = (int)(index / keyValueHeads), keyHead = (int)(index % keyValueHeads), group = queryHeads / keyValueHeads;
    long long stride = (long long)(queryHeads + 2 * keyValueHeads) * HEAD_DIM;
    long long at = t * stride + (long long)(queryHeads + keyHead) * HEAD_DIM;
    vector key, value, dKey = {}, dValue = {};
    key.load(fused + at);
    value.load(fused + at + (long long)keyValueHeads * HEAD_DIM);
    int end = window > 0 ? min(ends[t], t + window) : ends[t];
    for (int head = keyHead * group; head < (keyHead + 1) * group; head++)
    {
        for (int q = t; q < end; q++)
        {
            long long row = (long long)q * queryHeads + head;
            vector query, dOut;
            query.load(fused + q * stride + (long long)head * HEAD_DIM);
            dOut.load(dOutput + row * HEAD_DIM);
            float p = expf(query.dot(key) * scale - logSumExp[row]);
            dValue.add(dOut, p, 1);
            dKey.add(query, p * (dOut.dot(value) - delta[row]), 1);
        }
    }

    dKey.store(dFused + at, scale);
    dValue.store(dFused + at + (long long)keyValueHeads * HEAD_DIM, 1);
}
