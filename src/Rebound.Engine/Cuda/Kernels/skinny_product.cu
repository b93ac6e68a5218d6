#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"
#include "halves.cuh"
#include "normed.cuh"
#include "gate.cuh"

// Products of few rows in bf16, output = input * weight^T: every weight is read once, at the memory's speed.
//   ROW_TILES    tiles of 8 rows of the input that a block takes
//   OUTER_TILES  tiles of 16 rows of the weight that a warp takes
//   INNER_WARPS  warps of a block that share the inner dimension, a slab of it in turns
//   OUTER_WARPS  warps of a block that take different rows of the weight
//   STAGES       slabs of a warp that are under way
//   NORMED       the input is to be normed: output = r * (input * norm) * weight^T, r = 1 / sqrt(mean(input^2) + epsilon)
//   GATED        the weight is gate rows and up rows, outer of each, a tile of either for a warp: output = silu(gate) * up
// The output is of the other type. The order of a row's sums depends on the inner dimension and INNER_WARPS alone.
//
// Weights are the 16-row factor of mma.m16n8k16, and a slab is two of those. Sums do not mind which elements of a slab are multiplied
// first: lane l takes those from 8 * (l % 4) on, of weight rows l/4 and l/4 + 8 and of input row l/4, and copies to shared memory
// just what it reads itself, so that no lane waits for another one.

#define SLAB 32
#define WEIGHT_UNITS (2 * OUTER_TILES)
#define UNITS (WEIGHT_UNITS + ROW_TILES + NORMED)
#define THREADS (32 * INNER_WARPS * OUTER_WARPS)
#define ROWS (8 * ROW_TILES)
#define TILE_SUMS (ROW_TILES * 128)
#define OUTPUT_TILES (GATED ? 1 : OUTER_TILES)

// The sum of all warps' shares of an element.
__device__ __forceinline__ float joined(const float *sums)
{
    float sum = 0;
#pragma unroll
    for (int w = 0; w < INNER_WARPS; w++)
    {
        sum += sums[w * OUTER_TILES * TILE_SUMS];
    }

    return sum;
}

