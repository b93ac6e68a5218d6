#include "common.cuh"

// A block a row of fp32 logits:  loss = logSumExp(logits) - logits[target]  and, with a gradient,
// dLogits = (softmax(logits) - onehot(target)) * lossScale * rowWeight  in place of the logits: as fp32, or as bf16 in the first half
// of the row's memory, so that the row stride of dLogits is 2 * vocabulary elements then.
extern "C" __global__ void cross_entropy(
    float *losses, float *logits, const int *targets, int vocabulary, float lossScale, const float *rowWeights, int gradient)
{
    __shared__ float shared[32];
    float *row = logits + (long long)blockIdx.x * vocabulary;
    int target = targets[blockIdx.x];

    // Each thread keeps the largest logit it has seen and the sum of exponentials relative to it.
    float largest = NEGATIVE_INFINITY, sum = 0;
    for (int v = threadIdx.x; v < vocabulary; v += blockDim.x)
    {
        float x = row[v];
        if (x > largest)
        {
            sum *= expf(largest - x);
            largest = x;
        }

        sum += expf(x - largest);
    }

    float all = block_max(largest, shared);
    sum = block_sum(sum * expf(largest - all), shared);
    if (threadIdx.x == 0)
    {
        losses[blockIdx.x] = logf(sum) + (all - row[target]);
    }

    if (!gradient)
    {
        return;
    }

    // The bf16 values of a chunk land in memory whose logits have been read before the barrier. The barrier also keeps
    // the target's logit until the loss has been read.
    element *dRow = reinterpret_cast<element *>(row);
    float rowScale = rowWeights == nullptr ? lossScale : lossScale * rowWeights[blockIdx.x];
    float scale = rowScale / sum;
    for (int first = 0; first < vocabulary; first += blockDim.x)
    {
        int v = first + threadIdx.x;
        float x = v < vocabulary ? row[v] : 0;
        __syncthreads();
        if (v < vocabulary)
        {
            from_float(dRow[v], expf(x - all) * scale - (v == target ? rowScale : 0.0f));
        }
    }
}
