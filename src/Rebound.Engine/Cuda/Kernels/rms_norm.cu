#include "common.cuh"

// output = input * r * weight, r = 1 / sqrt(mean(input^2) + epsilon): a block a row.
extern "C" __global__ void rms_norm_forward(
    element *output, float *reciprocalRms, const element *input, const element *weight, int width, float epsilon)
{
    __shared__ float shared[32];
    input += (long long)blockIdx.x * width;
    output += (long long)blockIdx.x * width;
    float squares = 0;
    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        float x[LANES];
        load(x, input + c);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            squares += x[lane] * x[lane];
        }
    }

    float r = 1.0f / sqrtf(block_sum(squares, shared) / width + epsilon);
    if (threadIdx.x == 0)
    {
        reciprocalRms[blockIdx.x] = r;
    }

    for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
    {
        float x[LANES], w[LANES];
        load(x, input + c);
        load(w, weight + c);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            x[lane] *= r * w[lane];
        }

        store(output + c, x);
    }
}

// Of y = x * r * w:  dx += r * w * dy - x * r^3 / width * sum(dy * w * x)  and  dw = sum over rows of dy * x * r.
// A block takes every gridDim.x-th row and writes the sum of its rows' dw to dWeightParts[blockIdx.x] (null: none),
// which it keeps in shared memory, each column by the thread that owns it.
extern "C" __global__ void rms_norm_backward(
    element *dInput, float *dWeightParts, const element *dOutput, const element *input, const element *weight,
    const float *reciprocalRms, int rows, int width)
{
    __shared__ float shared[32];
    extern __shared__ float dWeight[];
    if (dWeightParts)
    {
        for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
        {
#pragma unroll
            for (int lane = 0; lane < LANES; lane++)
            {
                dWeight[c + lane] = 0;
            }
        }
    }

    for (int row = blockIdx.x; row < rows; row += gridDim.x)
    {
        const element *x = input + (long long)row * width;
        const element *dy = dOutput + (long long)row * width;
        float r = reciprocalRms[row];
        float sum = 0;
        for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
        {
            float a[LANES], b[LANES], w[LANES];
            load(a, x + c);
            load(b, dy + c);
            load(w, weight + c);
#pragma unroll
            for (int lane = 0; lane < LANES; lane++)
            {
                sum += a[lane] * b[lane] * w[lane];
            }
        }

        float scale = r * r * r / width * block_sum(sum, shared);
        element *dx = dInput + (long long)row * width;
        for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
        {
            float a[LANES], b[LANES], w[LANES], d[LANES];
            load(a, x + c);
            load(b, dy + c);
            load(w, weight + c);
            load(d, dx + c);
#pragma unroll
            for (int lane = 0; lane < LANES; lane++)
            {
                d[lane] += r * w[lane] * b[lane] - a[lane] * scale;
                if (dWeightParts)
                {
                    dWeight[c + lane] += b[lane] * a[lane] * r;
                }
            }

            store(dx + c, d);
        }
    }

    if (dWeightParts)
    {
        float *part = dWeightParts + (long long)blockIdx.x * width;
        for (int c = threadIdx.x * LANES; c < width; c += blockDim.x * LANES)
        {
#pragma unroll
            for (int lane = 0; lane < LANES; lane++)
            {
                part[c + lane] = dWeight[c + lane];
            }
        }
    }
}
