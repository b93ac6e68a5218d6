#include "common.cuh"

// into[c] += the sum over p of parts[p * stride + c]. A block is 32 columns by 16 threads that each take every 16th part.
// `other` is into's type.
extern "C" __global__ void add_parts(other *into, const float *parts, int count, int stride, int width)
{
    __shared__ float sums[16][33];
    int column = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    if (column < width)
    {
#pragma unroll 8
        for (int p = threadIdx.y; p < count; p += 16)
        {
            sum += parts[(long long)p * stride + column];
        }
    }

    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && column < width)
    {
        float total = 0;
        for (int y = 0; y < 16; y++)
        {
            total += sums[y][threadIdx.x];
        }

        from_float(into[column], to_float(into[column]) + total);
    }
}

// parts[y][c] = the sum of column c over the y-th of gridDim.y runs of rows. A block is 32 columns by 16 rows at a time.
extern "C" __global__ void column_sums(float *parts, const element *input, int rows, int width)
{
    __shared__ float sums[16][33];
    int column = blockIdx.x * 32 + threadIdx.x;
    int each = (rows + gridDim.y - 1) / gridDim.y;
    int first = blockIdx.y * each;
    int last = min(rows, first + each);
    float sum = 0;
    if (column < width)
    {
        for (int row = first + threadIdx.y; row < last; row += 16)
        {
            sum += to_float(input[(long long)row * width + column]);
        }
    }

    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && column < width)
    {
        float total = 0;
        for (int y = 0; y < 16; y++)
        {
            total += sums[y][threadIdx.x];
        }

        parts[(long long)blockIdx.y * width + column] = total;
    }
}

// parts[blockIdx.x] = the sum of squares of every gridDim.x-th stretch of elements, in fp64.
extern "C" __global__ void square_sums(double *parts, const element *values, long long count)
{
    __shared__ double shared[32];
    double sum = 0;
    long long stride = (long long)gridDim.x * blockDim.x * LANES;
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * LANES; i < count; i += stride)
    {
        float x[LANES];
        load(x, values + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            sum += (double)x[lane] * x[lane];
        }
    }

    sum = block_sum(sum, shared);
    if (threadIdx.x == 0)
    {
        parts[blockIdx.x] = sum;
    }
}

// result = the sum of all parts, by one block.
extern "C" __global__ void total(double *result, const double *parts, int count)
{
    __shared__ double shared[32];
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x)
    {
        sum += parts[i];
    }

    sum = block_sum(sum, shared);
    if (threadIdx.x == 0)
    {
        *result = sum;
    }
}
