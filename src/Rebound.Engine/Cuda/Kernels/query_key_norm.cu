#include "common.cuh"
#include "heads.cuh"

// RMSNorm of every query and key head, value heads copied: a warp a head.
extern "C" __global__ void query_key_norm_forward(
    element *output, float *reciprocalRms, const element *input, const element *queryWeight, const element *keyWeight,
    long long heads, int queryHeads, int keyValueHeads, float epsilon)
{
    long long index = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (index >= heads)
    {
        return;
    }

    int fused = queryHeads + 2 * keyValueHeads, normed = queryHeads + keyValueHeads;
    long long token = index / fused;
    int head = (int)(index % fused);
    float x[DIM_LANES];
    load_lane(x, input + index * HEAD_DIM);
    if (head < normed)
    {
        float w[DIM_LANES];
        load_lane(w, head < queryHeads ? queryWeight : keyWeight);
        float squares = 0;
#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            squares += x[i] * x[i];
        }

        float r = 1.0f / sqrtf(warp_sum(squares) / HEAD_DIM + epsilon);
        if (threadIdx.x % 32 == 0)
        {
            reciprocalRms[token * normed + head] = r;
        }

#pragma unroll
        for (int i = 0; i < DIM_LANES; i++)
        {
            x[i] *= r * w[i];
        }
    }

    store_lane(output + index * HEAD_DIM, x);
}

// Backward, with RMSNorm's formulas for every head. A warp takes every n-th token, all its heads, and writes its sums of
// weight gradients to dWeightParts[warp]: [2, HEAD_DIM], the query's and the key's.
extern "C" __global__ void query_key_norm_backward(
    element *dInput, float *dWeightParts, const element *dOutput, const element *input, const element *queryWeight,
    const element *keyWeight, const float *reciprocalRms, int tokens, int queryHeads, int keyValueHeads)
{
    int warp = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    int warps = gridDim.x * (blockDim.x / 32);
    int fused = queryHeads + 2 * keyValueHeads, normed = queryHeads + keyValueHeads;
    float weights[2][DIM_LANES], dWeights[2][DIM_LANES] = {};
    load_lane(weights[0], queryWeight);
    load_lane(weights[1], keyWeight);
    for (int token = warp; token < tokens; token += warps)
    {
        long long first = (long long)token * fused * HEAD_DIM;
#pragma unroll
        for (int kind = 0; kind < 2; kind++)
        {
            int end = kind == 0 ? queryHeads : normed;
#pragma unroll 4
            for (int head = kind == 0 ? 0 : queryHeads; head < end; head++)
            {
                float x[DIM_LANES], dy[DIM_LANES];
                load_lane(x, input + first + head * HEAD_DIM);
                load_lane(dy, dOutput + first + head * HEAD_DIM);
                float r = reciprocalRms[(long long)token * normed + head];
                float sum = 0;
#pragma unroll
                for (int i = 0; i < DIM_LANES; i++)
                {
                    sum += x[i] * dy[i] * weights[kind][i];
                }

                float scale = r * r * r / HEAD_DIM * warp_sum(sum);
#pragma unroll
                for (int i = 0; i < DIM_LANES; i++)
                {
                    dWeights[kind][i] += dy[i] * x[i] * r;
                    dy[i] = r * weights[kind][i] * dy[i] - x[i] * scale;
                }

                store_lane(dInput + first + head * HEAD_DIM, dy);
            }
        }

        for (int head = normed; head < fused && dInput != dOutput; head++)
        {
            float dy[DIM_LANES];
            load_lane(dy, dOutput + first + head * HEAD_DIM);
            store_lane(dInput + first + head * HEAD_DIM, dy);
        }
    }

    float *part = dWeightParts + (long long)warp * 2 * HEAD_DIM;
#pragma unroll
    for (int i = 0; i < DIM_LANES; i++)
    {
        int d = threadIdx.x % 32 * DIM_LANES + i;
        if (d < HEAD_DIM)
        {
            part[d] = dWeights[0][i];
            part[HEAD_DIM + d] = dWeights[1][i];
        }
    }
}