// Bias and `added`, of the output's shape and perhaps the output itself, may be null. Block x takes rows of the weight, block y rows
// of the input.
extern "C" __global__ void __launch_bounds__(THREADS) skinny_product(
    other *output, const bf16 *input, const bf16 *weight, const bf16 *bias, const other *added, const bf16 *norm, float epsilon,
    int rows, int outer, int inner)
{
    extern __shared__ uint4 ring[];
    __shared__ float squaresOf[OUTER_WARPS][INNER_WARPS][ROWS];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, place = threadIdx.y * INNER_WARPS + warp;
    int tile = (blockIdx.x * OUTER_WARPS + threadIdx.y) * OUTPUT_TILES, firstRow = blockIdx.y * ROWS;
    int count = (inner / SLAB - warp + INNER_WARPS - 1) / INNER_WARPS;
    const unit *own = reinterpret_cast<const unit *>(ring) + place * STAGES * UNITS * 32 + lane;
    word address = shared_address(own);

    unsigned long long policy = once();
    int start = warp * SLAB + lane % 4 * 8;
    const bf16 *weights[OUTER_TILES][2];
#pragma unroll
    for (int m = 0; m < OUTER_TILES; m++)
    {
#pragma unroll
        for (int h = 0; h < 2; h++)
        {
            int row = min((tile + (GATED ? 0 : m)) * 16 + h * 8 + lane / 4, outer - 1) + (GATED ? m * outer : 0);
            weights[m][h] = weight + (long long)row * inner + start;
        }
    }

    auto copy_weights = [&](int slab, int stage)
    {
#pragma unroll
        for (int u = 0; u < WEIGHT_UNITS; u++)
        {
            copy_by(address + (stage * UNITS + u) * 512, weights[u / 2][u % 2] + slab * INNER_WARPS * SLAB, policy);
        }
    };
    auto copy_input = [&](int slab, int stage)
    {
        int k = start + slab * INNER_WARPS * SLAB;
#pragma unroll
        for (int t = 0; t < ROW_TILES; t++)
        {
            int row = firstRow + t * 8 + lane / 4;
            const bf16 *from = input + (long long)(row < rows ? row : 0) * inner + k;
            copy_common(address + (stage * UNITS + WEIGHT_UNITS + t) * 512, from, row < rows);
        }

        if (NORMED)
        {
            copy_common(address + (stage * UNITS + WEIGHT_UNITS + ROW_TILES) * 512, norm + k, true);
        }
    };

#pragma unroll
    for (int s = 0; s < STAGES; s++)
    {
        if (s < count)
        {
            copy_weights(s, s);
        }
    }

    wait_for_launches();
#pragma unroll
    for (int s = 0; s < STAGES; s++)
    {
        if (s < count)
        {
            copy_input(s, s);
        }

        commit_copies();
    }

    float sums[OUTER_TILES][ROW_TILES][4] = {}, squares[ROW_TILES] = {};
    for (int i = 0, stage = 0; i < count; i++, stage = stage + 1 == STAGES ? 0 : stage + 1)
    {
        wait_copies<STAGES - 1>();
        const unit *slab = own + stage * UNITS * 32;
        unit w[OUTER_TILES][2];
#pragma unroll
        for (int u = 0; u < WEIGHT_UNITS; u++)
        {
            w[u / 2][u % 2] = slab[u * 32];
        }

#pragma unroll
        for (int t = 0; t < ROW_TILES; t++)
        {
            unit x = slab[(WEIGHT_UNITS + t) * 32];
            if (NORMED)
            {
                x = normed(x, slab[(WEIGHT_UNITS + ROW_TILES) * 32], squares[t]);
            }

#pragma unroll
            for (int m = 0; m < OUTER_TILES; m++)
            {
                word first[4] = {w[m][0].at[0], w[m][1].at[0], w[m][0].at[1], w[m][1].at[1]};
                word second[4] = {w[m][0].at[2], w[m][1].at[2], w[m][0].at[3], w[m][1].at[3]};
                mma(sums[m][t], first, x.at[0], x.at[1]);
                mma(sums[m][t], second, x.at[2], x.at[3]);
            }
        }

        if (i + STAGES < count)
        {
            copy_weights(i + STAGES, stage);
            copy_input(i + STAGES, stage);
        }

        commit_copies();
    }

    // The ring has been read, and takes the warps' sums: [OUTER_WARPS, INNER_WARPS, OUTER_TILES, ROW_TILES, 4, 32].
    wait_copies<0>();
    __syncthreads();
    float *shares = reinterpret_cast<float *>(ring);
#pragma unroll
    for (int t = 0; t < ROW_TILES; t++)
    {
#pragma unroll
        for (int m = 0; m < OUTER_TILES; m++)
        {
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                shares[(place * OUTER_TILES + m) * TILE_SUMS + (t * 4 + i) * 32 + lane] = sums[m][t][i];
            }
        }

        if (NORMED)
        {
            float square = row_sum(squares[t]);
            if (lane % 4 == 0)
            {
                squaresOf[threadIdx.y][warp][t * 8 + lane / 4] = square;
            }
        }
    }

    __syncthreads();
    shares += threadIdx.y * INNER_WARPS * OUTER_TILES * TILE_SUMS;
    for (int o = threadIdx.x; o < OUTPUT_TILES * 16 * ROWS; o += 32 * INNER_WARPS)
    {
        int n = o % 16, m = o / 16 % OUTPUT_TILES, r = o / (16 * OUTPUT_TILES), row = firstRow + r, column = (tile + m) * 16 + n;
        if (row >= rows || column >= outer)
        {
            continue;
        }

        const float *at = shares + m * TILE_SUMS + (r / 8 * 4 + n / 8 * 2 + r % 2) * 32 + n % 8 * 4 + r % 8 / 2;
        float factor = 1;
        if (NORMED)
        {
            float square = 0;
#pragma unroll
            for (int w = 0; w < INNER_WARPS; w++)
            {
                square += squaresOf[threadIdx.y][w][r];
            }

            factor = 1.0f / sqrtf(square / inner + epsilon);
        }

        float value = __fmul_rn(joined(at), factor) + (bias ? to_float(bias[column]) : 0);
        if (GATED)
        {
            float gate = rounded(value);
            float up = rounded(__fmul_rn(joined(at + TILE_SUMS), factor) + (bias ? to_float(bias[outer + column]) : 0));
            value = gated(gate, sigmoid(gate), up);
        }

        long long to = (long long)row * outer + column;
        from_float(output[to], added ? value + to_float(added[to]) : value);
    }
}
