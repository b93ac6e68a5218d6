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

// Rows of up to 32 * CHUNKS * LANES elements: a warp a row, which it keeps in registers.
#define CHUNKS 4
#define WARPS 4

// rms_norm_forward for such rows.
extern "C" __global__ void __launch_bounds__(32 * WARPS) rms_norm_forward_narrow(
    element *output, float *reciprocalRms, const element *input, const element *weight, int rows, int width, float epsilon)
{
    int row = blockIdx.x * WARPS + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= rows)
    {
        return;
    }

    input += (long long)row * width;
    output += (long long)row * width;
    float x[CHUNKS][LANES], squares = 0;
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        int c = (chunk * 32 + lane) * LANES;
        if (c < width)
        {
            load(x[chunk], input + c);
#pragma unroll
            for (int i = 0; i < LANES; i++)
            {
                squares += x[chunk][i] * x[chunk][i];
            }
        }
    }

    float r = 1.0f / sqrtf(warp_sum(squares) / width + epsilon);
    if (lane == 0)
    {
        reciprocalRms[row] = r;
    }

#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        int c = (chunk * 32 + lane) * LANES;
        if (c < width)
        {
            float w[LANES];
            load(w, weight + c);
#pragma unroll
            for (int i = 0; i < LANES; i++)
            {
                x[chunk][i] *= r * w[i];
            }

            store(output + c, x[chunk]);
        }
    }
}

// rms_norm_backward for such rows: a block's warps take rows in turns, each sums dw in registers, and at the end the block
// adds them up in the order of its warps.
extern "C" __global__ void __launch_bounds__(32 * WARPS, 4) rms_norm_backward_narrow(
    element *dInput, float *dWeightParts, const element *dOutput, const element *input, const element *weight,
    const float *reciprocalRms, int rows, int width)
{
    extern __shared__ float dWeight[];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float w[CHUNKS][LANES], sums[CHUNKS][LANES] = {};
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++)
    {
        int c = (chunk * 32 + lane) * LANES;
        if (c < width)
        {
            load(w[chunk], weight + c);
        }
    }

    for (int row = blockIdx.x * WARPS + warp; row < rows; row += gridDim.x * WARPS)
    {
        long long start = (long long)row * width;
        pack<element> a[CHUNKS], b[CHUNKS], d[CHUNKS];
        float r = reciprocalRms[row], sum = 0;
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            int c = (chunk * 32 + lane) * LANES;
            if (c < width)
            {
                a[chunk] = *reinterpret_cast<const pack<element> *>(input + start + c);
                b[chunk] = *reinterpret_cast<const pack<element> *>(dOutput + start + c);
                d[chunk] = *reinterpret_cast<const pack<element> *>(dInput + start + c);
            }
        }

#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            if ((chunk * 32 + lane) * LANES < width)
            {
#pragma unroll
                for (int i = 0; i < LANES; i++)
                {
                    sum += to_float(a[chunk].value[i]) * to_float(b[chunk].value[i]) * w[chunk][i];
                }
            }
        }

        float scale = r * r * r / width * warp_sum(sum);
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            int c = (chunk * 32 + lane) * LANES;
            if (c < width)
            {
#pragma unroll
                for (int i = 0; i < LANES; i++)
                {
                    float x = to_float(a[chunk].value[i]), dy = to_float(b[chunk].value[i]);
                    from_float(d[chunk].value[i], to_float(d[chunk].value[i]) + r * w[chunk][i] * dy - x * scale);
                    sums[chunk][i] += dy * x * r;
                }

                *reinterpret_cast<pack<element> *>(dInput + start + c) = d[chunk];
            }
        }
    }

    if (dWeightParts)
    {
#pragma unroll
        for (int chunk = 0; chunk < CHUNKS; chunk++)
        {
            int c = (chunk * 32 + lane) * LANES;
            if (c < width)
            {
#pragma unroll
                for (int i = 0; i < LANES; i++)
                {
                    dWeight[warp * width + c + i] = sums[chunk][i];
                }
            }
        }

        __syncthreads();
        for (int c = threadIdx.x; c < width; c += blockDim.x)
        {
            float sum = 0;
            for (int other = 0; other < WARPS; other++)
            {
                sum += dWeight[other * width + c];
            }

            dWeightParts[(long long)blockIdx.x * width + c] = sum;
        }
    }
}
