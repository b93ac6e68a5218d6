#include "common.cuh"

// Products whose rows are summed in the same order in any batch, for all that skinny_product does not take: a warp takes a row of the
// weight and ROWS rows of the input. Output and `added`, which may be the output itself, are of the other type; bias and `added` may be
// null.
#define ROWS 8

extern "C" __global__ void plain_product(
    other *output, const element *input, const element *weight, const element *bias, const other *added, int rows, int outer, int inner,
    int outputStride, int inputStride)
{
    int lane = threadIdx.x % 32, column = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, first = blockIdx.y * ROWS;
    if (column >= outer)
    {
        return;
    }

    input += (long long)first * inputStride;
    weight += (long long)column * inner;
    float sums[ROWS] = {};
    for (int k = lane; k < inner; k += 32)
    {
        float w = to_float(weight[k]);
#pragma unroll
        for (int r = 0; r < ROWS; r++)
        {
            if (first + r < rows)
            {
                sums[r] += w * to_float(input[(long long)r * inputStride + k]);
            }
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; r++)
    {
        float sum = warp_sum(sums[r]);
        if (lane == 0 && first + r < rows)
        {
            long long to = (long long)(first + r) * outputStride + column;
            float value = sum + (bias ? to_float(bias[column]) : 0);
            from_float(output[to], added ? value + to_float(added[to]) : value);
        }
    }
}
