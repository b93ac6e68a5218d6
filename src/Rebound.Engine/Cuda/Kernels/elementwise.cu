#include "common.cuh"

// destination += source, over `count` elements.
extern "C" __global__ void add(element *destination, const element *source, long long count)
{
    long long stride = (long long)gridDim.x * blockDim.x * LANES;
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * LANES; i < count; i += stride)
    {
        float sum[LANES], term[LANES];
        load(sum, destination + i);
        load(term, source + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            sum[lane] += term[lane];
        }

        store(destination + i, sum);
    }
}

// output[r] = input[rows[r]]: a block a row.
extern "C" __global__ void gather_rows(element *output, const element *input, const int *rows, int width)
{
    const element *from = input + (long long)rows[blockIdx.x] * width;
    element *to = output + (long long)blockIdx.x * width;
    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        *reinterpret_cast<pack<element> *>(to + c) = *reinterpret_cast<const pack<element> *>(from + c);
    }
}

// output[rows[r]] = input[r]: a block a row; the rows differ from each other.
extern "C" __global__ void scatter_rows(element *output, const element *input, const int *rows, int width)
{
    const element *from = input + (long long)blockIdx.x * width;
    element *to = output + (long long)rows[blockIdx.x] * width;
    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        *reinterpret_cast<pack<element> *>(to + c) = *reinterpret_cast<const pack<element> *>(from + c);
    }
}
