#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"
#include "halves.cuh"
#include "blocks.cuh"
#include "normed.cuh"
#include "gate.cuh"
#include "block_ring.cuh"

// Products of few rows in bf16 with weights in blocks, output = input * weight^T: every block is read once, at the memory's speed. One row
// that may be summed in an order of its own takes block_vector.cu.
//   ROW_TILES    tiles of 8 rows of the input that a block takes
//   SCALES_LAST  codes are multiplied as they are, what they are raised by is taken off by another product with the input, and sums take
//                scales in fp32: the least to do for few rows; otherwise codes become the weights, rounded to bf16, which rows share
// The order of a row's sums depends on the columns and the number of warps that share them alone.

#define ROWS (8 * ROW_TILES)
#define TILE_SUMS (ROW_TILES * 128)

// Whether a chunk's input is asked for before its weights are waited for: as long as it is one row for each lane.
#define EARLY (!NORMED && ROW_TILES == 1)

// Whether products of a slab begin with minus what its codes are raised by times the input's sums.
#define OFFSET (SCALES_LAST && RAISED > 0)
#define NESTED (SCALES_LAST && SUPER)

// The sums of a chunk: of a super block in terms of its own scales, where these come last, and of the input for its minima.
struct chunk_sums
{
    float codes[ROW_TILES][4], minima[ROW_TILES][4];
};

// Adds the products of a slab of a tile. `inRun` is the slab's place in its run; `offsets` are minus what its codes are raised by times
// the sums of the input, of either half of the slab, or of the whole.
__device__ __forceinline__ void multiply_slab(
    float (&sums)[ROW_TILES][4], chunk_sums &nested, const run_codes (&codes)[2], const row_scales (&scales)[2], int slab, int inRun,
    const unit (&input)[ROW_TILES], const float (&offsets)[ROW_TILES][2][4])
{
    word pairs[2][4];
    float first[2], second[2], minima[2];
#pragma unroll
    for (int h = 0; h < 2; h++)
    {
        pairs_of(pairs[h], codes[h], inRun);
        first[h] = NESTED ? scales[h].part_scale_of(slab, 0) : scales[h].scale_of(slab, 0);
        second[h] = !HALVES ? first[h] : NESTED ? scales[h].part_scale_of(slab, 1) : scales[h].scale_of(slab, 1);
        if (MINIMUM)
        {
            minima[h] = NESTED ? scales[h].part_minimum_of(slab) : scales[h].minimum_of(slab);
        }

        if (SCALES_LAST)
        {
            continue;
        }

#pragma unroll
        for (int p = 0; p < 4; p++)
        {
            float scale = p < 2 ? first[h] : second[h], offset = (MINIMUM ? minima[h] : 0) - RAISED * scale;
            pairs[h][p] = pair(lower_half(pairs[h][p]) * scale + offset, upper_half(pairs[h][p]) * scale + offset);
        }
    }

    word left[4] = {pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1]};
    word right[4] = {pairs[0][2], pairs[1][2], pairs[0][3], pairs[1][3]};
#pragma unroll
    for (int t = 0; t < ROW_TILES; t++)
    {
        if (!SCALES_LAST)
        {
            mma(sums[t], left, input[t].at[0], input[t].at[1]);
            mma(sums[t], right, input[t].at[2], input[t].at[3]);
            continue;
        }

        float part[4], rest[4];
        if (OFFSET)
        {
            product(part, left, input[t].at[0], input[t].at[1], offsets[t][0]);
        }
        else
        {
            product(part, left, input[t].at[0], input[t].at[1]);
        }

        if (HALVES)
        {
            product(rest, right, input[t].at[2], input[t].at[3], offsets[t][1]);
        }
        else
        {
            mma(part, right, input[t].at[2], input[t].at[3]);
        }

#pragma unroll
        for (int i = 0; i < 4; i++)
        {
            float &sum = NESTED ? nested.codes[t][i] : sums[t][i];
            sum += part[i] * first[i / 2];
            if (HALVES)
            {
                sum += rest[i] * second[i / 2];
            }

            if (MINIMUM)
            {
                float &minimum = NESTED ? nested.minima[t][i] : sums[t][i];
                minimum += offsets[t][0][i] * (NESTED ? minima[i / 2] : minima[i / 2] * (-1.0f / RAISED));
            }
        }
    }
}

// Bias and `added`, of the output's place and stride and perhaps the output itself, may be null. Block x takes rows of the weight, block
// y rows of the input. `second` is null without a gate.
extern "C" __global__ void __launch_bounds__(THREADS) block_product(
    other *output, const bf16 *input, const byte *weight, const byte *second, const bf16 *bias, const other *added, const bf16 *norm,
    float epsilon, int rows, int outer, int inner, int outputStride)
{
    extern __shared__ uint4 shared[];
    __shared__ float squares[MOST_WARPS][8];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, innerWarps = blockDim.x / 32, place = threadIdx.y * innerWarps + warp;
    int tile = (blockIdx.x * blockDim.y + threadIdx.y) * OUTPUT_TILES, firstRow = blockIdx.y * ROWS;
    record_ring ring;
    ring.begin(shared, place, weight, second, tile, (outer + TILE - 1) / TILE, (inner + CHUNK - 1) / CHUNK);
    wait_for_launches();
    input += (long long)firstRow * inner;
    int lastRow = min(rows - firstRow, ROWS) - 1, stride = NORMED ? inner + ROW_PADDING : inner;
    const bf16 *matrix = NORMED ? norm_rows(shared, squares, input, norm, lastRow + 1, inner) : input;

    // Row l/4 of a tile of the input, from the lane's columns of a slab on. Rows beyond the input are its last one, whose products nobody
    // reads, and slabs beyond it are its last one, whose scales are zero.
    const bf16 *rowsOf[ROW_TILES];
#pragma unroll
    for (int t = 0; t < ROW_TILES; t++)
    {
        rowsOf[t] = matrix + (long long)min(t * 8 + lane / 4, lastRow) * stride + column(lane % 4, 0, 0);
    }

    auto load_input = [&](int t, int first, int slab) -> unit
    {
        const bf16 *from = rowsOf[t] + first + (SUPER ? slab * SLAB : min(slab * SLAB, inner - SLAB - first));
        if (HALVES)
        {
            uint2 low = *reinterpret_cast<const uint2 *>(from), high = *reinterpret_cast<const uint2 *>(from + 16);
            return {low.x, low.y, high.x, high.y};
        }

        return *reinterpret_cast<const unit *>(from);
    };

    const word raised[4] = {MINUS_RAISED_PAIR, MINUS_RAISED_PAIR, MINUS_RAISED_PAIR, MINUS_RAISED_PAIR};
    float sums[OUTER_TILES][ROW_TILES][4] = {};
    for (int i = 0, stage = 0; i < ring.count; i++, stage = stage + 1 == STAGES ? 0 : stage + 1)
    {
        int first = (i * innerWarps + warp) * CHUNK;
        unit early[EARLY ? CHUNK / SLAB : 1];
        if (EARLY)
        {
#pragma unroll
            for (int slab = 0; slab < CHUNK / SLAB; slab++)
            {
                early[slab] = load_input(0, first, slab);
            }
        }

        const byte *chunk = ring.wait(stage);
        chunk_sums nested[OUTER_TILES] = {};
        row_scales scales[OUTER_TILES][2];
#pragma unroll
        for (int m = 0; m < OUTER_TILES * 2; m++)
        {
            scales[m / 2][m % 2].load(chunk + m / 2 * RECORD, m % 2 * 8 + lane / 4);
        }

#pragma unroll
        for (int run = 0; run < RUNS; run++)
        {
            run_codes codes[OUTER_TILES][2];
#pragma unroll
            for (int m = 0; m < OUTER_TILES * 2; m++)
            {
                codes[m / 2][m % 2].load(chunk + m / 2 * RECORD, run, m % 2, lane);
            }

#pragma unroll
            for (int s = 0; s < RUN_SLABS; s++)
            {
                int slab = run * RUN_SLABS + s;
                unit x[ROW_TILES];
                float offsets[ROW_TILES][2][4];
#pragma unroll
                for (int t = 0; t < ROW_TILES; t++)
                {
                    x[t] = EARLY ? early[slab] : load_input(t, first, slab);
                    if (OFFSET)
                    {
                        product(offsets[t][0], raised, x[t].at[0], x[t].at[1]);
                        if (HALVES)
                        {
                            product(offsets[t][1], raised, x[t].at[2], x[t].at[3]);
                        }
                        else
                        {
                            mma(offsets[t][0], raised, x[t].at[2], x[t].at[3]);
                        }
                    }
                }

#pragma unroll
                for (int m = 0; m < OUTER_TILES; m++)
                {
                    multiply_slab(sums[m], nested[m], codes[m], scales[m], slab, s, x, offsets);
                }
            }
        }

        if (NESTED)
        {
#pragma unroll
            for (int m = 0; m < OUTER_TILES; m++)
            {
#pragma unroll
                for (int j = 0; j < ROW_TILES * 4; j++)
                {
                    const row_scales &of = scales[m][j % 4 / 2];
                    float &sum = sums[m][j / 4][j % 4];
                    sum += nested[m].codes[j / 4][j % 4] * of.scale;
                    if (MINIMUM)
                    {
                        sum += nested[m].minima[j / 4][j % 4] * (of.minimum * (1.0f / RAISED));
                    }
                }
            }
        }

        __syncwarp();
        ring.ask(i + STAGES, stage);
    }

    // The ring has been read, and takes the warps' sums: [outer warps, inner warps, OUTER_TILES, ROW_TILES, 4, 32].
    wait_copies<0>();
    __syncthreads();
    float *shares = reinterpret_cast<float *>(shared);
#pragma unroll
    for (int m = 0; m < OUTER_TILES; m++)
    {
#pragma unroll
        for (int i = 0; i < ROW_TILES * 4; i++)
        {
            shares[(place * OUTER_TILES + m) * TILE_SUMS + i * 32 + lane] = sums[m][i / 4][i % 4];
        }
    }

    __syncthreads();
    const int warpSums = OUTER_TILES * TILE_SUMS;
    shares += threadIdx.y * innerWarps * warpSums;
    for (int o = threadIdx.x; o < OUTPUT_TILES * TILE * ROWS; o += blockDim.x)
    {
        int n = o % TILE, m = o / TILE % OUTPUT_TILES, r = o / (TILE * OUTPUT_TILES), row = firstRow + r;
        int at = (tile + m) * TILE + n;
        if (row >= rows || at >= outer)
        {
            continue;
        }

        int share = (r / 8 * 4 + n / 8 * 2 + r % 2) * 32 + n % 8 * 4 + r % 8 / 2;
        float factor = NORMED ? norm_factor(squares, r, inner, epsilon) : 1;
        float up = GATED ? __fmul_rn(joined(shares, warpSums, TILE_SUMS + share), factor) : 0;
        float value = completed(__fmul_rn(joined(shares, warpSums, m * TILE_SUMS + share), factor), up, bias, at, outer);
        long long to = (long long)row * outputStride + at;
        from_float(output[to], added ? value + to_float(added[to]) : value);
    }
}
